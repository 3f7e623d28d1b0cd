"""One supervisor a sandbox: started on demand, detached, proven by its process, and never twice.

The lock is the operating system's (flock): it goes with the process, however that ends. `supervisor.json` holds
the process's proof and whether it is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final

import mainstay
from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import ProcessProof, is_alive_and_ours, proof_of, spawn_detached, terminate
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.layout import Layout, _write
from mainstay.sandbox.supervisor.loop import Loop
from mainstay.sandbox.supervisor.vigil import patience_s

MODULE: Final = "mainstay.sandbox.supervisor"
READY_S: Final = 20.0
POLL_S: Final = 0.01
# What the servers' programs depend on, and whether coverage is measured; the rest of the environment is left behind.
PASSED_ON: Final = (
    "MAINSTAY_POSTGRES_BIN",
    "MAINSTAY_MARIADB_BIN",
    "MAINSTAY_MYSQL_BIN",
    "MAINSTAY_SANDBOX_MYSQL",
    "MAINSTAY_PGBOUNCER_BIN",
    "MAINSTAY_ENGINE_USER",
    "MAINSTAY_SANDBOX_PATIENCE_S",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)


def ensure_running(directory: Path) -> ProcessProof:
    """The sandbox's supervisor, started when none runs, and ready to take work.

    Errors: EnvironmentLacking, with the end of its log, when it is not ready in time; InputRefused for a patience that
    is none.
    """
    with contextlib.suppress(InputRefused):  # not a sandbox yet
        proof = running(Layout.load(directory))
        if proof is not None:
            return proof
    patience_s()  # what it would stop at is refused here, where somebody reads it
    layout = Layout.create(directory, engine_identity())
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = str(Path(mainstay.__file__).parent.parent)
    spawn_detached(
        [sys.executable, "-m", MODULE, str(layout.directory)],
        env=environment,
        log_path=layout.log,
        cwd=layout.directory,
    )
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        proof = running(layout)
        if proof is not None:
            return proof
        time.sleep(POLL_S)
    raise EnvironmentLacking(
        "supervisor is not ready",
        detail=f"No supervisor of {layout.directory} was ready within {READY_S:g} s.\n{_tail(layout.log)}",
        hint=f"read {layout.log}, correct what it names, and run the command again",
    )


def _tail(path: Path, lines: int = 6) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def running(layout: Layout) -> ProcessProof | None:
    """The proof of a supervisor that runs and is ready; None otherwise."""
    proof, is_ready = _read(layout)
    return proof if proof is not None and is_ready and is_alive_and_ours(proof) else None


def any_process(layout: Layout) -> ProcessProof | None:
    """The proof of a supervisor that runs, ready or not."""
    proof, _ = _read(layout)
    return proof if proof is not None and is_alive_and_ours(proof) else None


def _read(layout: Layout) -> tuple[ProcessProof | None, bool]:
    try:
        document = json.loads(layout.proof.read_text())
        return ProcessProof.from_json(document), bool(document.get("ready"))
    except (OSError, ValueError, InputRefused):
        return None, False


def supervise(directory: Path) -> int:
    """Be the supervisor of a sandbox until told to end; returns the exit code. Another one's "
    "presence ends it at once.
    """
    layout = Layout.load(directory)
    lock = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(threadName)s %(message)s", stream=sys.stderr
    )
    proof = proof_of(os.getpid(), str(layout.directory))
    if proof is None:
        log.error("this process does not carry %s on its command line", layout.directory)
        return 1
    _announce(layout, proof, is_ready=False)
    asyncio.run(_run(House.open(layout.directory), layout, proof))
    if not layout.proof.exists():
        _remove_data(layout)
    return 0


async def _run(house: House, layout: Layout, proof: ProcessProof) -> None:
    ready = asyncio.Event()
    main = asyncio.create_task(Loop(house).run(ready))
    waiter = asyncio.create_task(ready.wait())
    await asyncio.wait([main, waiter], return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set():
        _announce(layout, proof, is_ready=True)
        log.info("ready, process %d", proof.pid)
    waiter.cancel()
    await main
    log.info("ended")


def _announce(layout: Layout, proof: ProcessProof, *, is_ready: bool) -> None:
    _write(layout.proof, json.dumps({**proof.as_json(), "ready": is_ready}))


def _remove_data(layout: Layout) -> None:
    """The user removed the sandbox's directory: its servers have no use any more, and nobody else would stop them."""
    for server in find_by_directory(layout.data, engine_identity()):
        terminate(server, "kill")
    if (layout.data / "sandbox.json").exists():
        shutil.rmtree(layout.data, ignore_errors=True)
