"""A drill's copy can do nothing by itself: what it would have done is shown beside it, in a copy with another group."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from tests.ops.drill.conftest import Shop, check, ordinary_copy, take_snapshot, wait_until

from mainstay.core.progress import Silent
from mainstay.ops.drill import DrillRequest, Reaped, reap
from mainstay.ops.drill.state import target_identifier
from mainstay.ops.journal import Journal, Run
from mainstay.ops.parameter_groups import CREATE, DESCRIPTION
from mainstay.ops.restore import placement_of
from mainstay.ops.tags import DRILL, EXPIRES_AT, PURPOSE, RUN_ID
from mainstay.plan.intent import SqlCheck
from mainstay.probe.dialect import POSTGRES
from mainstay.sandbox import faults
from mainstay.sandbox.state import State

pytestmark = pytest.mark.usefixtures("nothing_left")
REQUEST = DrillRequest(stack="shop", source="shop-db", secret="shop-login")
COULD_ACT = "nothing could act since it started"


class Feed:
    """A stream of rows from the database `postgres` of the source into its database `shop`, as its owner made it."""

    def __init__(self, shop: Shop) -> None:
        (kept,) = (shop.sandbox / "data").glob("*/*/side/rdsadmin.pass")
        password = kept.read_text().strip().rpartition(":")[2]
        with shop.open() as connection:
            row = connection.execute("SELECT inet_server_port()").fetchone()
            assert row is not None
        self.conninfo = f"host=127.0.0.1 port={row[0]} user=rdsadmin password={password} sslmode=disable"

    def tell(self, database: str, *statements: str) -> list[tuple[object, ...]]:
        with psycopg.connect(f"{self.conninfo} dbname={database}", autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def begin(self) -> None:
        self.tell(
            "postgres", "CREATE TABLE feed (id int PRIMARY KEY)", "CREATE PUBLICATION feed FOR TABLE feed",
            "SELECT pg_create_logical_replication_slot('feed', 'pgoutput')",
        )  # fmt: skip
        self.tell(
            "shop", "CREATE TABLE feed (id int PRIMARY KEY)", "ALTER TABLE feed OWNER TO app",
            f"CREATE SUBSCRIPTION feed CONNECTION '{self.conninfo} dbname=postgres' PUBLICATION feed"
            " WITH (create_slot = false, copy_data = false, slot_name = 'feed')",
            "GRANT pg_create_subscription TO app", "ALTER SUBSCRIPTION feed OWNER TO app",
        )  # fmt: skip

    def pause(self) -> None:
        """The source takes no more of it; what was copied before still wants to."""
        self.tell("shop", "ALTER SUBSCRIPTION feed DISABLE")
        wait_until(lambda: not self.is_taken())
        self.tell("postgres", "INSERT INTO feed VALUES (1), (2)")

    def is_taken(self) -> bool:
        active = "SELECT active FROM pg_replication_slots WHERE slot_name = 'feed'"
        return self.tell("postgres", active) == [(True,)]

    def end(self) -> None:
        self.tell("shop", "ALTER SUBSCRIPTION feed SET (slot_name = NONE)", "DROP SUBSCRIPTION feed", "DROP TABLE feed")
        self.tell("postgres", "SELECT pg_drop_replication_slot('feed')", "DROP PUBLICATION feed", "DROP TABLE feed")


def test_a_subscription_takes_nothing_in_a_drill_and_would_have_without_its_group(shop: Shop) -> None:
    feed = Feed(shop)
    feed.begin()
    snapshot = take_snapshot(shop, "with-a-feed")
    feed.pause()
    nothing = SqlCheck(name="fed", statement="SELECT 1 FROM feed", expected_rows=0, database="shop")
    result = shop.drill(replace(REQUEST, snapshot=snapshot, checks=(nothing,), required="P2"))
    asked = [one for one in result.evidence["checks"] if one["kind"] == "sql"]
    assert [one["outcome"] for one in asked] == ["passed"]
    assert check(result, COULD_ACT)[0] == "passed"
    assert "max_logical_replication_workers = 0" in check(result, COULD_ACT)[1]
    assert check(result, "it does nothing by itself") == ("passed", "disabled subscription feed")
    with ordinary_copy(shop, snapshot) as open_copy, open_copy() as connection:
        wait_until(lambda: connection.execute("SELECT count(*) FROM feed").fetchone() == (2,))
        assert feed.is_taken()
        assert "max_logical_replication_workers = 4" in POSTGRES.acting(connection).acts
    feed.end()


def test_the_copy_has_the_sources_own_settings_besides(shop: Shop) -> None:
    shown = "SELECT 1 FROM pg_settings WHERE (name, setting) IN (('wal_level', 'logical'))"
    question = SqlCheck(name="as the source", statement=shown, expected_rows=1)
    result = shop.drill(replace(REQUEST, checks=(question,)))
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P5")
    assert check(result, "parameter group is in force") == ("passed", "in-sync")
    excluded = {one["subject"]: one["reason"] for one in result.evidence["exclusions"]}
    assert excluded["setting max_logical_replication_workers"].startswith("0 in the copy's own parameter group")
    assert check(result, "settings") == ("passed", "10 equal")


@pytest.fixture(scope="module")
def snapshot(shop: Shop) -> str:
    return take_snapshot(shop, "kept")


@pytest.mark.parametrize("beside", [None, "default.postgres16"])
def test_what_a_group_of_another_family_sets_is_not_carried_over(
    shop: Shop, snapshot: str, monkeypatch: pytest.MonkeyPatch, beside: str | None
) -> None:
    place = replace(placement_of(shop.site.doors.rds.instance("shop-db")), parameter_group=beside)
    monkeypatch.setattr("mainstay.ops.drill.restoring.placement_of", lambda _: place)
    lacking = SqlCheck(
        name="not so", statement="SELECT 1 WHERE current_setting('wal_level') = 'logical'", expected_rows=0
    )
    result = shop.drill(replace(REQUEST, snapshot=snapshot, checks=(lacking,), required="P2"))
    assert check(result, COULD_ACT)[0] == "passed"
    assert [one["outcome"] for one in result.evidence["checks"] if one["kind"] == "sql"] == ["passed"]


def test_a_copy_that_nobody_may_look_at_is_silenced_all_the_same(
    shop: Shop, snapshot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.probe.postgres.silence._PROCESSES", "SELECT usename FROM pg_shadow")
    result = shop.drill(replace(REQUEST, snapshot=snapshot))
    outcome, observed = check(result, COULD_ACT)
    assert (outcome, "pg_shadow" in observed) == ("open", True)
    assert check(result, "it does nothing by itself") == ("passed", "none was enabled")


def test_a_quota_that_is_full_is_named_and_nothing_is_restored(shop: Shop, snapshot: str) -> None:
    with State(shop.sandbox).transaction("eu-central-1") as tx:
        faults.order(tx, "rds", "CreateDBParameterGroup", ["DBParameterGroupQuotaExceeded"])
    result = shop.drill(replace(REQUEST, snapshot=snapshot))
    assert result.verdict.word == "INCONCLUSIVE"
    assert result.verdict.reasons[0].startswith("a quota is full; rds:CreateDBParameterGroup answered")
    assert [call["operation"] for call in result.evidence["calls"]] == ["CreateDBParameterGroup"]


def made_by(shop: Shop, run: Run, **tags: str) -> str:
    """A parameter group as a drill of that run would have left it, killed before it had an answer."""
    name = target_identifier("shop-db", run.id)
    run.write("about to", call=CREATE, group=name)
    ours = {RUN_ID: run.id, PURPOSE: DRILL, EXPIRES_AT: "2026-11-20T12:00:00Z", **tags}
    shop.site.doors.parameter_groups.create(name, "postgres17", DESCRIPTION, ours)
    return name


def test_a_group_that_a_killed_drill_left_is_deleted_by_its_journal_and_anothers_is_named(shop: Shop) -> None:
    ours = made_by(shop, shop.journal.begin("drill", "shop-db"))
    theirs = made_by(shop, Journal(shop.workspace / "another").begin("drill", "shop-db"))
    found = reap_all(shop)
    assert found.deleted == (f"parameter group {ours}",)
    assert [(leak.identifier, leak.is_expired) for leak in found.left] == [(f"parameter group {theirs}", True)]
    assert found.exit_code == 1
    shop.site.doors.parameter_groups.delete(theirs)
    assert reap_all(shop).exit_code == 0


def reap_all(shop: Shop) -> Reaped:
    return reap((shop.site,), "shop-db", stack="shop", journal=shop.journal, progress=Silent())


@pytest.mark.parametrize("fact", ["tags", "arn"])
def test_a_group_of_the_same_name_that_is_not_proven_ours_stays(shop: Shop, fact: str) -> None:
    run = shop.journal.begin("drill", "shop-db")
    name = made_by(shop, run, **({RUN_ID: "another"} if fact == "tags" else {}))
    if fact == "arn":
        run.write("parameter group", parameter_group_arn="arn:aws:rds:eu-central-1:123456789012:pg:another")
    assert reap_all(shop).deleted == ()
    assert shop.groups() == [name]
    shop.site.doors.parameter_groups.delete(name)
