"""What a drill can be pointed at beside the latest time and a given one: any second, a snapshot, a recovery point."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from tests.ops.drill.conftest import Shop, die, wait_until

from mainstay.core.clock import parse_time
from mainstay.core.errors import Busy, InputRefused, NotFound
from mainstay.core.progress import Silent
from mainstay.ops import lease
from mainstay.ops.aws.rds import RestoreRequest
from mainstay.ops.aws.rds_states import RestorableWindow
from mainstay.ops.drill import STEPS, DrillRequest, reap
from mainstay.ops.drill.choosing import _any_second
from mainstay.ops.drill.state import target_identifier
from mainstay.ops.journal import Journal, Run
from mainstay.ops.restore import placement_of
from mainstay.ops.tags import DRILL, EXPIRES_AT, PURPOSE, RUN_ID
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.session import Connection
from mainstay.sandbox import session

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "evidence.schema.json").read_text())
REQUEST = DrillRequest(stack="shop", source="shop-db", secret="shop-login")


def beat(connection: Connection) -> None:
    """A marker of one run, in which each bounds the one before it."""
    POSTGRES.create_canary(connection)
    POSTGRES.write_marker(connection, "beat")


@pytest.fixture(scope="module")
def snapshot(shop: Shop) -> str:
    """A snapshot with a marker before it and one after."""
    with shop.open() as connection:
        beat(connection)
        beat(connection)
        shop.site.doors.rds.take_snapshot("shop-db", "by-hand", {})
        wait_until(lambda: shop.site.doors.rds.snapshot("by-hand").status == "available")
        beat(connection)
    wait_until(lambda: shop.site.doors.rds.instance("shop-db").is_available)
    return "by-hand"


def test_a_snapshot_is_proven_to_hold_its_moment(shop: Shop, snapshot: str) -> None:
    state = shop.site.doors.rds.snapshot(snapshot)
    assert state.taken_at is not None
    assert state.holds_until is not None
    assert state.holds_until <= state.taken_at
    result = shop.drill(replace(REQUEST, snapshot=snapshot))
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P3")
    assert result.evidence["target"]["kind"] == "snapshot"
    assert parse_time(result.evidence["target"]["time"]) == state.taken_at
    assert result.evidence["way"]["kind"] == "snapshot"
    assert result.evidence["way"]["name"] == snapshot
    jsonschema.validate(result.evidence, SCHEMA)
    assert shop.instances() == ["shop-db"]


def test_a_snapshot_without_what_was_committed_before_it_is_disproven(shop: Shop, snapshot: str) -> None:
    with shop.open() as connection:
        marker = POSTGRES.write_marker(connection, "late")
    holds = shop.site.doors.rds.snapshot(snapshot).holds_until
    assert holds is not None
    early = replace(marker, written_at=holds - timedelta(seconds=2), committed_by=holds - timedelta(seconds=1))
    result = shop.drill(replace(REQUEST, snapshot=snapshot, markers=(early,)))
    assert result.verdict.word == "DISPROVEN"
    assert any(f"missing: {marker.id}" in reason for reason in result.verdict.reasons)


def test_the_newest_recovery_point_is_found_in_the_vault(shop: Shop) -> None:
    backup = session(shop.sandbox, "eu-central-1").client("backup")
    backup.create_backup_vault(BackupVaultName="keep")
    source = session(shop.sandbox, "eu-central-1").client("rds").describe_db_instances()["DBInstances"][0]
    with shop.open() as connection:
        beat(connection)
        beat(connection)
        with pytest.raises(NotFound, match="no such recovery point"):
            shop.drill(replace(REQUEST, vaults=("keep",)))
        role = "arn:aws:iam::123456789012:role/backup"
        backup.start_backup_job(BackupVaultName="keep", ResourceArn=source["DBInstanceArn"], IamRoleArn=role)
        wait_until(lambda: any(one.is_complete for one in shop.site.doors.backup.points("keep")))
        beat(connection)
    wait_until(lambda: shop.site.doors.rds.instance("shop-db").is_available)
    (point,) = shop.site.doors.backup.points("keep")
    died = [die(shop, at, replace(REQUEST, vaults=("keep",)))[0] for at in (STEPS[3].name, "Verify the point")]
    result = shop.drill(REQUEST)  # goes on with what is open
    assert [one.id for one in died] == [result.run_id] * 2
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P3")
    assert result.evidence["target"]["kind"] == "recovery-point"
    assert result.evidence["way"]["name"] == point.arn
    assert "newest in keep" in result.evidence["way"]["reason"]
    jsonschema.validate(result.evidence, SCHEMA)
    with pytest.raises(NotFound) as refused:
        shop.drill(replace(REQUEST, vaults=("keep",), snapshot=point.arn + "0"))
    assert "1 others are" in refused.value.detail


def test_what_is_no_snapshot_of_the_source_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        shop.drill(replace(REQUEST, snapshot="nobody-took-it"))
    client = session(shop.sandbox, "eu-central-1").client("rds")
    door, found = type(shop.site.doors.rds), shop.site.doors.rds.snapshot
    whole = found(client.describe_db_snapshots()["DBSnapshots"][0]["DBSnapshotIdentifier"])
    for state, words in (
        (replace(whole, source_resource_id="db-OTHER"), "a snapshot of something else"),
        (replace(whole, status="creating"), "a snapshot that is not whole"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(door, "snapshot", lambda *_, state=state: state)
            with pytest.raises(InputRefused, match=words):
                shop.drill(replace(REQUEST, snapshot=state.identifier))
    assert all(run.is_finished for run in shop.journal.runs())


def test_any_second_of_the_window_can_be_drilled(shop: Shop) -> None:
    time.sleep(1)  # so that the window holds a whole second for sure
    result = shop.drill(replace(REQUEST, is_random=True))
    assert result.verdict.word in {"PROVEN", "INCONCLUSIVE"}  # without markers around it, a second proves nothing
    assert result.evidence["target"]["kind"] == "random"
    target, window = parse_time(result.evidence["target"]["time"]), result.evidence["target"]["window"]
    assert target.microsecond == 0
    assert parse_time(window["earliest"]) <= target < parse_time(window["latest"])
    assert shop.instances() == ["shop-db"]


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_random_second_lies_in_the_window() -> None:
    found = {_any_second(RestorableWindow(earliest=NOON, latest=NOON + timedelta(seconds=3))) for _ in range(60)}
    assert found == {NOON, NOON + timedelta(seconds=1), NOON + timedelta(seconds=2)}
    late = NOON + timedelta(microseconds=1)
    ends = late + timedelta(seconds=1)
    assert _any_second(RestorableWindow(earliest=late, latest=ends)) == NOON + timedelta(seconds=1)
    with pytest.raises(InputRefused, match="without a whole second"):
        _any_second(RestorableWindow(earliest=late, latest=NOON + timedelta(seconds=1)))
    with pytest.raises(InputRefused, match="no restorable window"):
        _any_second(RestorableWindow(earliest=None, latest=NOON))


def leaked(shop: Shop, run: Run, **tags: str) -> str:
    """An instance as a drill of that run would have left it."""
    name = target_identifier("shop-db", run.id)
    source = shop.site.doors.rds.instance("shop-db")
    run.write("about to", call="rds:RestoreDBInstanceToPointInTime", target=name)
    ours = {RUN_ID: run.id, PURPOSE: DRILL, EXPIRES_AT: "2026-11-20T12:00:00Z", **tags}
    shop.site.doors.rds.restore_to_time(
        RestoreRequest(source="shop-db", target=name, placement=placement_of(source), tags=ours)
    )
    wait_until(lambda: shop.site.doors.rds.instance(name).is_available)
    return name


@pytest.fixture
def elsewhere(shop: Shop, tmp_path: Path) -> Iterator[str]:
    """A leak that another machine's journal knows."""
    name = leaked(shop, Journal(tmp_path).begin("drill", "shop-db"))
    yield name
    shop.site.doors.rds.delete_without_snapshot(name)
    wait_until(lambda: shop.instances() == ["shop-db"])


