"""BK035: overrides that are lists, as texts and as expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
)
from mainstay.checks.backup.override_not_a_list import faults
from mainstay.checks.examples import group
from mainstay.core.findings import Finding
from mainstay.plan.plan import Parameter
from mainstay.plan.values import (
    Attr,
    Param,
    join,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ('["sg-1"]', 0),
        ("[]", 0),
        ("sg-1", 1),
        ('"sg-1"', 1),
        ("sg-1,sg-2", 1),
        ("['sg-1']", 1),
        (join('["', Attr("Group", "group_id"), '"]'), 0),
        (join(Attr("Group", "group_id"), ",sg-2"), 0),
        (join("sg-", Param("Id")), 1),
        (Attr("Group", "group_id"), 1),
        (Attr("Topic", "arn"), 0),
        (Param("Groups"), 0),
    ],
)
def test_groups(value: object, count: int, say: Say) -> None:
    tested = restore_test(overrides={"dbSubnetGroupName": "isolated", "vpcSecurityGroupIds": value})
    assert len(say(faults, backed_up(TestedDatabase=tested, Group=group(key="Group")))) == count


def test_terraform_shows_only_whom_it_speaks_of(say: Say) -> None:
    tested = restore_test(overrides={"vpcSecurityGroupIds": Attr("Group", "group_id")})
    shown = group(key="Group", address="aws_security_group.group")
    assert say(faults, backed_up(TestedDatabase=tested, Group=shown)) == []


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("AWS::EC2::SecurityGroup::Id", 1),
        ("String", 0),
        ("AWS::SSM::Parameter::Value<AWS::EC2::SecurityGroup::Id>", 0),
    ],
)
def test_a_parameter_for_one_id_is_no_list(kind: str, count: int, say: Say) -> None:
    plan = backed_up(TestedDatabase=restore_test(overrides={"vpcSecurityGroupIds": Param("Group")}))
    parameters = (Parameter(name="Other", type="AWS::EC2::SecurityGroup::Id"), Parameter(name="Group", type=kind))
    (region,) = plan.regions
    findings = say(faults, replace(plan, regions=(replace(region, parameters=parameters),)))
    assert ["sets vpcSecurityGroupIds to Group," in one.detail for one in findings] == [True] * count


@pytest.mark.parametrize("kind", ["EC2", Param("Type")])
def test_other_services_have_other_metadata(kind: object, say: Say) -> None:
    tested = restore_test(resource_type=kind, overrides={"vpcSecurityGroupIds": "sg-1"})
    assert say(faults, backed_up(TestedDatabase=tested)) == []


@pytest.mark.parametrize(("name", "count"), [("availabilityZones", 1), ("enableCloudwatchLogsExports", 1), ("port", 0)])
def test_names(name: str, count: int, say: Say) -> None:
    tested = restore_test(overrides={name: "5432"})
    findings = say(faults, backed_up(TestedDatabase=tested))
    assert [(f"sets {name} to 5432" in each.detail, f"write {name} as" in each.hint) for each in findings] == [
        (True, True)
    ] * count


@pytest.mark.parametrize(
    ("value", "said"),
    [("sg-1", "to sg-1,"), (join("sg-", Param("Id")), "to a text,"), (Attr("Group", "id"), "to Group,")],
)
def test_what_it_says(value: object, said: str, say: Say) -> None:
    tested = restore_test(overrides={"vpcSecurityGroupIds": value})
    (finding,) = say(faults, backed_up(TestedDatabase=tested, Group=group(key="Group")))
    assert said in finding.detail
