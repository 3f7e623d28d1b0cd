"""BK035: an override that has to be a list in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
)
from mainstay.checks.links import key_of, linked
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    RestoreTestingSelection,
    SecurityGroup,
)
from mainstay.plan.values import Join, Param, join

_LISTS = ("availabilityzones", "enablecloudwatchlogsexports", "processorfeatures", "vpcsecuritygroupids")


def _bad() -> Plan:
    """VpcSecurityGroupIds as a plain id"""
    return backed_up(
        TestedDatabase=restore_test(overrides={"dbSubnetGroupName": "isolated", "vpcSecurityGroupIds": "sg-12345678"})
    )


def _good() -> Plan:
    """VpcSecurityGroupIds as a JSON list"""
    return backed_up(
        TestedDatabase=restore_test(
            overrides={"dbSubnetGroupName": "isolated", "vpcSecurityGroupIds": '["sg-12345678"]'}
        )
    )


@rule(
    id="BK035",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a list in a restore test that is no JSON list",
    source="AWS Backup Developer Guide, restore-testing-inferred-metadata (2026-11-20)",
    applies_to=(RestoreTestingSelection,),
    bad=_bad,
    good=_good,
    field="overrides",
)
def faults(test: RestoreTestingSelection, scene: Scene) -> Iterator[Fault]:
    """All overrides are texts, and those that stand for several values are JSON lists inside a text. A plain id is
    accepted when it is deployed; every restore with it fails, or comes up in another group.
    """
    for name, value in test.overrides.items() if test.resource_type == "RDS" else ():
        if name.lower() in _LISTS and _is_no_list(value, scene):
            named = value.name if isinstance(value, Param) else key_of(value)
            shown = value if isinstance(value, str) else named or "a text"
            yield Fault(
                test,
                f"{test.key} sets {name} to {shown}, which is not a JSON list.",
                f"""write {name} as '["…"]', such as !Sub '["${{Group.GroupId}}"]'""",
                mend=(replace(test, overrides={**test.overrides, name: join('["', value, '"]')}),),
            )


def _is_no_list(value: object, scene: Scene) -> bool:
    """Whether a text is no list for sure: by what it says, how it begins, or as it is one resource's own id."""
    if isinstance(value, str):
        try:
            return not isinstance(json.loads(value), list)
        except ValueError:
            return True
    if isinstance(value, Join):
        return isinstance(value.parts[0], str) and not value.parts[0].lstrip().startswith("[")
    if isinstance(value, Param):
        # By its type a parameter may be one id, and never a list of them in JSON.
        return any(one.name == value.name and one.type.startswith("AWS::EC2::") for one in scene.region.parameters)
    # Of a value that is not known yet Terraform shows whom it speaks of, and not how.
    found = linked(value, scene)
    return isinstance(found, SecurityGroup) and not is_shown(found)