def test_a_leak_goes_when_the_journal_proves_it_and_is_named_when_not(shop: Shop, elsewhere: str) -> None:
    ours = leaked(shop, shop.journal.begin("drill", "shop-db"))
    with lease.hold(shop.journal.directory, "shop", operation="drill"), pytest.raises(Busy):
        reap((shop.site,), "shop-db", stack="shop", journal=shop.journal, progress=Silent())
    found = reap((shop.site,), "shop-db", stack="shop", journal=shop.journal, progress=Silent())
    assert found.deleted == (ours,)
    assert [(leak.identifier, leak.is_expired) for leak in found.left] == [(elsewhere, True)]
    assert found.exit_code == 1
    assert found.as_json()["deleted"] == [ours]
    assert shop.instances() == sorted(["shop-db", elsewhere])


def test_another_resource_of_the_same_name_is_not_deleted(shop: Shop) -> None:
    run = shop.journal.begin("drill", "shop-db")
    name = leaked(shop, run, **{EXPIRES_AT: "soon"})
    run.write("restoring", target=name, resource_id="db-THEFIRST")
    found = reap((shop.site,), "shop-db", stack="shop", journal=shop.journal, progress=Silent())
    assert found.deleted == ()
    assert [(leak.expires_at, leak.is_expired) for leak in found.left] == [("", False)]
    shop.site.doors.rds.delete_without_snapshot(name)
    wait_until(lambda: shop.instances() == ["shop-db"])
    assert reap((shop.site,), "shop-db", stack="shop", journal=shop.journal, progress=Silent()).exit_code == 0
