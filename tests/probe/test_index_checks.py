"""Indexes gone through by amcheck, and what would act by itself in a copy."""

from __future__ import annotations

import psycopg
import pytest
from tests.probe.conftest import OPEN

from mainstay.engines.postgres.cluster import Cluster
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.postgres.session import PostgresConnection as Connection

INDEXES = {'"public"."customer_pkey"', '"public"."order_pkey"', '"public"."order_customer"'}
AS_DESCENDING = "UPDATE pg_index SET indoption = '1' WHERE indexrelid = 'customer_pkey'::regclass"


def test_every_index_is_gone_through(copy: Connection) -> None:
    checks = {check.table: check for check in POSTGRES.check_tables(copy, 60)}
    assert checks.keys() == INDEXES
    assert {(check.is_sound, check.is_checked, check.words) for check in checks.values()} == {(True, True, "OK")}


def test_an_index_in_the_wrong_order_is_named(copy: Connection, opened: OPEN) -> None:
    copy.execute(AS_DESCENDING)  # which only a new session hears of
    damaged = [check for check in POSTGRES.check_tables(opened(copy.info.dbname), 60) if not check.is_sound]
    assert [check.table for check in damaged] == ['"public"."customer_pkey"']
    assert "invariant violated" in damaged[0].words


def test_an_invalid_index_is_left_to_the_catalog(copy: Connection) -> None:
    copy.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'order_customer'::regclass")
    assert {check.table for check in POSTGRES.check_tables(copy, 60)} == INDEXES - {'"public"."order_customer"'}


def test_the_extension_is_made_where_it_is_missing(copy: Connection) -> None:
    copy.execute("DROP EXTENSION amcheck")
    assert {check.table for check in POSTGRES.check_tables(copy, 60)} == INDEXES


def test_who_may_not_look_says_so_and_accuses_nothing(copy: Connection) -> None:
    copy.execute("CREATE ROLE nobody_much")
    try:
        copy.execute("SET ROLE nobody_much")
        (only,) = POSTGRES.check_tables(copy, 60)
        copy.execute("RESET ROLE")
        copy.execute("DROP EXTENSION amcheck")
        copy.execute("SET ROLE nobody_much")
        (again,) = POSTGRES.check_tables(copy, 60)
    finally:
        copy.execute("RESET ROLE")
        copy.execute("DROP ROLE nobody_much")
    for found in (only, again):
        assert (found.is_sound, found.is_checked) == (True, False)
        assert "permission denied" in found.words


def test_the_master_of_an_instance_may_look(server: Cluster, copy: Connection) -> None:
    copy.execute("SET ROLE app")  # pg_monitor's member, as every master is
    assert {check.words for check in POSTGRES.check_tables(copy, 60)} == {"OK"}
    copy.execute("RESET ROLE")


def test_an_empty_database_has_nothing_to_look_at(copy: Connection) -> None:
    for table in ('"order"', "customer"):
        copy.execute(f"DROP TABLE {table} CASCADE")
    assert list(POSTGRES.check_tables(copy, 60)) == []


def test_a_check_that_takes_too_long_is_no_verdict(copy: Connection) -> None:
    copy.execute("INSERT INTO customer (name) SELECT 'c' FROM generate_series(1, 200000)")
    with pytest.raises(psycopg.errors.QueryCanceled):
        list(POSTGRES.check_tables(copy, 0.001))
    assert copy.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_a_server_that_may_apply_subscriptions_is_no_silent_one(copy: Connection) -> None:
    seen = POSTGRES.acting(copy)
    assert seen.acts == ("max_logical_replication_workers = 4", "logical replication launcher 1")
    assert seen.words.startswith("max_logical_replication_workers = 4, shared_preload_libraries = none, logical")


@pytest.mark.parametrize(
    ("sets", "silent"),
    [
        ({}, {}),
        ({"shared_preload_libraries": "pg_stat_statements,auto_explain"}, {}),
        (
            {"shared_preload_libraries": "pg_stat_statements, pg_cron,pglogical"},
            {"shared_preload_libraries": "pg_stat_statements"},
        ),
        ({"shared_preload_libraries": "pg_cron"}, {"shared_preload_libraries": ""}),
        ({"rds.enable_pgactive": "1"}, {"rds.enable_pgactive": "0"}),
        ({"max_logical_replication_workers": "8", "rds.logical_replication": "1"}, {}),
    ],
)
def test_a_copy_starts_without_what_begins_by_itself(sets: dict[str, str], silent: dict[str, str]) -> None:
    assert POSTGRES.silent_parameters(sets) == {"max_logical_replication_workers": "0", **silent}


def test_subscriptions_and_jobs_are_silenced_and_named(copy: Connection) -> None:
    assert POSTGRES.silence(copy) == []
    far = "CREATE SUBSCRIPTION far CONNECTION 'host=127.0.0.1 port=1' PUBLICATION changes WITH (connect = false)"
    copy.execute(far)
    copy.execute("CREATE SCHEMA cron")
    copy.execute("CREATE TABLE cron.job (jobid bigint, active boolean)")
    copy.execute("INSERT INTO cron.job VALUES (1, true), (2, false)")
    try:
        copy.execute("ALTER SUBSCRIPTION far SET (slot_name = 'far')")
        copy.execute("ALTER SUBSCRIPTION far ENABLE")
        assert POSTGRES.silence(copy) == ["subscription far", "job 1"]
        assert copy.execute("SELECT subenabled FROM pg_subscription").fetchall() == [(False,)]
        assert copy.execute("SELECT jobid FROM cron.job WHERE active").fetchall() == []
        assert POSTGRES.silence(copy) == []
        copy.execute("UPDATE cron.job SET active = true")
        refusing = "RAISE EXCEPTION 'pg_cron can only be loaded via shared_preload_libraries'"
        copy.execute(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refusing}; END $$")
        copy.execute("CREATE TRIGGER refuse BEFORE UPDATE ON cron.job FOR EACH ROW EXECUTE FUNCTION refuse()")
        assert POSTGRES.silence(copy) == []  # nothing that could begin a job is loaded
        copy.execute(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN 1/0; END $$"
        )
        with pytest.raises(psycopg.Error):
            POSTGRES.silence(copy)
    finally:
        copy.execute("ALTER SUBSCRIPTION far DISABLE")
        copy.execute("ALTER SUBSCRIPTION far SET (slot_name = NONE)")
        copy.execute("DROP SUBSCRIPTION far")
