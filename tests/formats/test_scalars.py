"""Single values: what is written, what is read, and what stays Unknown."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.formats import scalars
from mainstay.formats.cloudformation.dialect import CloudFormation
from mainstay.formats.cloudformation.scope import Scope
from mainstay.formats.codec import NOT_WRITTEN, CannotExpress, Foreign, Reading
from mainstay.formats.scalars import Plain, Scalar
from mainstay.plan.values import If, Json, Pseudo, Unknown

DIALECT = CloudFormation(Scope())
READ: list[tuple[Scalar, Json, object]] = [
    (scalars.text, "a", "a"),
    (scalars.text, 15.4, "15.4"),
    (scalars.text, 5, "5"),
    (scalars.text, True, "true"),
    (scalars.text, False, "false"),
    (scalars.integer, 5, 5),
    (scalars.integer, "5432", 5432),
    (scalars.integer, 5.0, 5),
    (scalars.integer_text, "5432", 5432),
    (scalars.number, 80, 80.0),
    (scalars.number, "0.5", 0.5),
    (scalars.boolean, True, True),
    (scalars.boolean, "True", True),
    (scalars.boolean, "false", False),
    (scalars.gib, "20", Bytes.gib(20)),
    (scalars.gib_text, 20, Bytes.gib(20)),
    (scalars.days, 7, Duration.days(7)),
    (scalars.seconds, "60", Duration(60)),
    (scalars.daily_window, "03:00-04:00", DailyWindow(180, 240)),
    (scalars.weekly_window, "Sun:03:30-Sun:04:30", WeeklyWindow.parse("sun:03:30-sun:04:30")),
]
UNKNOWN: list[tuple[Scalar, Json, str]] = [
    (scalars.text, [], "not a text"),
    (scalars.text, {"a": 1}, "not a text"),
    (scalars.integer, 5.5, "not a whole number"),
    (scalars.integer, True, "not a whole number"),
    (scalars.integer, "9" * 21, "not a whole number"),
    (scalars.integer, "abc", "invalid literal for int() with base 10: 'abc'"),
    (scalars.number, False, "not a number"),
    (scalars.number, "1e301", "not a number"),
    (scalars.number, "nan", "not a number"),
    (scalars.boolean, 1, "neither true nor false"),
    (scalars.boolean, "yes", "neither true nor false"),
    (scalars.gib, "big", "invalid literal for int() with base 10: 'big'"),
    (scalars.daily_window, "25:00-26:00", "'25:00-26:00' is not a daily window; write it in UTC as 03:00-04:00"),
]


@pytest.mark.parametrize(
    ("default", "means"), [("9-10", "9-10"), (9, 9), (["03:00-04:00"], None), ("03:00-04:00", None)]
)
def test_what_a_parameter_came_to_is_kept_beside_what_was_written(default: Json, means: object) -> None:
    dialect = CloudFormation(Scope(parameters={"Window": "String"}, given={"Window": default}))
    read = scalars.daily_window.read({"Ref": "Window"}, Reading(dialect))
    assert getattr(read, "means", None) == means
    assert scalars.daily_window.write(read, dialect) == (
        "03:00-04:00" if default == "03:00-04:00" else {"Ref": "Window"}
    )


def name_of(value: object) -> str:
    found = [name for name, one in vars(scalars).items() if one is value]
    return found[0] if found else str(value)


@pytest.mark.parametrize(("codec", "node", "value"), READ, ids=name_of)
def test_a_value_is_read_in_every_spelling(codec: Scalar, node: Json, value: object) -> None:
    found = codec.read(node, Reading(DIALECT))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("codec", "node", "reason"), UNKNOWN, ids=name_of)
def test_what_cannot_be_inverted_is_unknown_and_written_back(codec: Scalar, node: Json, reason: str) -> None:
    found = codec.read(node, Reading(DIALECT))
    assert found == Unknown(reason, node)
    assert codec.write(found, DIALECT) == node


@pytest.mark.parametrize(
    ("codec", "value", "node"),
    [
        (scalars.integer_text, 5432, "5432"),
        (scalars.number, 80.0, 80),
        (scalars.number, 0.5, 0.5),
        (scalars.gib_text, Bytes.gib(20), "20"),
        (scalars.gib, Bytes.gib(20), 20),
        (scalars.days, Duration.days(35), 35),
        (scalars.seconds, Duration.minutes(1), 60),
        (scalars.text, If("C", "a", None), {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}),
        (scalars.gib, If("C", None, Bytes.gib(1)), {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, 1]}),
        (scalars.boolean, Pseudo("region"), {"Ref": "AWS::Region"}),
    ],
)
def test_a_value_has_one_spelling(codec: Scalar, value: object, node: Json) -> None:
    written = codec.write(value, DIALECT)
    assert written == node
    assert type(written) is type(node)


@pytest.mark.parametrize(
    ("codec", "value", "reason"),
    [
        (scalars.gib, Bytes(2**30 + 1), "not a whole number of GiB"),
        (scalars.days, Duration(86_401), "not a whole number of days"),
        (scalars.number, float("inf"), "inf is not a number"),
    ],
)
def test_what_a_format_has_no_form_for_is_refused(codec: Scalar, value: object, reason: str) -> None:
    with pytest.raises(CannotExpress, match=reason):
        codec.write(value, DIALECT)


def test_a_choice_with_a_side_that_cannot_be_inverted_is_unknown_as_a_whole() -> None:
    node: Json = {"Fn::If": ["C", 1, "x"]}
    assert scalars.gib.read(node, Reading(DIALECT)) == Unknown("invalid literal for int() with base 10: 'x'", node)


def test_only_an_unknown_without_a_source_is_silent() -> None:
    assert scalars.text.is_silent(NOT_WRITTEN)
    assert not scalars.text.is_silent(Unknown("r", "s"))
    assert not scalars.text.is_silent("")


def test_a_plain_value_is_a_literal_or_foreign() -> None:
    codec = Plain(str, scalars.as_text, silent="")
    assert codec.write("a", DIALECT) == "a"
    assert codec.read("a", Reading(DIALECT)) == "a"
    assert codec.is_silent("")
    assert not codec.is_silent("a")
    with pytest.raises(Foreign):
        codec.read({"Ref": "A"}, Reading(DIALECT))


@pytest.mark.parametrize(("node", "value"), [("Enabled", True), ("Disabled", False)])
def test_a_switch_has_two_words(node: str, value: Any) -> None:
    codec = scalars.switch("Enabled", "Disabled")
    assert codec.read(node, Reading(DIALECT)) is value
    assert codec.write(value, DIALECT) == node
    with pytest.raises(Foreign):
        codec.read("On", Reading(DIALECT))
