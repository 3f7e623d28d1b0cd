"""Supervisors are killed, one after the other, while each makes a standby: nothing half-made is ever waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mainstay
from mainstay import sandbox
from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

HERE = Path(__file__).parent
# The first dies after the switch, with the fallen primary's data still in the standby's place; the second once it has
# written down that a standby is made there; each of the others finds what the one before had left.
DEATHS = ("sweep", "sweep", "copy", "configure", "synchronise")
MARIADB: dict[str, Any] = {"Engine": "mariadb", "EngineVersion": "10.11.19"}


def run_killed(box: Box, step: str) -> None:
    """Be supervised by one that kills itself at this step."""
    environment = {**os.environ, "PYTHONPATH": str(Path(mainstay.__file__).parent.parent)}
    with (box.directory / "supervisor.log").open("ab") as log:
        ended = subprocess.run(
            [sys.executable, str(HERE / "killed_supervisor.py"), step, str(box.directory)],
            env=environment, stdout=log, stderr=log, timeout=120, check=False,
        )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("members", "deaths"), [({}, DEATHS), (MARIADB, DEATHS[:3])], ids=["postgres", "mariadb"])
def test_a_standby_that_is_left_half_made_is_made_anew_at_once(
    box: Box, members: dict[str, Any], deaths: tuple[str, ...]
) -> None:
    if members:
        try:
            find_mariadb(identity=engine_identity())
        except EnvironmentLacking as error:
            pytest.skip(f"{error.detail} {error.hint}")
    box.create("torn", **members, MultiAZ=True)
    begins = (box.directory / "supervisor.log").stat().st_size
    fallen, heir = box.status("torn").servers
    box.kill_supervisor()
    os.kill(fallen.pid, signal.SIGKILL)
    for step in deaths:
        run_killed(box, step)
    sandbox.up(box.directory)
    box.await_pair("torn")
    log = (box.directory / "supervisor.log").read_text()[begins:]
    # All but the first two found one that another had begun, and none tried what it found.
    assert log.count("was left half-made and is made anew") == len(deaths) - 1
    assert "standby does not stream" not in log
    assert "the standby is made anew" not in log
    assert box.status("torn").servers[0].pid == heir.pid
    box.delete("torn")
