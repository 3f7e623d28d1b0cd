"""BK005: rules whose start windows overlap, so that one tier swallows another's backups."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import permutations

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import rules_of, title, with_rule
from mainstay.checks.backup.starts import start_window, starts
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.core.windows import meet
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
)

_SHORT = Duration.minutes(60)


def _bad() -> Plan:
    """An hourly tier beside a daily one that may start for eight hours"""
    return backed_up(
        tier(name="hourly", schedule=schedule("0 7-23 * * ? *"), delete_after=Duration.days(2)),
        tier(schedule=schedule("0 7 * * ? *"), start_window=Duration.minutes(480), completion_window=None),
    )


def _good() -> Plan:
    """An hourly tier beside a daily one that starts within its hour"""
    return backed_up(
        tier(name="hourly", schedule=schedule("0 7-23 * * ? *"), delete_after=Duration.days(2)),
        tier(schedule=schedule("0 7 * * ? *")),
    )


@rule(
    id="BK005",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a tier's backups are dropped for another tier's",
    source="AWS Backup Developer Guide, plan-options-and-configuration (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """Of rules whose start windows overlap AWS Backup keeps only the backup of the one that is kept longer. One backup
    for one is no loss; it is one when the longer window swallows several in a row, or when the tier that loses is
    the one that is copied elsewhere.
    """
    kept = [(each, _kept(each)) for each in rules_of(plan) if each.is_continuous in (None, False)]
    for (loser, short), (winner, long) in permutations(kept, 2):
        if short is None or long is None or short >= long:
            continue
        swallowed = _swallowed(loser, winner, scene.today)
        uncopied = {str(copy.vault) for copy in loser.copies} - {str(copy.vault) for copy in winner.copies}
        if swallowed > 1 or (swallowed and uncopied):
            yield Fault(
                plan,
                f"One start window of {title(winner)} in {plan.key} meets {swallowed} of {title(loser)}'s; only"
                f" {title(winner)}'s backup is kept"
                + (f", which is not copied to {len(uncopied)} of its vaults." if uncopied else "."),
                f"shorten the start window of {title(winner)} to 60 minutes, and let the two start apart",
                mend=(with_rule(plan, winner, start_window=_SHORT),)
                if _swallowed(loser, replace(winner, start_window=_SHORT), scene.today) <= (0 if uncopied else 1)
                else (),
            )


def _kept(rule: BackupRule) -> float | None:
    """For how many seconds it keeps a backup; None when that cannot be seen."""
    return math.inf if rule.delete_after is None else literal(rule.delete_after, Duration)


def _swallowed(loser: BackupRule, winner: BackupRule, day: date) -> int:
    """How many start windows of one rule a single start window of the other meets."""
    short, long = start_window(loser), start_window(winner)
    if short is None or long is None:
        return 0
    met = (sum(meet(one, long, other, short) for other in starts(loser, day)) for one in starts(winner, day))
    return max(met, default=0)
