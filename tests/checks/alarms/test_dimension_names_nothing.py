"""AL007: what an instance's metrics do not go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.alarms.dimension_names_nothing import faults
from mainstay.checks.examples import alarm, database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource, Topic
from mainstay.plan.values import Attr, Import, Param, Ref, Unknown

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
DB = database(identifier="shop-prod")


def watching(value: object) -> Resource:
    return alarm(dimensions={"DBInstanceIdentifier": value})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Ref("Database"), None),
        (Attr("Database", "id"), None),
        (Attr("Database", "arn"), "Database by its ARN"),
        (Attr("Database", "endpoint_address"), "Database by its endpoint"),
        (Attr("Database", "resource_id"), "Database by its resource id"),
        (Attr("Topic", "arn"), None),  # a parameter under the name of a topic, or worse; nobody knows
        ("db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "which is a resource id"),
        ("db-abcdefghijklmnopqrstuvwxyz", None),
        ("arn:aws:rds:us-east-1:123456789012:db:shop", "which is an ARN"),
        ("shop.abc.us-east-1.rds.amazonaws.com", "which is an endpoint"),
        ("Shop-Prod", "small letters"),
        ("shop-prod", None),
        ("shop-dev", "is called shop-prod"),
        ("orders-dev", None),  # another database, which another stack may own
        ("orders", None),
        (Param("Identifier"), None),
        (Import("identifier"), None),
        (Unknown("late"), None),
    ],
)
def test_dimensions(value: object, said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(DB, watching(value), Topic(key="Topic")))
    assert [(said or "-") in each.detail for each in findings] == ([] if said is None else [True])


def test_how_sure_it_is(say: Say) -> None:
    late = Attr("Database", "resource_id")
    shown = replace(watching(late), address="aws_cloudwatch_metric_alarm.storage")
    watches = (watching(late), shown, watching("shop-dev"))
    found = [finding.severity for watch in watches for finding in say(faults, plan_of(DB, watch))]
    assert found == ["error", "warning", "warning"]


@pytest.mark.parametrize(
    "databases",
    [
        (),
        (database(),),  # what AWS calls it cannot be seen
        (database(identifier="shop"),),
        (DB, replica(identifier="shop-prod-replica")),
    ],
)
def test_another_environment_takes_one_name_to_compare_with(databases: tuple[Resource, ...], say: Say) -> None:
    assert say(faults, plan_of(*databases, watching("shop-dev"))) == []


def test_a_cluster_s_dimension(say: Say) -> None:
    cluster = alarm(dimensions={"DBClusterIdentifier": Ref("Database")})
    (finding,) = say(faults, plan_of(DB, cluster))
    assert "in no cluster" in finding.detail
    assert say(faults, plan_of(database(extras={"DBClusterIdentifier": "c"}), cluster)) == []
    assert say(faults, plan_of(DB, alarm(dimensions={"DBClusterIdentifier": "shop"}))) == []


def test_another_namespace(say: Say) -> None:
    assert say(faults, plan_of(DB, alarm(namespace="Shop", dimensions={"DBInstanceIdentifier": "Shop"}))) == []


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (Attr("Database", "arn"), Ref("Database")),
        ("Shop-Prod", "shop-prod"),
        ("shop-dev", Ref("Database")),
        ("db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", None),
        ("arn:aws:rds:us-east-1:123456789012:db:shop", None),
        ("shop.abc.us-east-1.rds.amazonaws.com", None),
    ],
)
def test_the_identifier_where_it_is_known(value: object, right: object, mends: Mends) -> None:
    (mend,) = mends(faults, plan_of(DB, watching(value)))
    assert mend == ((watching(right),) if right is not None else ())


def test_a_cluster_s_dimension_gives_way_and_others_stay(mends: Mends) -> None:
    cluster = alarm(dimensions={"DBClusterIdentifier": Ref("Database"), "Role": "WRITER"})
    (mend,) = mends(faults, plan_of(DB, cluster))
    assert mend == (replace(cluster, dimensions={"Role": "WRITER", "DBInstanceIdentifier": Ref("Database")}),)
