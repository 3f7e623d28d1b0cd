"""What a plan promises, failure by failure."""

from __future__ import annotations

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of, replica
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import Failure, Outcome, promise
from mainstay.plan.resources import DbInstance, Fate
from mainstay.plan.values import Param


def outcome(db: DbInstance, failure: Failure) -> Outcome:
    (found,) = promise(plan_of(db)).of(failure)
    return found


def test_each_database_of_its_own_has_every_failure_once() -> None:
    promised = promise(plan_of(database(), replica(), database(key="Second")))
    assert [each.database for each in promised.outcomes] == ["Database"] * 7 + ["Second"] * 7
    assert [each.failure for each in promised.outcomes[:7]] == list(Failure)
    assert all(each.reasons and all(reason.endswith(".") for reason in each.reasons) for each in promised.outcomes)


def test_a_deleted_row_comes_back_by_a_restore() -> None:
    found = outcome(database(storage=Bytes.gib(100)), Failure.ROW_DELETED)
    assert found.rpo == Duration.minutes(5)
    # 102,400 MiB at the 125 MiB/s of a small gp3 and at 100 MiB/s, and 10 GiB of logs at 15 MB/s, above the floor.
    assert (found.rto_least, found.rto_most) == (Duration(1276 + 819), Duration(1470 + 716 + 1024))
    assert any("within 7 days" in reason for reason in found.reasons)


@pytest.mark.parametrize("storage", [None, Param("Size")])
def test_an_unknown_size_promises_the_floor(storage: object) -> None:
    found = outcome(database(storage=storage), Failure.ROW_DELETED)
    assert (found.rto_least, found.rto_most) == (Duration(1276), Duration(1470))
    assert "size is not known" in found.reasons[-1]


@pytest.mark.parametrize(("retention", "days"), [(None, "within 1 days"), (Param("Days"), "within 1 days")])
def test_an_unwritten_retention_is_aws_s_own(retention: object, days: str) -> None:
    found = outcome(database(backup_retention=retention), Failure.ROW_DELETED)
    assert any(days in reason for reason in found.reasons)


def test_without_backups_a_deleted_row_is_gone() -> None:
    for failure in (Failure.ROW_DELETED, Failure.INSTANCE_LOST, Failure.ZONE_LOST):
        found = outcome(database(backup_retention=Duration(0)), failure)
        assert (found.rpo, found.rto_least, found.rto_most) == (None, None, None)


@pytest.mark.parametrize("failure", [Failure.INSTANCE_LOST, Failure.ZONE_LOST])
def test_a_standby_loses_nothing(failure: Failure) -> None:
    found = outcome(database(is_multi_az=True), failure)
    assert (found.rpo, found.rto_least, found.rto_most) == (Duration(0), Duration(60), Duration(120))
    alone = outcome(database(is_multi_az=None), failure)
    assert alone.rpo == Duration(300)
    assert alone.reasons[0].startswith("No standby")


def test_no_backup_leaves_the_region() -> None:
    assert outcome(database(), Failure.REGION_LOST).rpo is None


@pytest.mark.parametrize(
    ("changes", "rpo", "least", "reason"),
    [
        ({}, 0, 0, "Deletion protection"),
        ({"has_deletion_protection": False}, 0, 2095, "A last snapshot"),
        ({"has_deletion_protection": False, "on_delete": None}, 0, 2095, "A last snapshot"),
        ({"has_deletion_protection": None, "on_delete": Fate.RETAIN}, 0, 0, "stays"),
        ({"has_deletion_protection": None, "on_delete": Fate.RETAIN_EXCEPT_ON_CREATE}, 0, 0, "stays"),
        ({"has_deletion_protection": False, "on_delete": Fate.DELETE}, 300, 2095, "Automated backups outlive"),
        (
            {"has_deletion_protection": False, "on_delete": Fate.DELETE, "deletes_automated_backups": None},
            None,
            None,
            "deleted with its automated backups",
        ),
        (
            {"has_deletion_protection": False, "on_delete": Fate.DELETE, "backup_retention": Duration(0)},
            None,
            None,
            "no snapshot is taken",
        ),
    ],
)
def test_a_deleted_stack(changes: dict[str, object], rpo: int | None, least: int | None, reason: str) -> None:
    found = outcome(database(**changes), Failure.STACK_DELETED)
    assert (found.rpo, found.rto_least) == (rpo, least)
    assert reason in " ".join(found.reasons)


def test_as_json_is_in_seconds() -> None:
    document = promise(plan_of(database(is_multi_az=True))).as_json()
    rows = document["outcomes"]
    assert isinstance(rows, list)
    assert rows[1]["failure"] == "instance lost"
    assert (rows[1]["rpo_s"], rows[1]["rto_most_s"], rows[4]["rpo_s"]) == (0, 120, None)
    assert (rows[1]["survives"], rows[1]["way"], rows[4]["survives"], rows[4]["way"]) == (True, "standby", False, "")
    assert [way["way"] for way in rows[1]["ways"]] == ["standby", "automated backups"]
    assert promise(plan_of()).as_json() == {"outcomes": []}


def test_the_reasons_are_those_of_the_best_way_and_of_a_standby_that_is_missing() -> None:
    restored = outcome(database(), Failure.INSTANCE_LOST)
    missing, best = restored.ways[0], next(way for way in restored.ways if way.survives)
    assert (missing.name, missing.survives) == ("standby", False)
    assert restored.reasons == tuple(reason.text for way in (missing, best) for reason in way.reasons)
    deleted = outcome(database(is_multi_az=True), Failure.ROW_DELETED)
    best = next(way for way in deleted.ways if way.name == deleted.way)
    assert deleted.reasons == tuple(reason.text for reason in best.reasons)
