"""Faults that are done to a running instance on purpose; what they do to it is what the supervisor makes of them.

A partition is made by stopping the standby (SIGSTOP): its connections stay open and nothing comes back, which is what
a firewall that drops packets looks like to the primary, and nobody has to be root. The supervisor ends every one of
these faults by itself, so that nothing has to be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused, NotFound, TargetRefused
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import ProcessProof, is_suspended, suspend, terminate
from mainstay.sandbox.rds.records import INSTANCE
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout
from mainstay.sandbox.supervisor.runtime import Runtime, load_runtime


def _kill(proof: ProcessProof) -> object:
    return terminate(proof, "kill")


# By name: whom it is done to, and what.
_FAULTS: Final[Mapping[str, tuple[str, Callable[[ProcessProof], object]]]] = {
    "kill": ("primary", _kill),
    "hang": ("primary", suspend),
    "partition": ("standby", suspend),
}
FAULTS: Final = tuple(_FAULTS)


def has_redundancy(directory: Path, region: str, identifier: str) -> bool:
    """Whether the instance runs on two servers, neither of them stopped in its tracks, and commits wait for the second.

    Error: NotFound.
    """
    layout, runtime = find_runtime(directory, region, identifier)
    letter = runtime.standby
    if letter is None or letter not in runtime.servers or not runtime.servers[letter].is_synchronous:
        return False
    proofs = [find_running(layout, runtime, each) for each in (letter, runtime.primary)]
    return all(proof is not None and not is_suspended(proof) for proof in proofs)


def inject(directory: Path, region: str, identifier: str, fault: str) -> None:
    """Do a fault of FAULTS to an instance.

    Errors: InputRefused for another name, NotFound without such an instance, TargetRefused when the server it is meant
    for does not run.
    """
    if fault not in _FAULTS:
        raise InputRefused("no such fault", detail=f"'{fault}' is none.", hint=f"choose {', '.join(FAULTS)}")
    role, harm = _FAULTS[fault]
    layout, runtime = find_runtime(directory, region, identifier)
    letter = runtime.primary if role == "primary" else runtime.standby
    proof = find_running(layout, runtime, letter) if letter is not None else None
    if proof is None:
        raise TargetRefused(
            "nothing to harm", detail=f"{identifier} has no {role} that runs.", hint="see `mainstay sandbox status`"
        )
    harm(proof)


def find_runtime(directory: Path, region: str, identifier: str) -> tuple[Layout, Runtime]:
    """What is known of an instance that runs. Error: NotFound."""
    layout = Layout.load(directory)
    with State(layout.directory).reading(region) as tx:
        record = tx.get(INSTANCE, identifier)
        runtime = load_runtime(tx, record["DbiResourceId"]) if record is not None else None
    if runtime is None:
        raise NotFound("no such instance", detail=f"The sandbox runs no {identifier} in {region}.")
    return layout, runtime


def find_running(layout: Layout, runtime: Runtime, letter: str) -> ProcessProof | None:
    """One of its servers, if it runs."""
    found = find_by_directory(layout.instance(runtime.resource) / letter, engine_identity())
    return found[0] if found else None
