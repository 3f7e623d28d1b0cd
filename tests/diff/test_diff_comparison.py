"""Regions, matching, values: what meets what, and what can be told of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import pytest

from mainstay import diff
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow
from mainstay.diff import Effect
from mainstay.diff.values import Comparison, Declared, compare, entries, references, words
from mainstay.formats import cloudformation, terraform
from mainstay.plan.passes import build
from mainstay.plan.plan import Parameter, Plan, RegionPlan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import (
    BackupSelection,
    DbInstance,
    Fate,
    LogGroup,
    Opaque,
    Role,
    RulePeer,
    Topic,
    Vpc,
)
from mainstay.plan.values import Attr, If, Import, Join, Json, Param, Part, Pseudo, Ref, SecretField, Unknown, Zone
from mainstay.spec import load

CLOUDFORMATION = diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES)
TERRAFORM = diff.Target(diff.TERRAFORM, terraform.TABLES)
Compared = Callable[..., diff.RegionDifference]
NOTHING = Declared({}, {})
DATABASE = DbInstance(key="Database", identifier="shop", engine="postgres", storage=Bytes.gib(100))
SPEC = """\
name: shop
profile: dev
region: eu-west-1
database: {version: "17", class: db.m7g.large, name: shop}
storage: {size: 100 GiB}
alerts: {subscribers: [ops@example.com]}
"""


def plan(*regions: RegionPlan) -> Plan:
    return Plan(regions=regions)


def part(name: str, *resources: DbInstance | Topic, stack: str = "shop") -> RegionPlan:
    return RegionPlan(region=name, stack=stack, resources=resources)


# ---- regions


def test_nothing_differs_from_itself() -> None:
    made = build(load(SPEC))
    for target in (CLOUDFORMATION, TERRAFORM):
        found = diff.compare(made, made, target)
        assert found.changes == ()
        assert found.exit_code == 0
        assert found.outage is None


def test_regions_meet_by_name_whatever_their_order() -> None:
    old = plan(part("a", DATABASE), part("b", Topic(key="T")))
    new = plan(part("b", Topic(key="T")), part("a", dataclasses.replace(DATABASE, instance_class="db.m7g.large")))
    found = diff.compare(old, new, CLOUDFORMATION)
    assert [(one.region, len(one.changes)) for one in found.regions] == [("b", 0), ("a", 1)]


def test_a_template_that_does_not_say_its_region_meets_the_one_there_is() -> None:
    found = diff.compare(plan(part("", DATABASE)), plan(part("eu-west-1", DATABASE)), CLOUDFORMATION)
    assert [(one.region, one.changes) for one in found.regions] == [("eu-west-1", ())]


def test_in_another_region_everything_is_new_and_the_data_stays_behind() -> None:
    found = diff.compare(
        plan(part("a", DATABASE, Topic(key="T"))), plan(part("b", DATABASE, Topic(key="T"))), TERRAFORM
    )
    database, topic = found.changes
    assert (database.action, database.effect) == ("left behind", Effect.REPLACEMENT)
    assert database.keeps == "the old one stays in a"
    assert topic.effect is Effect.CREATED
    assert found.exit_code == 2
    assert "finds an empty database" in found.regions[0].notes[0]


def test_a_further_region_is_created() -> None:
    found = diff.compare(
        plan(part("a", DATABASE)), plan(part("a", DATABASE), part("b", Topic(key="T"))), CLOUDFORMATION
    )
    assert [(one.region, [c.effect for c in one.changes]) for one in found.regions] == [
        ("a", []),
        ("b", [Effect.CREATED]),
    ]
    assert found.exit_code == 0


@pytest.mark.parametrize(("target", "losses"), [(CLOUDFORMATION, 0), (TERRAFORM, 1)])
def test_a_region_that_is_no_longer_planned(target: diff.Target, losses: int) -> None:
    """CloudFormation leaves its stack alone; Terraform destroys what its state has there."""
    found = diff.compare(plan(part("a", DATABASE), part("b", DATABASE)), plan(part("a", DATABASE)), target)
    assert len(found.losses) == losses
    assert bool(found.regions[1].notes) is not bool(losses)


def test_a_renamed_spec_says_so_before_all_else() -> None:
    old, new = build(load(SPEC)), build(load(SPEC, overrides={"name": "store"}))
    found = diff.compare(old, new, CLOUDFORMATION)
    (note,) = found.regions[0].notes
    assert "renamed from shop-dev to store-dev" in note
    assert "a second, empty stack" in note
    database = next(one for one in found.changes if one.key == "Database")
    assert database.effect is Effect.REPLACEMENT
    assert database.losses
    assert not database.warning
    assert found.exit_code == 2


# ---- matching


def test_the_same_name_under_another_key_is_two_things_to_cloudformation(compared: Compared) -> None:
    moved = dataclasses.replace(DATABASE, key="Primary")
    (change,) = compared((DATABASE,), (moved,)).changes
    assert (change.action, change.was, change.effect) == ("renamed", "Database", Effect.REPLACEMENT)
    assert change.losses
    assert "already exists" in change.warning
    log, same = (LogGroup(key=key, name="/shop") for key in ("A", "B"))
    (change,) = compared((dataclasses.replace(log, on_delete=Fate.RETAIN),), (same,)).changes
    assert change.losses  # the new one collides, and an empty one would be there if it did not


def test_what_holds_nothing_is_refused_under_another_key(compared: Compared) -> None:
    old, new = (Role(key=key, name="shop-role", trust=Policy(statements=())) for key in ("A", "B"))
    (change,) = compared((old,), (new,)).changes
    assert change.effect is Effect.REFUSED
    assert not change.losses


def test_terraform_is_told_by_a_moved_block(compared: Compared) -> None:
    old = dataclasses.replace(DATABASE, address="aws_db_instance.a")
    new = dataclasses.replace(DATABASE, key="B", address="module.x.aws_db_instance.a")
    (change,) = compared((old,), (new,), target=TERRAFORM).changes
    assert change.effect is Effect.REPLACEMENT
    assert "moved block from aws_db_instance.a to module.x.aws_db_instance.a" in change.warning


def test_an_address_says_more_than_a_key(compared: Compared) -> None:
    old = dataclasses.replace(DATABASE, key="A", address="aws_db_instance.a")
    new = dataclasses.replace(DATABASE, key="B", address="aws_db_instance.a", is_multi_az=True)
    (change,) = compared((old,), (new,), target=TERRAFORM).changes
    assert (change.key, change.was, change.effect) == ("B", "A", Effect.IO_IMPACT)


def test_to_cloudformation_a_construct_s_path_says_nothing(compared: Compared) -> None:
    old = dataclasses.replace(DATABASE, key="A", address="Stack/Database")
    (change,) = compared((old,), (dataclasses.replace(old, key="B"),)).changes
    assert (change.action, change.was) == ("renamed", "A")
    assert compared((old,), (dataclasses.replace(old, address="Stack/Other"),)).changes == ()


def test_nothing_becomes_a_thing_of_another_type(compared: Compared) -> None:
    (change,) = compared((DATABASE,), (Topic(key="Database"),)).changes
    assert change.effect is Effect.REFUSED
    assert "give it another key" in change.reason


def test_names_that_hold_within_something_else_match_nothing(compared: Compared) -> None:
    old, new = (BackupSelection(key=key, plan="p", name="all", role="r") for key in ("A", "B"))
    assert [one.action for one in compared((old,), (new,)).changes] == ["added", "removed"]


# ---- values


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("a", "a", "same"),
        ("a", "b", "differs"),
        (None, "a", "differs"),
        (("a", "b"), ("b", "a"), "same"),
        (("a", "b"), ("a", "b", "b"), "differs"),
        (Ref("A"), Ref("A"), "same"),
        (Ref("A"), Ref("B"), "differs"),
        (Ref("A"), "sg-1", "uncertain"),
        ("sg-1", Attr("A", "id"), "uncertain"),
        (None, Ref("A"), "differs"),
        (Unknown("hidden"), Unknown("hidden"), "uncertain"),
        (Unknown("a transform", source="x"), Unknown("a transform", source="x"), "same"),
        (Unknown("a transform", source="x"), Unknown("a transform", source="y"), "uncertain"),
        ("a", Unknown("after apply"), "uncertain"),
        (("a", Unknown("after apply")), ("b",), "uncertain"),
        ({"a": Unknown("after apply")}, {"a": "b"}, "uncertain"),
        (Unknown("not written"), Unknown("not written"), "same"),
        (Unknown("not written"), "a", "uncertain"),
        (Ref("A"), Attr("A", "arn"), "same"),
        (Attr("A", "id"), Ref("A"), "same"),
        (Ref("A"), Attr("A", "endpoint_address"), "differs"),
        (("sg-1",), (Ref("A"),), "uncertain"),
        (("sg-1", "a"), ("a", Ref("A")), "uncertain"),
        (("a", "b"), ("a", "c"), "differs"),
        ({"a": "x"}, {"a": Ref("A")}, "uncertain"),
        ({"a": "x"}, {"a": "y"}, "differs"),
        ({"a": "x"}, {"b": "x"}, "differs"),
        (RulePeer(protocol="tcp", group="sg-1"), RulePeer(protocol="tcp", group=Ref("A")), "uncertain"),
        (RulePeer(protocol="tcp", group="sg-1"), RulePeer(protocol="udp", group=Ref("A")), "differs"),
        (Param("P"), Param("P"), "same"),
        (Param("P"), Param("Q"), "differs"),
    ],
)
def test_when_values_differ(old: object, new: object, verdict: str) -> None:
    assert compare(old, new, NOTHING).verdict == verdict


def test_a_parameter_with_another_default_may_be_another_value() -> None:
    def declared(was: str | None, now: str | None, *, is_secret: bool = False) -> Declared:
        old, new = (Parameter(name="P", default=one, is_secret=is_secret) for one in (was, now))
        return Declared({"P": old}, {"P": new})

    assert compare(Param("P"), Param("P"), declared("a", "a")) == Comparison("same")
    seen = compare(("x", Param("P")), ("x", Param("P")), declared("a", "b"))
    assert seen.verdict == "uncertain"
    assert "'a' before and 'b' now" in seen.reason
    assert "none" in compare(Param("P"), Param("P"), declared(None, "b")).reason
    hidden = compare(Param("P"), Param("P"), declared("hunter2", "hunter3", is_secret=True))
    assert hidden == Comparison("uncertain", "parameter P has another default than before; what is given counts")


def test_what_cannot_be_compared_is_never_no_change(compared: Compared) -> None:
    old, new = (dataclasses.replace(DATABASE, key_id=Unknown("only apply tells"), port=5432) for _ in range(2))
    (change,) = compared((old,), (new,)).changes
    assert change.effect is Effect.UNKNOWN
    (seen,) = change.fields
    assert seen.reason.startswith("Only apply tells; if it differs: replacement.")
    assert not seen.loses
    assert seen.outage is None
    waiting = dataclasses.replace(new, key_id=None, applies_immediately=False, instance_class=Unknown("x"))
    (change,) = compared((dataclasses.replace(waiting, instance_class="a"),), (waiting,)).changes
    assert "deferred to the maintenance window, then reboot" in change.fields[0].reason


VALUES: list[tuple[object, str]] = [
    (None, "not written"),
    (True, "yes"),
    (False, "no"),
    (Bytes.gib(20), "20 GiB"),
    (DailyWindow.parse("03:00-04:00"), "03:00-04:00"),
    (Duration.days(7), "7d"),
    (Ref("Key"), "Key"),
    (Attr("Key", "arn"), "Key.arn"),
    (Join(("arn:", Pseudo("region"), ":x")), "arn:{region}:x"),
    (Param("P"), "parameter P"),
    (Import("network"), "network"),
    (Zone(1), "zone 2"),
    (Part(Attr("Proxy", "arn"), ":", 6), "part 6 of Proxy.arn"),
    (SecretField(Ref("Login"), "password"), "password of secret Login"),
    (If("IsProd", 1, 2), "by condition IsProd"),
    (Unknown("hidden"), "unknown (hidden)"),
    ((), "none"),
    (("a", "b"), "a, b"),
    ({}, "none"),
    ({"a": 1}, "a: 1"),
    (RulePeer(protocol="tcp", from_port=5432), "protocol tcp, from port 5432"),
    ("x" * 61, "x" * 59 + "…"),
    ("x" * 60, "x" * 60),
]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=lambda value: str(value)[:30])
def test_values_in_words(value: object, text: str) -> None:
    assert words(value) == text


def test_secrets_are_not_shown_and_references_to_them_are() -> None:
    assert words("hunter2", "password") == "(hidden)"
    assert words(SecretField(Ref("Login"), "password"), "password") == "password of secret Login"
    assert entries({"A": "1", "B": "2"}, {"A": "1", "B": "3"}, "environment") == ("B: (hidden)", "B: (hidden)")
    for name in ("MasterUserPassword", "SecretString", "master_password", "UserData", "AuthToken", "Environment"):
        assert words("hunter2", name) == "(hidden)"
        assert "hunter2" not in words({"Login": {name: "hunter2"}}, "Properties")
        assert "hunter2" not in "".join(entries({name: "hunter2"}, {name: "hunter3"}, "parameters"))
    assert words("hunter2", "PasswordLength") == "(hidden)"  # rather one word too few


def test_of_a_mapping_only_what_differs_is_shown() -> None:
    old: Mapping[str, Json] = {"a": 1, "b": 2}
    assert entries(old, {"a": 1, "c": 3}) == ("b: 2, no c", "no b, c: 3")


def test_references_are_found_at_any_depth() -> None:
    value = ({"a": Join(("x", Attr("A", "arn")))}, Part(Attr("B", "arn"), ":", 1), SecretField(Ref("C"), "p"), "D")
    assert list(references(value)) == ["A", "B", "C"]


# ---- what Terraform shows

SHOWN = dataclasses.replace(DATABASE, address="aws_db_instance.a", port=5432, key_id="arn:aws:kms:x")


def test_a_state_tells_more_than_a_module_says(compared: Compared) -> None:
    """What the provider fills in, and what it tells of everything, is no change; what replaces is."""
    told = dataclasses.replace(
        SHOWN,
        is_public=False,
        is_encrypted=True,
        extras={"aws_db_instance.arn": "arn:aws:rds:x", "aws_db_instance.endpoint": "x:5432"},
    )
    (change,) = compared((told,), (DATABASE,), target=TERRAFORM).changes
    assert [(one.field, one.effect) for one in change.fields] == [("is_encrypted", Effect.REPLACEMENT)]


def test_what_no_state_holds_cannot_be_told(compared: Compared) -> None:
    written = dataclasses.replace(DATABASE, port=5432, key_id="arn:aws:kms:x", password=SecretField(Ref("L"), "p"))
    (change,) = compared((SHOWN,), (written,), target=TERRAFORM).changes
    assert [one.reason.partition(";")[0] for one in change.fields] == ["What Terraform shows never holds it"]
    assert compared((SHOWN,), (SHOWN,), target=TERRAFORM).changes == ()


def test_what_only_applying_tells_is_left_alone_unless_it_replaces(compared: Compared) -> None:
    late = dataclasses.replace(
        SHOWN,
        extras={"aws_db_instance.endpoint": "${unknown}", "aws_db_instance.character_set_name": "${unknown}"},
    )
    (change,) = compared((SHOWN,), (late,), target=TERRAFORM).changes
    (seen,) = change.fields
    assert (seen.written, seen.effect, seen.then) == ("character_set_name", Effect.UNKNOWN, Effect.REPLACEMENT)


def test_an_argument_that_only_one_side_has_may_be_said_in_other_words(compared: Compared) -> None:
    told = dataclasses.replace(SHOWN, extras={"aws_db_instance.custom_iam_instance_profile": "x"})
    written = dataclasses.replace(DATABASE, port=5432, key_id="arn:aws:kms:x")
    (change,) = compared((told,), (written,), target=TERRAFORM).changes
    assert "in other words" in change.fields[-1].reason


def test_policies_that_terraform_does_not_show_are_not_compared(compared: Compared) -> None:
    shown, written = LogGroup(key="L", address="aws_x.l"), LogGroup(key="L", on_delete=Fate.RETAIN)
    assert compared((shown,), (written,), target=TERRAFORM).changes == ()
    (change,) = compared((LogGroup(key="L"),), (written,), target=TERRAFORM).changes
    assert change.fields[0].written == "lifecycle"
    skipping = dataclasses.replace(SHOWN, on_delete=Fate.DELETE)
    (change,) = compared((SHOWN,), (skipping,), target=TERRAFORM).changes
    assert change.fields[0].written == "skip_final_snapshot"


# ---- the answer


def test_the_answer_as_a_document() -> None:
    new = dataclasses.replace(DATABASE, instance_class="db.m7g.large", applies_immediately=None)
    document = diff.compare(plan(part("a", DATABASE)), plan(part("a", new)), CLOUDFORMATION).as_json()
    assert document["outage"] == {
        "least_s": 300,
        "most_s": 900,
        "is_estimate": True,
        "source": document["regions"][0]["changes"][0]["fields"][0]["outage"]["source"],  # type: ignore[index]  # JSON
    }
    assert document["exit_code"] == 0
    assert not document["loses_data"]


def test_a_database_is_interrupted_once_for_all_its_changes(compared: Compared) -> None:
    new = dataclasses.replace(DATABASE, instance_class="db.m7g.large", port=5433)
    found = compared((DATABASE,), (new,))
    assert str(found.interrupted["Database"]) == "5 to 15 min"


def test_what_is_refused_exits_1_and_what_is_lost_2(compared: Compared) -> None:
    smaller = dataclasses.replace(DATABASE, storage=Bytes.gib(50))
    found = diff.compare(plan(part("a", DATABASE)), plan(part("a", smaller)), CLOUDFORMATION)
    assert found.exit_code == 1
    gone = diff.compare(plan(part("a", DATABASE)), plan(part("a")), CLOUDFORMATION)
    assert gone.exit_code == 2


def test_kinds_that_a_target_does_not_know_are_named_by_the_plan_s_words() -> None:
    lone = diff.Target(diff.CLOUDFORMATION, {})
    assert lone.type_of(Vpc(key="V", cidr="10.0.0.0/16")) == ""
    assert lone.written(Vpc(key="V", cidr="10.0.0.0/16"), "cidr") == ("", "cidr")
    assert lone.type_of(Opaque(key="Q", type="AWS::SQS::Queue")) == "AWS::SQS::Queue"
