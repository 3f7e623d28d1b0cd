"""Up, status and down of a sandbox: begin, look, and take everything away again.

`down` needs neither the supervisor nor a readable state: it goes by the marker, the processes and the directories,
and proves at the end that nothing is left. It removes what carries the sandbox's names, and nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from mainstay.core.errors import Busy, InputRefused, MainstayError, TargetRefused
from mainstay.core.progress import Progress, Silent
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import ProcessProof, proof_of, terminate
from mainstay.sandbox import lambda_code, lambda_launch
from mainstay.sandbox import state as state_file
from mainstay.sandbox.lambda_environments import POOL
from mainstay.sandbox.overview import SandboxStatus, status
from mainstay.sandbox.supervisor.launch import MODULE, ensure_running
from mainstay.sandbox.supervisor.layout import MARKER, Layout

STOP_S: Final = 30.0
LOCK_POLL_S: Final = 0.05
# What a sandbox keeps in its directory; `down` removes these names and leaves any other.
OURS: Final = (
    "ca.pem", "authority", "data", "objects", "journal", lambda_code.FOLDER, f".{MARKER}.partial",
    "supervisor.lock", "supervisor.json", ".supervisor.json.partial", "supervisor.log",
    state_file.FILE, f"{state_file.FILE}-wal", f"{state_file.FILE}-shm", MARKER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inventory:
    """What `down` found and what is left: processes stopped (`pid what`), paths removed, strangers' files kept.

    Nothing of the sandbox is left when `down` returns; it raises otherwise.
    """

    stopped: tuple[str, ...]
    removed: tuple[Path, ...]
    kept: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """The inventory as JSON members."""
        return {name: [str(each) for each in items] for name, items in asdict(self).items()}


def up(directory: Path, progress: Progress | None = None) -> SandboxStatus:
    """Make a sandbox in `directory` and start its supervisor, or find both; what the sandbox runs.

    Error: EnvironmentLacking when the supervisor does not get ready.
    """
    listener = progress or Silent()
    listener.step(1, 1, f"start the sandbox in {directory}")
    proof = ensure_running(directory)
    listener.note(f"supervisor is process {proof.pid}")
    return status(directory)


def down(directory: Path, progress: Progress | None = None) -> Inventory:
    """Stop every process of a sandbox, remove its state and data, and prove that nothing is left.

    1. see that the directory is a sandbox  2. stop the supervisor  3. stop functions and servers  4. remove  5. prove

    Errors: InputRefused when the directory is no sandbox, TargetRefused when something is left.
    """
    listener = progress or Silent()
    if not directory.exists():
        return Inventory((), (), ())
    listener.step(1, 5, "see that the directory is a sandbox")
    layout = _find(directory)
    listener.step(2, 5, "stop the supervisor")
    stopped = _stop_supervisors(layout)
    with _locked(layout):
        listener.step(3, 5, "stop the functions and the servers")
        stopped += _stop_functions(layout)
        stopped += _stop_servers(layout)
        listener.step(4, 5, "remove state and data")
        removed = _remove(layout, listener)
    listener.step(5, 5, "prove that nothing is left")
    kept = tuple(sorted(layout.directory.iterdir())) if layout.directory.exists() else ()
    _prove(layout)
    listener.note(f"stopped {len(stopped)} processes, removed {len(removed)} paths")
    return Inventory(tuple(stopped), tuple(removed), kept)


def _find(directory: Path) -> Layout:
    try:
        return Layout.load(directory)
    except InputRefused:
        # Calls were answered, but no supervisor was ever started: there is a state and nothing else.
        if (directory / state_file.FILE).is_file() and all(each.name in OURS for each in directory.iterdir()):
            return Layout(directory.resolve(), directory.resolve() / "data")
        raise


def supervisors(layout: Layout) -> list[ProcessProof]:
    """Every supervisor process of this sandbox, whether its record knows it or not."""
    return _running(layout, MODULE)


def _running(layout: Layout, module: str) -> list[ProcessProof]:
    """The processes that run a module of ours for this sandbox, which is their last argument."""
    found = []
    for process in psutil.process_iter():
        try:
            argv = process.cmdline()
        except psutil.Error:
            continue
        if module in argv and argv[-1] == str(layout.directory):
            proof = proof_of(process.pid, argv[-1])
            found += [proof] if proof is not None else []
    return found


def _stop_supervisors(layout: Layout) -> list[str]:
    stopped = []
    for proof in supervisors(layout):
        terminate(proof, "polite")
        stopped.append(f"{proof.pid} supervisor")
    return stopped


def _stop_functions(layout: Layout) -> list[str]:
    """End the functions of whoever still runs: an idle one stays until its caller ends, or a while."""
    POOL.close(layout.directory)
    stopped = []
    for proof in _running(layout, lambda_launch.MODULE):
        terminate(proof, "polite")
        stopped.append(f"{proof.pid} function")
    return stopped


@contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    """Hold the supervisor's lock, so that no command starts another one meanwhile."""
    lock = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + STOP_S
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Busy(
                        "sandbox is in use",
                        detail=f"Somebody holds {layout.lock} for more than {STOP_S:g} s.",
                        hint="wait until the other command has ended, and run it again",
                    ) from None
                _stop_supervisors(layout)
                time.sleep(LOCK_POLL_S)
        yield
    finally:
        os.close(lock)


