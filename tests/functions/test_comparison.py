"""The boundary of every check, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.functions.comparison import Check, compare
from mainstay.functions.database import Inspection, Replication
from mainstay.functions.manifest import Manifest, read


def found(**members: Any) -> Inspection:
    usual: dict[str, Any] = {
        "version": "8.4.7",
        "character_set": "utf8mb4",
        "collation": "utf8mb4_0900_ai_ci",
        "replication": Replication("none"),
        "schema": "shop",
        "tables": ("shop.a", "other.a", "shop.x.y"),
    }
    return Inspection(**{**usual, **members})


def checks(expected: dict[str, Any], **members: Any) -> tuple[Check, ...]:
    return compare(read(expected, "test"), found(**members), lambda schema, table: len(f"{schema}.{table}"))


def test_nothing_expected_is_nothing_checked() -> None:
    assert compare(Manifest(), found(), lambda *_: 0) == ()


@pytest.mark.parametrize(
    ("version", "is_right"), [("8", True), ("8.4", True), ("8.4.7", True), ("8.40", False), ("8.", False), ("4", False)]
)
def test_a_version_is_a_beginning_that_ends_at_a_part(version: str, is_right: bool) -> None:
    [check] = checks({"version": version})
    assert check.has_passed == is_right


@pytest.mark.parametrize("version", ["10.11.19-MariaDB-log", "10.11.19 (Debian)", "10.11.19"])
def test_a_version_may_be_followed_by_a_build(version: str) -> None:
    [check] = checks({"version": "10.11.19"}, version=version)
    assert check.has_passed


@pytest.mark.parametrize(("lag_s", "is_right"), [(0.0, True), (60.0, True), (60.1, False), (None, False)])
def test_a_lag_at_the_bound_passes_and_an_unknown_one_does_not(lag_s: float | None, is_right: bool) -> None:
    runs, lag = checks({"max_lag_s": 60}, replication=Replication("replica", lag_s=lag_s))
    assert runs.has_passed
    assert lag.has_passed == is_right


def test_a_stopped_replica_fails_though_nothing_was_said_of_replication() -> None:
    [check] = checks({}, replication=Replication("replica", is_running=False, detail="replay is paused"))
    assert (check.has_passed, check.observed) == (False, "replay is paused")


@pytest.mark.parametrize(
    ("table", "rows"), [("a", len("shop.a")), ("other.a", len("other.a")), ("x.y", len("shop.x.y"))]
)
def test_a_name_without_a_schema_is_in_the_database_s_own(table: str, rows: int) -> None:
    [check] = checks({"tables": {table: rows}})
    assert check.has_passed, check


def test_a_complete_list_counts_names_of_both_forms() -> None:
    every = {"a": None, "other.a": None, "shop.x.y": None}
    assert all(check.has_passed for check in checks({"tables": every, "is_complete": True}))
    *_, others = checks({"tables": {"a": None}, "is_complete": True})
    assert (others.has_passed, others.observed) == (False, "other.a, shop.x.y")
