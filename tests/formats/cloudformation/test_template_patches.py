"""A mend in a template's words: path, value and the line where it goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mainstay.core.patches import Change
from mainstay.formats import cloudformation
from mainstay.formats.cloudformation.patching import patch
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, Fate, Subscription, Topic
from mainstay.plan.values import Attr, Ref

TEMPLATE = """\
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Delete
    Properties:
      Engine: postgres
      DeletionProtection: false
  Topic:
    Type: AWS::SNS::Topic
    Metadata:
      aws:cdk:path: Shop/Alerts/Resource
"""


def region() -> RegionPlan:
    return cloudformation.read(TEMPLATE, file="t.yaml").primary


def said(changes: tuple[Change, ...]) -> list[tuple[Any, ...]]:
    return [(one.operation.value, one.pointer, one.value, str(one.origin or "")) for one in changes]


def test_properties_and_what_stands_beside_them() -> None:
    here = region()
    (db,) = here.of(DbInstance)
    healed = replace(
        db, has_deletion_protection=True, backup_retention=None, on_delete=Fate.SNAPSHOT, on_replace=Fate.SNAPSHOT
    )
    assert said(patch(here, (healed,))) == [
        ("replace", "/Resources/Db/DeletionPolicy", "Snapshot", "t.yaml:4"),
        ("add", "/Resources/Db/UpdateReplacePolicy", "Snapshot", "t.yaml:2"),
        ("replace", "/Resources/Db/Properties/DeletionProtection", True, "t.yaml:7"),
    ]
    assert patch(here, (db,)) == ()


def test_the_construct_of_a_cdk_resource_is_named() -> None:
    (topic,) = region().of(Topic)
    (change,) = patch(region(), (replace(topic, name="alerts"),))
    assert (change.subject, change.pointer) == ("Shop/Alerts/Resource", "/Resources/Topic/Properties")


def test_a_new_resource_is_written_whole() -> None:
    new = Subscription(key="Mail", topic=Ref("Topic"), protocol="email", endpoint="a@example.org")
    body = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "a@example.org"},
    }
    assert said(patch(region(), (new,))) == [("add", "/Resources/Mail", body, "t.yaml")]
    (change,) = patch(replace(region(), resources=(Topic(key="Topic"),)), (new,))
    assert change.origin is None


def test_a_plan_that_was_read_nowhere_has_no_lines() -> None:
    topic = Topic(key="Topic")
    here = RegionPlan(region="us-east-1", resources=(topic,))
    assert said(patch(here, (replace(topic, name="a"),))) == [
        ("add", "/Resources/Topic/Properties", {"TopicName": "a"}, "")
    ]


def test_a_mend_that_has_no_form_is_no_patch() -> None:
    here = region()
    (db,) = here.of(DbInstance)
    assert (
        patch(here, (replace(db, monitoring_role=Attr("Nobody", "arn"), on_replace=Fate.RETAIN_EXCEPT_ON_CREATE),))
        == ()
    )


def test_a_resource_of_a_nested_stack_goes_by_its_own_name() -> None:
    child = 'Resources:\n  Db: {Type: "AWS::RDS::DBInstance", Properties: {DeletionProtection: false}}\n'
    parent = TEMPLATE + "  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: inner.yaml}\n"

    def find(url: object, body: object, file: str) -> cloudformation.Source:
        return cloudformation.Source(child, "inner.yaml")

    here = cloudformation.read_tree(cloudformation.Source(parent, "t.yaml"), parameters={}, find=find).plan.primary
    inner = here.find("InnerDb")
    assert isinstance(inner, DbInstance)
    assert said(patch(here, (replace(inner, has_deletion_protection=True),))) == [
        ("replace", "/Resources/Db/Properties/DeletionProtection", True, "inner.yaml:2")
    ]