def _stop_servers(layout: Layout) -> list[str]:
    stopped: list[str] = []
    deadline = time.monotonic() + STOP_S
    # Again until none is found: a server that was starting may have come between.
    while proofs := find_by_directory(layout.data, engine_identity()):
        if time.monotonic() >= deadline:
            break
        with ThreadPoolExecutor(8) as pool:
            for proof, how in zip(proofs, pool.map(_end, proofs), strict=True):
                stopped.append(f"{proof.pid} {proof.marker} ({how})")
    return stopped


def _end(proof: ProcessProof) -> str:
    try:
        return terminate(proof, "immediate")
    except MainstayError as error:
        return error.summary  # the proof at the end says what is left


def _remove(layout: Layout, listener: Progress) -> list[Path]:
    """Remove data and directory, each marker last: a removal that is cut short is found and finished again."""
    removed = []
    if _is_our_data(layout):
        _empty(layout.data, [each.name for each in layout.data.iterdir() if each.name != MARKER], listener)
        _empty(layout.data, [MARKER], listener)
        layout.data.rmdir()
        removed.append(layout.data)
    removed += _empty(layout.directory, OURS, listener)
    if not any(layout.directory.iterdir()):
        layout.directory.rmdir()
        removed.append(layout.directory)
    return removed


def _empty(directory: Path, names: Iterable[str], listener: Progress) -> list[Path]:
    """Remove these names in a directory; those that were there."""
    removed = []
    for path in (directory / name for name in names):
        listener.tick(f"remove {path}")
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            continue
        removed.append(path)
    return removed


def _is_our_data(layout: Layout) -> bool:
    """Whether the data directory carries this sandbox's marker, or nothing at all; a foreign one is never removed."""
    if not layout.data.is_dir() or layout.data.is_symlink():
        return False
    if layout.data == layout.directory / "data" or not any(layout.data.iterdir()):
        return True
    try:
        return bool(json.loads((layout.data / MARKER).read_text())["sandbox"] == str(layout.directory))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _prove(layout: Layout) -> None:
    ours = [*supervisors(layout), *_running(layout, lambda_launch.MODULE)]
    processes = [*ours, *find_by_directory(layout.data, engine_identity())]
    paths = [path for path in (layout.data, *(layout.directory / name for name in OURS)) if path.exists()]
    if not processes and not paths:
        return
    left = [f"process {proof.pid}: {proof.marker}" for proof in processes] + [f"path {path}" for path in paths]
    raise TargetRefused(
        "sandbox is not gone",
        detail="\n".join(left),
        hint="end these processes and remove these paths, then run it again",
    )
