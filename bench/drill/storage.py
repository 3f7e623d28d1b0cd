"""A disk that reads as fast as RDS's: the kernel's limit on what a server reads, where the system lets us set one.

Needs root and the control group of block devices, in its first form (`blkio`) or in its second (`io`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from bench.drill.place import MIB
from mainstay.core.errors import EnvironmentLacking

# MiB/s of a gp3 volume: what it has below 400 GiB, and the least from there on (Amazon RDS User Guide, "Amazon RDS DB
# instance storage", gp3; read 2026-11-20). Up to 4,000 can be bought.
RATES: Final = (125, 500)
_FIRST: Final = Path("/sys/fs/cgroup/blkio")
_SECOND: Final = Path("/sys/fs/cgroup")
Slow = Callable[[int], None]
"""Puts a process behind the limit, with what it starts from then on."""


def at_each_rate(directory: Path, measure: Callable[[str, Slow], None]) -> None:
    """Measure behind the limit of each rate, by its name; says so where none can be set."""
    for rate in RATES:
        with ExitStack() as limits:
            try:
                slow = limits.enter_context(reading_at(rate, directory))
            except EnvironmentLacking as error:
                print(f"a disk of {rate} MiB/s: {error.detail}; {error.hint}")
                continue
            measure(f"{rate} MiB/s", slow)


@contextmanager
def reading_at(mib_s: int, directory: Path) -> Iterator[Slow]:
    """Limit the reads from the disk of `directory`, in MiB/s, of the processes that are named.

    Error: EnvironmentLacking when the limit cannot be set here.
    """
    root, setting, form = _FIRST, "blkio.throttle.read_bps_device", "{} {}"
    if not root.is_dir():
        root, setting, form = _SECOND, "io.max", "{} rbps={}"
    group = root / f"mainstay-bench-{secrets.token_hex(4)}"
    try:
        group.mkdir()
    except OSError as error:
        raise _lacking(error) from None
    try:
        try:
            (group / setting).write_text(form.format(device_of(directory), mib_s * MIB), encoding="ascii")
        except OSError as error:
            raise _lacking(error) from None
        yield lambda process: _move(process, group)
    finally:
        for process in (group / "cgroup.procs").read_text(encoding="ascii").split():
            with suppress(ProcessLookupError):
                _move(int(process), root)
        group.rmdir()


def device_of(directory: Path) -> str:
    """The whole disk below a directory, `major:minor`; a limit cannot be set for a partition."""
    number = directory.stat().st_dev
    name = f"{os.major(number)}:{os.minor(number)}"
    block = Path("/sys/dev/block", name)
    if (block / "partition").exists():
        return (block.resolve().parent / "dev").read_text(encoding="ascii").strip()
    return name


def _move(process: int, group: Path) -> None:
    (group / "cgroup.procs").write_text(str(process), encoding="ascii")


def _lacking(error: OSError) -> EnvironmentLacking:
    return EnvironmentLacking(
        "no limit on reads here", detail=str(error), hint="run it as root on a machine whose data lie on a disk"
    )
