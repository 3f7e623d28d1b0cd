"""Whether AWS can do between these two regions what the spec asks for."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.core.findings import Finding
from mainstay.plan.passes.draft import Draft, fault_at, refusal
from mainstay.spec import Spec
from mainstay.spec.disaster_recovery import DisasterRecovery

_PATH = "disaster_recovery.region"


def check_recovery(spec: Spec, draft: Draft) -> Draft:
    """The draft as it was; InputRefused says why the second region cannot be that one."""
    recovery = spec.disaster_recovery
    faults = [] if recovery is None else list(_faults(spec, recovery, spec.region or ""))
    if faults:
        raise refusal(faults)
    return draft


def _faults(spec: Spec, recovery: DisasterRecovery, primary: str) -> Iterator[Finding]:
    here, there = facts.partition(primary), facts.partition(recovery.region)
    allowed = facts.replication_targets(primary)
    if here != there:
        detail = f"{primary} is in {here} and {recovery.region} in {there}: no backup goes from one to the other."
        yield fault_at(spec, "SP028", _PATH, detail, f"choose a region of {here}")
    elif recovery.replicates and recovery.region not in allowed:
        detail = f"RDS replicates no automated backups from {primary} to {recovery.region}."
        copies = "write disaster_recovery.keep: null and copies, which AWS Backup makes between any two"
        yield fault_at(
            spec, "SP028", _PATH, detail, f"use one of {', '.join(allowed)}, or {copies}" if allowed else copies
        )
