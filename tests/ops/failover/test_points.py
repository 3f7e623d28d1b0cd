"""What is chosen of what another region holds: the newest moment, or the nearest at or before the one asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mainstay.core.errors import NotFound, TargetRefused
from mainstay.core.units import Bytes, Duration
from mainstay.ops.aws.backup import RecoveryPoint
from mainstay.ops.aws.rds_states import AutomatedBackup, RestorableWindow, SnapshotState
from mainstay.ops.failover import points, standing
from mainstay.ops.failover.points import Choice

HOME, THERE = "us-east-1", "us-west-2"
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def backup(latest: datetime | None, *, name: str = "shop", resource: str = "db-1") -> AutomatedBackup:
    window = RestorableWindow(earliest=NOW - 30 * HOUR if latest else None, latest=latest)
    return AutomatedBackup(
        arn=f"arn:{resource}", instance_id=name, resource_id=resource, status="replicating", window=window,
        retention=Duration.days(3), region=HOME, engine="postgres", engine_version="17.10", username="owner",
    )  # fmt: skip


def point(number: int, taken: datetime, *, status: str = "COMPLETED", source: str = "shop") -> dict[str, Any]:
    arn = f"arn:aws:rds:{THERE}:1:snapshot:awsbackup:copyjob-{number}"
    # The copy itself is an hour younger than what it holds.
    made = RecoveryPoint(arn=arn, vault="v", source_arn=f"arn:aws:rds:{HOME}:1:db:{source}", status=status,
                         taken_at=taken + HOUR)  # fmt: skip
    snapshot = SnapshotState(
        identifier=str(number), arn=arn, instance_id=source, source_resource_id="db-1", status="available",
        kind="awsbackup", storage=Bytes.gib(20), is_encrypted=True, engine="postgres", taken_at=taken,
    )  # fmt: skip
    return {"point": made, "snapshot": snapshot}


def site(*backups: AutomatedBackup, held: tuple[dict[str, Any], ...] = ()) -> Any:
    """A region that answers these."""
    snapshots: dict[str, SnapshotState] = {each["point"].arn: each["snapshot"] for each in held}

    def snapshot(arn: str) -> SnapshotState:
        if snapshots[arn].status == "gone":
            raise NotFound("gone")
        return snapshots[arn]

    rds = SimpleNamespace(
        replicated_backups=lambda region: tuple(each for each in backups if each.region == region), snapshot=snapshot
    )
    vaults = SimpleNamespace(points=lambda vault: tuple(each["point"] for each in held))
    return SimpleNamespace(region=THERE, doors=SimpleNamespace(rds=rds, backup=vaults))


def chosen(there: Any, time: datetime | None = None) -> Choice:
    return points.choose(there, points.look(there, "shop", HOME, ["v"]), "shop", time, NOW)


def test_the_newest_moment_wins_and_the_other_way_is_named() -> None:
    there = site(backup(NOW - timedelta(minutes=20)), held=(point(1, NOW - 10 * HOUR), point(2, NOW - 2 * HOUR)))
    choice = chosen(there)
    assert (choice.kind, choice.holds, choice.time) == ("replicated backup", NOW - timedelta(minutes=20), None)
    assert "20m ago; the newest recovery point beside it holds 2026-11-20T12:00" in choice.reason
    assert Choice.from_json(choice.as_json()) == choice


def test_a_stopped_replication_loses_to_a_younger_snapshot() -> None:
    choice = chosen(site(backup(NOW - 12 * HOUR), held=(point(1, NOW - 10 * HOUR), point(2, NOW - 11 * HOUR))))
    assert (choice.kind, choice.holds) == ("recovery point", NOW - 10 * HOUR)
    assert "the newest replicated backup beside it holds 2026-11-20T02:00" in choice.reason


def test_of_two_databases_of_that_name_the_younger_data_count() -> None:
    old, new = backup(NOW - 20 * HOUR, resource="db-0"), backup(NOW - HOUR)
    assert chosen(site(old, new)).source_resource_id == "db-1"


def test_at_the_same_moment_the_backup_is_taken() -> None:
    assert chosen(site(backup(NOW - HOUR), held=(point(1, NOW - HOUR),))).kind == "replicated backup"


@pytest.mark.parametrize(
    ("time", "kind", "holds", "told"),
    [
        (NOW - 2 * HOUR, "replicated backup", NOW - 2 * HOUR, "beside it"),
        (NOW - HOUR, "replicated backup", NOW - HOUR, "beside it"),  # the latest time itself RDS does not take
        (NOW, "replicated backup", NOW - HOUR, "2026-11-20T14:00:00.000000Z itself is not there"),
        (NOW - 31 * HOUR, "recovery point", NOW - 40 * HOUR, "itself is not there"),
        (NOW - 40 * HOUR, "recovery point", NOW - 40 * HOUR, "there is nothing else"),
    ],
)
def test_a_moment_is_the_nearest_at_or_before(time: datetime, kind: str, holds: datetime, told: str) -> None:
    choice = chosen(site(backup(NOW - HOUR), held=(point(1, NOW - 40 * HOUR),)), time)
    assert (choice.kind, choice.holds) == (kind, holds)
    assert told in choice.reason
    assert choice.time == (time if kind == "replicated backup" and holds == time != NOW - HOUR else None)


def test_what_cannot_be_restored_is_not_chosen() -> None:
    held = (
        point(1, NOW, status="PARTIAL"),
        point(2, NOW, source="other"),
        {**(gone := point(3, NOW)), "snapshot": replace(gone["snapshot"], status="gone")},
    )
    there = site(backup(None), backup(NOW, name="other"), replace(backup(NOW), region="eu-west-1"), held=held)
    with pytest.raises(NotFound, match="nothing to restore there") as stop:
        chosen(there)
    assert "us-west-2 holds no replicated backup and no recovery point of shop." in stop.value.detail
    with pytest.raises(NotFound) as stop:
        chosen(site(held=(point(1, NOW),)), NOW - timedelta(microseconds=1))
    assert "at or before 2026-11-20T13:59:59.999999Z" in stop.value.detail


def test_a_stack_without_a_place_for_a_database_is_no_place() -> None:
    outputs = {standing.SUBNETS: "subnets", standing.GROUP: "sg-1"}
    found = SimpleNamespace(status="UPDATE_ROLLBACK_COMPLETE", outputs=outputs)
    there: Any = SimpleNamespace(
        region=THERE, label="aws", doors=SimpleNamespace(cloudformation=SimpleNamespace(find_stack=lambda name: found))
    )
    with pytest.raises(TargetRefused, match="no place for a database") as stop:
        standing.outputs_of(there, "shop-dev")
    assert "is UPDATE_ROLLBACK_COMPLETE and has no output ParameterGroupName" in stop.value.detail
    outputs[standing.PARAMETERS] = "parameters"
    place = standing.placement(standing.outputs_of(there, "shop-dev"))
    assert (place.subnet_group, place.security_group_ids, place.option_group, place.keeping) == (
        "subnets", ("sg-1",), None, None
    )  # fmt: skip
    assert standing.vaults(outputs) == ()
    assert standing.vaults({standing.VAULT: f"arn:aws:backup:{THERE}:1:backup-vault:shop-backups"}) == ("shop-backups",)
