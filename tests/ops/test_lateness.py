"""What AWS does to whoever waits for hours: throttling, silence, and answers that come late; through botocore."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ops.contract import Contract, Refusal

from mainstay.core.errors import Busy, Inconclusive, TargetRefused
from mainstay.core.progress import Silent
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.retry import DEFAULT
from mainstay.ops.drill import Reaped, reap
from mainstay.ops.drill.state import target_identifier
from mainstay.ops.instances import find_made, wait_available
from mainstay.ops.journal import Journal, Run
from mainstay.ops.site import Site
from mainstay.ops.wait import wait_for

Fixture = Any  # fixtures of conftest
THROTTLED = Refusal("Throttling", "Rate exceeded")
ABSENT = Refusal("DBInstanceNotFound", "DBInstance db not found.", 404)


def instance(status: str, name: str = "db", resource_id: str = "db-1", **members: Any) -> Mapping[str, Any]:
    known = {"DBInstanceIdentifier": name, "DbiResourceId": resource_id, "DBInstanceStatus": status}
    return {"DBInstances": [{**known, "Engine": "postgres", "EngineVersion": "17.6", **members}]}


READY = instance("available")


def site_of(clock: Fixture, steps: Sequence[Mapping[str, Any] | Refusal]) -> tuple[Site, Contract]:
    contract = Contract()
    contract.then("rds:DescribeDBInstances", steps)
    return Site(doors=Doors(contract.session(), clock), label="aws", region="eu-central-1"), contract


def test_a_throttled_question_is_repeated_with_full_jitter_within_its_budget(clock: Fixture) -> None:
    site, contract = site_of(clock, [*[THROTTLED] * 6, READY])
    assert site.doors.rds.instance("db").is_available
    assert len(contract.asked) == 7
    assert len(clock.sleeps) == 6
    assert len(set(clock.sleeps)) == 6
    assert all(0 <= pause <= DEFAULT.ceiling(attempt) for attempt, pause in enumerate(clock.sleeps))
    site, contract = site_of(clock, [THROTTLED] * 500)
    before = clock.elapsed_s
    with pytest.raises(Busy, match="too many calls"):
        site.doors.rds.instance("db")
    assert clock.elapsed_s - before <= DEFAULT.total_s


def test_an_account_throttled_for_long_does_not_end_a_wait_of_hours(clock: Fixture, heard: Fixture) -> None:
    throttled: list[Mapping[str, Any] | Refusal] = [THROTTLED] * 200
    site, contract = site_of(clock, [instance("creating"), *throttled, READY, *throttled, READY, READY])
    wait_available(site, "db", deadline_s=7 * 3600, progress=heard, clock=clock)
    assert any("not answered: too many calls" in tick for tick in heard.ticks)
    assert len(contract.asked) == 404  # a look that was not answered holds nothing: two more were needed after it


def test_what_is_never_answered_ends_at_the_deadline(clock: Fixture, heard: Fixture) -> None:
    def question() -> str:
        raise Busy("no answer", detail="rds:DescribeDBInstances: timed out")

    with pytest.raises(Inconclusive) as stop:
        wait_for(question, bool, message="db", deadline_s=100, pace_s=30, progress=heard, clock=clock)
    assert "not answered: no answer, rds:DescribeDBInstances: timed out: not done after" in stop.value.detail
    assert clock.sleeps == [30, 30, 30]


def test_a_restore_of_hours_outlasts_what_botocore_waits_for_and_is_modified_on_the_way(
    clock: Fixture, heard: Fixture
) -> None:
    looks: list[Mapping[str, Any] | Refusal] = [
        ABSENT,
        ABSENT,
        *[instance("creating")] * 120,
        instance("modifying"),
        READY,
        instance("modifying"),
    ]
    site, contract = site_of(clock, [*looks, READY, READY])
    assert wait_available(site, "db", deadline_s=4 * 3600, progress=heard, clock=clock).is_available
    assert clock.elapsed_s > 3600  # botocore gives up after 1800
    assert set(clock.sleeps) == {30.0}
    assert len(contract.asked) == len(looks) + 2


@pytest.mark.parametrize(("late", "is_found"), [(10, True), (11, True), (12, False)])
def test_what_does_not_exist_is_looked_for_for_five_minutes(
    clock: Fixture, heard: Fixture, late: int, is_found: bool
) -> None:
    site, _ = site_of(clock, [*[ABSENT] * late, *[READY] * 2])
    if is_found:
        wait_available(site, "db", deadline_s=3600, progress=heard, clock=clock)
        return
    with pytest.raises(TargetRefused) as stop:
        wait_available(site, "db", deadline_s=3600, progress=heard, clock=clock)
    assert "has not appeared in 300 s" in stop.value.detail


TAGGED = instance("creating", TagList=[{"Key": "mainstay:run-id", "Value": "r"}])


def look_for(site: Site, clock: Fixture, within_s: float) -> DbState | None:
    return find_made(
        site, "db", is_whole=lambda state: bool(state and state.tags), within_s=within_s, progress=Silent(), clock=clock
    )


def test_what_was_just_made_is_waited_for_until_it_has_its_tags(clock: Fixture) -> None:
    site, _ = site_of(clock, [ABSENT, instance("creating"), TAGGED])
    found = look_for(site, clock, 300)
    assert found is not None
    assert found.tags
    assert clock.sleeps == [30, 30]
    site, _ = site_of(clock, [instance("creating")] * 4)
    bare = look_for(site, clock, 60)
    assert bare is not None
    assert not bare.tags
    site, contract = site_of(clock, [ABSENT])
    assert look_for(site, clock, 0) is None
    assert len(contract.asked) == 1


class Leak:
    """A run that was killed after it had asked for a restore, and what RDS shows of it."""

    def __init__(self, directory: Path, clock: Fixture, *, resource_id: str | None = "db-COPY") -> None:
        self.journal, self.clock = Journal(directory, clock), clock
        self.run: Run = self.journal.begin("drill", "shop-db", stack="shop")
        self.name = target_identifier("shop-db", self.run.id)
        self.run.write("about to", call="rds:RestoreDBInstanceToPointInTime", target=self.name, source="db-SOURCE")
        if resource_id:
            self.run.write("restoring", target=self.name, resource_id=resource_id)
        self.contract = Contract(
            {
                "rds:DescribeDBInstances": self.describe,
                "rds:DeleteDBInstance": self.delete,
                "rds:DescribeDBParameterGroups": lambda _: {"DBParameterGroups": []},
                "secretsmanager:ListSecrets": lambda _: {"SecretList": []},
            }
        )
        self.looks: list[Mapping[str, Any] | None] = []
        self.is_deleted = False

    def shown(self, *, resource_id: str = "db-COPY", **tags: str) -> Mapping[str, Any]:
        given = [{"Key": key.replace("_", ":", 1).replace("_", "-"), "Value": value} for key, value in tags.items()]
        return instance("available", self.name, resource_id, TagList=given)

    @property
    def ours(self) -> Mapping[str, Any]:
        return self.shown(mainstay_run_id=self.run.id, mainstay_purpose="drill", mainstay_expires_at=EXPIRED)

    def describe(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        if members.get("DBInstanceIdentifier") == "shop-db":
            return instance("available", "shop-db", "db-SOURCE")
        look = None if self.is_deleted else self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if members and look is None:
            raise ABSENT
        return look or {"DBInstances": []}

    def delete(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        self.is_deleted = True
        return {"DBInstance": {"DBInstanceIdentifier": members["DBInstanceIdentifier"]}}

    def reap(self) -> Reaped:
        site = Site(doors=Doors(self.contract.session(), self.clock), label="aws", region="eu-central-1")
        kept = {"stack": "shop", "journal": self.journal, "progress": Silent(), "clock": self.clock}
        return reap((site,), "shop-db", **kept)


EXPIRED = "2026-11-20T13:00:00Z"
Looks = Callable[[Leak], list[Mapping[str, Any] | None]]


@pytest.mark.parametrize(
    "looks",
    [
        lambda leak: [leak.ours],
        lambda leak: [None, None, leak.ours],
        lambda leak: [leak.shown(), leak.shown(), leak.ours],
    ],
    ids=["there", "not visible yet", "without its tags yet"],
)
def test_a_leak_is_deleted_when_name_tags_and_id_agree(tmp_path: Path, clock: Fixture, looks: Looks) -> None:
    leak = Leak(tmp_path, clock)
    leak.looks = looks(leak)
    assert leak.reap().deleted == (leak.name,)
    assert leak.contract.of("rds:DeleteDBInstance") == [
        {"DBInstanceIdentifier": leak.name, "SkipFinalSnapshot": True, "DeleteAutomatedBackups": True}
    ]
    assert leak.journal.run(leak.run.id).fact("deleted") == [leak.name]


def test_a_restore_whose_answer_was_lost_is_found_by_name_and_tags(tmp_path: Path, clock: Fixture) -> None:
    leak = Leak(tmp_path, clock, resource_id=None)
    leak.looks = [None, leak.ours]
    assert leak.reap().deleted == (leak.name,)


def test_another_instance_under_the_same_name_and_tags_is_left_and_named(tmp_path: Path, clock: Fixture) -> None:
    leak = Leak(tmp_path, clock, resource_id="db-GONE")
    leak.looks = [leak.ours]
    reaped = leak.reap()
    assert (reaped.deleted, reaped.exit_code) == ((), 1)
    assert [(left.identifier, left.run, left.is_expired) for left in reaped.left] == [(leak.name, leak.run.id, True)]
    assert leak.contract.of("rds:DeleteDBInstance") == []


def test_what_never_shows_its_tags_is_left_and_not_forgotten(tmp_path: Path, clock: Fixture) -> None:
    leak = Leak(tmp_path, clock)
    leak.looks = [leak.shown()]
    assert leak.reap().deleted == ()
    assert clock.elapsed_s >= 270
    assert leak.journal.unfinished("drill", "shop-db")
    leak.looks = [leak.ours]
    assert leak.reap().deleted == (leak.name,)


def test_an_old_leak_is_not_waited_for(tmp_path: Path, clock: Fixture) -> None:
    leak = Leak(tmp_path, clock)
    leak.looks = [None]
    clock.elapsed_s += 301
    assert leak.reap().deleted == ()
    assert clock.sleeps == []
    assert leak.journal.runs()[0].is_finished
    assert clock.now() == datetime(2026, 11, 20, 14, tzinfo=UTC) + timedelta(seconds=301)


class LateGroup:
    """A run that was killed while it made a parameter group, which RDS shows late, and its tags later still."""

    def __init__(self, directory: Path, clock: Fixture, *, ends: str = "about to") -> None:
        self.journal, self.clock = Journal(directory, clock), clock
        self.run: Run = self.journal.begin("drill", "shop-db", stack="shop")
        self.name = target_identifier("shop-db", self.run.id)
        self.run.write("about to", call="rds:CreateDBParameterGroup", group=self.name)
        if ends != "about to":
            self.run.write(ends, call="rds:CreateDBParameterGroup")
        absent = Refusal("DBInstanceNotFound", "not found", 404)
        self.contract = Contract({"rds:DescribeDBParameterGroups": self.groups, "rds:ListTagsForResource": self.tags})
        self.contract.answers["secretsmanager:ListSecrets"] = lambda _: {"SecretList": []}
        self.contract.then("rds:DescribeDBInstances", [absent, {"DBInstances": []}, {"DBInstances": []}])
        self.contract.then("rds:DeleteDBParameterGroup", [IN_USE, {}])
        self.looks = 0

    def groups(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        self.looks += 1
        is_gone = len(self.contract.of("rds:DeleteDBParameterGroup")) > 1
        if members and (self.looks < 3 or is_gone):
            raise Refusal("DBParameterGroupNotFound", "not found", 404)
        arn = f"arn:aws:rds:eu-central-1:123456789012:pg:{self.name}"
        known = {"DBParameterGroupName": self.name, "DBParameterGroupArn": arn, "DBParameterGroupFamily": "postgres17"}
        return {"DBParameterGroups": [] if is_gone else [known]}

    def tags(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        ours = {"mainstay:run-id": self.run.id, "mainstay:purpose": "drill"}
        return {"TagList": [{"Key": key, "Value": value} for key, value in ours.items()] if self.looks > 4 else []}

    def reap(self) -> Reaped:
        site = Site(doors=Doors(self.contract.session(), self.clock), label="aws", region="eu-central-1")
        kept = {"stack": "shop", "journal": self.journal, "progress": Silent(), "clock": self.clock}
        return reap((site,), "shop-db", **kept)


IN_USE = Refusal("InvalidDBParameterGroupState", "One or more database instances are still members of it")


def test_a_group_whose_answer_was_lost_is_waited_for_with_its_tags_and_until_nobody_has_it(
    tmp_path: Path, clock: Fixture
) -> None:
    late = LateGroup(tmp_path, clock)
    assert late.reap().deleted == (f"parameter group {late.name}",)
    assert clock.sleeps == [30, 30, 30, 30, 30]
    assert late.contract.of("rds:DeleteDBParameterGroup") == [{"DBParameterGroupName": late.name}] * 2


def test_a_group_that_was_refused_is_not_waited_for(tmp_path: Path, clock: Fixture) -> None:
    late = LateGroup(tmp_path, clock, ends="failed")
    assert late.reap().deleted == ()
    assert clock.sleeps == []


def test_a_group_that_may_have_been_heard_is_waited_for(tmp_path: Path, clock: Fixture) -> None:
    late = LateGroup(tmp_path, clock, ends="not answered")
    assert late.reap().deleted == (f"parameter group {late.name}",)
