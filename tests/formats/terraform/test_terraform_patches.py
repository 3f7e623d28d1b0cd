"""A mend in Terraform's words: arguments for a configuration that somebody shows, and places in a module of ours."""

from __future__ import annotations

import json
from dataclasses import replace

from mainstay.core.units import Duration
from mainstay.formats import terraform
from mainstay.formats.terraform.patching import of_module, of_shown
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import Alarm, DbInstance, Fate, Subscription, Topic
from mainstay.plan.values import Attr, Ref

SHOWN = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": f'{kind}.shop["a"]',
                    "index": "a",
                    "mode": "managed",
                    "type": kind,
                    "name": "shop",
                    "values": values,
                }
                for kind, values in (
                    ("aws_db_instance", {"engine": "postgres", "identifier": "shop", "skip_final_snapshot": True}),
                    ("aws_sns_topic", {"name": "shop"}),
                )
            ]
        }
    },
}


def shown() -> tuple[RegionPlan, DbInstance, Topic]:
    region = terraform.read_shown(json.dumps(SHOWN), file="s.json").primary
    (db,), (topic,) = region.of(DbInstance), region.of(Topic)
    return region, db, topic


def test_arguments_of_a_shown_resource() -> None:
    region, db, _ = shown()
    found = of_shown(region, (replace(db, backup_retention=Duration.days(7), on_delete=Fate.SNAPSHOT),))
    assert [(one.operation.value, one.pointer, one.value) for one in found] == [
        ("add", "/aws_db_instance/backup_retention_period", 7),
        ("replace", "/aws_db_instance/skip_final_snapshot", False),
        ("add", "/aws_db_instance/final_snapshot_identifier", "shop-final"),
    ]
    assert {(one.subject, str(one.origin)) for one in found} == {('aws_db_instance.shop["a"]', "s.json")}


def test_what_follows_from_a_field_gives_way_to_the_field_itself() -> None:
    region, db, _ = shown()
    found = of_shown(region, (replace(db, applies_immediately=True),))
    assert [(one.pointer, one.value) for one in found] == [("/aws_db_instance/apply_immediately", True)]


def test_a_new_block_refers_to_what_is_shown() -> None:
    region, _, topic = shown()
    new = Subscription(key="Mail", topic=Ref(topic.key), protocol="email", endpoint="a@example.org")
    (change,) = of_shown(region, (new,))
    assert change.path == ("resource", "aws_sns_topic_subscription", "mail")
    assert isinstance(change.value, dict)
    assert change.value["topic_arn"] == '${aws_sns_topic.shop["a"].arn}'


def test_a_mend_without_a_form_is_no_patch() -> None:
    region, db, _ = shown()
    assert of_shown(region, (replace(db, monitoring_role=Attr("Nobody", "arn")),)) == ()
    plan = Plan(regions=(replace(region, resources=(db,)),))
    assert of_module(plan, plan.primary, (replace(db, monitoring_role=Attr("Nobody", "arn")),)) == ()


def test_a_place_in_a_module() -> None:
    alarm = Alarm(key="Full", namespace="AWS/RDS", metric="FreeStorageSpace", comparison="GreaterThanThreshold",
                  statistic="Minimum", threshold=1.0, period=Duration(60), evaluation_periods=1)  # fmt: skip
    plan = terraform.read(terraform.render(Plan(regions=(RegionPlan(region="us-east-1", resources=(alarm,)),))))
    (read,) = plan.primary.of(Alarm)
    (change,) = of_module(plan, plan.primary, (replace(read, comparison="LessThanThreshold"),))
    path = "/resource/aws_cloudwatch_metric_alarm/full/comparison_operator"
    assert (change.pointer, change.value) == (path, "LessThanThreshold")
    assert change.origin is not None
    assert change.origin.file == "main.tf.json"
    assert change.origin.line > 1
