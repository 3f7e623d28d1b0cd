"""BK020: a copy action that names something else than a vault's ARN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import rules_of, title
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
)


def _bad() -> Plan:
    """A vault by its name"""
    return backed_up(tier(copies=(CopyAction(vault="copies"),)))


def _good() -> Plan:
    """A vault by its ARN"""
    return backed_up(tier(copies=(CopyAction(vault=ELSEWHERE),)))


@rule(
    id="BK020",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a copy's destination is not the ARN of a vault",
    source="botocore Backup model, CopyAction.DestinationBackupVaultArn (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A rule names its own vault by name, but a copy's by ARN, because it may be anywhere. With a name, or the ARN of
    something else, the plan is refused.
    """
    for each in rules_of(plan):
        for copy in each.copies:
            if isinstance(copy.vault, str) and not re.fullmatch(load("backup").data["vault_arn"], copy.vault):
                yield Fault(
                    plan,
                    f"{title(each)} in {plan.key} copies to '{copy.vault}'.",
                    "write arn:aws:backup:<region>:<account>:backup-vault:<name>",
                )
