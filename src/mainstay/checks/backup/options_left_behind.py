"""BK041: options that a copy in another region cannot do without."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.copies import leaves_region
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
    DbOption,
    OptionGroup,
)
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """An instance with TDE, copied to another region"""
    options = OptionGroup(
        key="Options", engine="oracle-ee", major_version="19", description="d", options=(DbOption(name="TDE"),)
    )
    db = database(engine="oracle-ee", engine_version="19", option_group=Ref("Options"), parameter_group=None)
    return backed_up(tier(copies=(CopyAction(vault=ELSEWHERE),)), Database=db, Options=options)


def _good() -> Plan:
    """An instance with an option that can be left out, copied to another region"""
    options = OptionGroup(
        key="Options", engine="oracle-ee", major_version="19", description="d", options=(DbOption(name="STATSPACK"),)
    )
    db = database(engine="oracle-ee", engine_version="19", option_group=Ref("Options"), parameter_group=None)
    return backed_up(tier(copies=(CopyAction(vault=ELSEWHERE),)), Database=db, Options=options)


@rule(
    id="BK041",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a copy that needs an option group where there is none",
    source="RDS User Guide, USER_CopySnapshot and USER_WorkingWithOptionGroups (2026-11-20)",
    applies_to=(BackupPlan,),
    bad=_bad,
    good=_good,
    field="rules",
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """An option group is of one region and is not copied. With persistent or permanent options in it the snapshot
    cannot do without: copy jobs fail until the destination has such a group of its own. MySQL, MariaDB and
    PostgreSQL have no such options.
    """
    lasting = load("backup").data["options_that_stay"]
    for each in rules_of(plan):
        if not any(leaves_region(copy.vault, scene) for copy in each.copies):
            continue
        for db in reached(plan, scene):
            options = scene.region.resolve(db.option_group, OptionGroup)
            for option in options.options if options else ():
                if (name := _name(option)) in lasting:
                    yield Fault(
                        plan,
                        f"{title(each)} in {plan.key} copies {db.key} to another region;"
                        f" its option {name} is {lasting[name]}.",
                        "create an option group with the same options in that region before the first copy",
                    )


def _name(option: object) -> str | None:
    return literal(option.name, str) if isinstance(option, DbOption) else None
