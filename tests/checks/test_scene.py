"""What a scene answers, and when it says that it cannot know."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks.examples import database, plan_of, replica, settings
from mainstay.checks.scene import Scene, amount, hides, is_shown, literal, misread
from mainstay.core.findings import Origin
from mainstay.core.units import Bytes
from mainstay.plan.resources import DbInstance, Opaque, Resource
from mainstay.plan.values import Param, Ref, Unknown


def scene_of(*resources: Resource) -> Scene:
    plan = plan_of(*resources)
    return Scene(plan, plan.primary, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [(5, int, 5), (True, int, None), (True, bool, True), ("a", str, "a"), (Param("x"), str, None), (None, str, None)],
)
def test_literals(value: object, kind: type, expected: object) -> None:
    assert literal(value, kind) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, 0.0), (5, 5), (True, None), ("5", None), (Param("x"), None), (None, None)]
)
def test_amounts(value: object, expected: float | None) -> None:
    assert amount(value) == expected


def test_a_lineage_ends_in_a_circle() -> None:
    one, two = replica(key="One", source=Ref("Two")), replica(key="Two", source=Ref("One"))
    scene = scene_of(one, two)
    assert [each.key for each in scene.lineage(one)] == ["One", "Two"]
    assert scene.engine_of(one) is None


def test_settings_come_from_the_group_then_from_the_default() -> None:
    db = database(parameter_group=Ref("Settings"))
    scene = scene_of(db, settings(shared_buffers="1000"))
    assert scene.setting(db, "shared_buffers") == "1000"
    assert scene.size(db, "shared_buffers") == Bytes(1000 * 8192)
    assert scene.number(db, "max_connections") == 901
    assert scene.size(db, "max_connections") is None
    assert scene.setting(db, "no_such_setting") is None
    assert scene.number(db, "effective_io_concurrency") is None


def test_settings_that_cannot_be_seen() -> None:
    db = database(parameter_group=Param("Group"))
    assert scene_of(db).number(db, "max_connections") is None
    unknown = database(engine=Unknown("later"))
    assert scene_of(unknown).setting(unknown, "shared_buffers") is None
    assert scene_of(unknown).size(unknown, "shared_buffers") is None
    broken = database(parameter_group=Ref("Settings"))
    assert scene_of(broken, settings(shared_buffers="{Nope}")).number(broken, "shared_buffers") is None


def test_who_is_watched() -> None:
    db = database(identifier="shop")
    scene = scene_of(db)
    assert scene.watched(Ref("Database")) is db
    assert scene.watched("shop") is db
    assert scene.watched(None) is None
    assert scene.watched(Param("Name")) is None
    nameless = DbInstance(key="Nameless")
    assert scene_of(nameless).watched("shop") is None


def test_what_is_hidden() -> None:
    assert hides(database(extras={"A.Ingress.0": 1}), "ingress")
    assert not hides(database(extras={"A.Egress.0": 1}), "ingress")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Unknown("no window", "9-10"), "9-10"),
        (Unknown("no number", 5.5), "5.5"),
        (Unknown("later"), None),
        (Unknown("later", {"Ref": "Window"}), None),
        (Unknown("later", "{{resolve:ssm:window}}"), None),
        (Unknown("later", "${var.window}"), None),
        ("9-10", None),
        (None, None),
    ],
)
def test_what_a_field_has_no_room_for(value: object, text: str | None) -> None:
    assert misread(value) == text


def test_what_terraform_shows() -> None:
    for address in ("aws_db_instance.shop", 'module.db["a/b"].aws_db_instance.shop[0]'):
        assert is_shown(database(address=address))
    for address in ("", "Shop/Database/Resource", "Network/Database"):
        assert not is_shown(database(address=address))


def test_an_engine_in_capitals() -> None:
    db = database(engine="MySQL", engine_version="8.4.11")
    assert scene_of(db).engine_of(db) == "mysql"


def test_the_whole_stack_stands_where_its_first_resource_does() -> None:
    first, second = (Opaque(key=key, type="T", origin=Origin(f"{key}.yaml", 3)) for key in ("One", "Two"))
    assert scene_of(first, second).whole.origin == Origin("One.yaml")
    assert scene_of(database()).whole.origin is None
    assert scene_of(database()).whole.key == "Template"


def test_a_rule_about_the_stack_speaks_at_the_first_resource_that_is_known() -> None:
    unknown, db, other = Opaque(key="Odd", type="T"), database(), replica()
    scene = scene_of(unknown, db, other)
    assert [scene.is_first(one) for one in (unknown, db, other)] == [False, True, False]


@pytest.mark.parametrize(
    ("own", "of_source", "is_default"),
    [
        (None, None, True),
        ("default.postgres17", "shops-own", True),
        ("shops-own", "default.postgres17", False),
        (None, "default.postgres17", True),
        (None, "shops-own", False),
    ],
)
def test_whose_group_holds_for_a_replica(own: str | None, of_source: str | None, is_default: bool) -> None:
    one = replica(parameter_group=own)
    scene = scene_of(database(parameter_group=of_source), one)
    assert (scene.setting(one, "shared_buffers") is not None) is is_default


def test_two_names_that_only_the_target_knows_are_not_the_same() -> None:
    later = Unknown("later")
    assert scene_of(database(identifier=later)).watched(later) is None
