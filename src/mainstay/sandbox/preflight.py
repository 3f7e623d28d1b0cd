"""What a sandbox has to have before anything is begun in it: programs of every engine that a plan asks for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mainstay import facts
from mainstay.engines.identity import engine_identity
from mainstay.engines.table import ENGINES
from mainstay.sandbox.rds.records import INSTANCE
from mainstay.sandbox.rds.versions import DEFAULT_MAJOR, chosen_engine, runs_as
from mainstay.sandbox.state import FILE, State


def require_engines(directory: Path, wanted: Iterable[tuple[str, str]]) -> None:
    """Find the programs of each engine, given by RDS's name for it and the version; once for all that run them.

    An engine that an instance of this sandbox runs already, in its own name or as a stand-in, is there.
    Error: EnvironmentLacking, with how to get them.
    """
    present = _present(directory)
    for engine, version in dict.fromkeys(wanted):
        runs = present.get(engine) or chosen_engine(engine)
        if runs in ENGINES:
            # A replica's version is its source's, and a plan may leave it to RDS.
            major = facts.major_of(engine, version or DEFAULT_MAJOR[engine]) if runs == engine else ""
            ENGINES[runs].find(major, engine_identity())


def _present(directory: Path) -> dict[str, str]:
    """What runs for the engines of a sandbox's instances; nothing where there is no sandbox."""
    if not (directory / FILE).exists():
        return {}
    with State(directory).reading("") as tx:
        return {record["Engine"]: runs_as(record) for record in tx.all(INSTANCE, every_region=True)}
