"""The same resources under other keys."""

from __future__ import annotations

from mainstay.plan.plan import Output, RegionPlan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.rekeying import rekeyed
from mainstay.plan.resources import Alarm, DbInstance, Key, SubnetGroup
from mainstay.plan.values import Attr, Join, Param, Part, Ref, SecretField

PRINCIPAL = Principal("Service", "rds.amazonaws.com")


def region(key: str, group: str) -> RegionPlan:
    statement = Statement(
        actions=("kms:*",), resources=(Join(("x", Attr(key, "arn"))), "*"), principals=(PRINCIPAL,), sid="all"
    )
    return RegionPlan(
        region="eu-west-1",
        resources=(
            Key(key=key, policy=Policy(statements=(statement,))),
            SubnetGroup(key=group, description="d", subnets=("subnet-1",), depends_on=(Ref(key),)),
            DbInstance(
                key="Database",
                subnet_group=Ref(group),
                key_id=Attr(key, "arn"),
                identifier=Part(Attr(group, "arn"), ":", 6),
                password=SecretField(Ref("Secret"), "password"),
                engine=Param("Engine"),
            ),
            Alarm(key="Alarm", comparison="x", dimensions={"Group": Ref(group)}),
        ),
        outputs=(Output(name="Key", value=Attr(key, "arn")),),
    )


def test_every_reference_follows() -> None:
    names = {"Key": "OtherKey", "Group": "OtherGroup"}
    assert rekeyed(region("Key", "Group"), names) == region("OtherKey", "OtherGroup")


def test_what_is_not_named_stays() -> None:
    assert rekeyed(region("Key", "Group"), {"Nobody": "Else"}) == region("Key", "Group")
