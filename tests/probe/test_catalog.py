from __future__ import annotations

import pytest

from mainstay.probe import catalog
from mainstay.probe.catalog import Catalog
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.postgres.catalog import SECTIONS
from mainstay.probe.postgres.session import PostgresConnection as Connection


def test_every_section_of_a_real_database_has_something_in_it(source: Connection, copy: Connection) -> None:
    taken = POSTGRES.catalog(source)
    assert taken.sections.keys() == SECTIONS.keys()
    assert all(taken.sections.values()), taken.as_json()
    assert taken.as_json() == {"database": "source", "counts": {name: len(taken.sections[name]) for name in SECTIONS}}
    assert taken.invalid_indexes == ()
    assert catalog.compare(taken, None, POSTGRES.catalog(copy)) == ()


@pytest.mark.parametrize(
    ("sabotage", "section", "name", "state"),
    [
        ("DROP EXTENSION pgcrypto", "extensions", "pgcrypto", "missing"),
        ("DROP INDEX order_customer", "indexes", "public.order_customer", "missing"),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'order_customer'::regclass", "indexes",
         "public.order_customer", "changed"),
        ("DROP TABLE empty", "tables", "public.empty", "missing"),
        ("ALTER TABLE empty ADD extra text", "tables", "public.empty", "changed"),
        ("CREATE TABLE extra ()", "tables", "public.extra", "unexpected"),
        ('ALTER TABLE "order" DROP CONSTRAINT order_customer_fkey', "constraints",
         'public."order".order_customer_fkey', "missing"),
        ("CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
         "functions", "public.touch()", "changed"),
        ("ALTER TABLE customer DISABLE TRIGGER touched", "triggers", "public.customer.touched", "changed"),
        ("CREATE OR REPLACE VIEW rich AS SELECT * FROM customer", "views", "public.rich", "changed"),
        ("CREATE OR REPLACE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 2", "functions", "public.one()",
         "changed"),
        ("ALTER FUNCTION one() SECURITY DEFINER", "functions", "public.one()", "changed"),
        ("ALTER TABLE no_key ALTER a SET DEFAULT 'b'", "tables", "public.no_key", "changed"),
        ('ALTER TABLE no_key ALTER a TYPE text COLLATE "C"', "tables", "public.no_key", "changed"),
        ("REVOKE SELECT ON customer FROM clerk", "grants", "public.customer", "changed"),
        ("REVOKE UPDATE (name) ON customer FROM clerk", "grants", "public.customer.name", "missing"),
        ("GRANT SELECT ON no_key TO PUBLIC", "grants", "public.no_key", "changed"),
        ("REVOKE ALL ON FUNCTION one() FROM PUBLIC", "grants", "public.one()", "changed"),
        ("GRANT CREATE ON SCHEMA public TO clerk", "grants", "schema public", "changed"),
        ("ALTER TABLE no_key OWNER TO clerk", "grants", "public.no_key", "changed"),
        ("ALTER TYPE mood ADD VALUE 'mad'", "types", "public.mood", "changed"),
        ("ALTER DOMAIN positive DROP CONSTRAINT positive_check", "types", "public.positive", "changed"),
        ("DROP POLICY all_of_them ON customer", "policies", "public.customer.all_of_them", "missing"),
        ("ALTER TABLE customer DISABLE ROW LEVEL SECURITY", "policies", "public.customer", "missing"),
        ("ALTER PUBLICATION changes DROP TABLE customer", "publications", "changes", "changed"),
        ("ALTER EVENT TRIGGER watch DISABLE", "event triggers", "watch", "changed"),
        ("ALTER SCHEMA public OWNER TO clerk", "schemas", "public", "changed"),
        ("DROP COLLATION plain", "collations", "public.plain", "missing"),
        ("UPDATE pg_collation SET collversion = '1' WHERE collname = 'plain'", "collations", "public.plain", "changed"),
    ],
)  # fmt: skip
def test_sabotage_is_seen(
    source: Connection, copy: Connection, sabotage: str, section: str, name: str, state: str
) -> None:
    copy.execute(sabotage)
    found = catalog.compare(POSTGRES.catalog(source), None, POSTGRES.catalog(copy))
    mine = [difference for difference in found if difference.name == name and difference.section == section]
    assert [difference.state for difference in mine] == [state]
    assert mine[0].accuses
    assert mine[0].expected != mine[0].observed


def test_a_role_that_lost_its_group_or_its_setting_is_seen(source: Connection) -> None:
    """Roles belong to the whole server, so the same database is read twice."""
    before = POSTGRES.catalog(source)
    source.execute("REVOKE clerk FROM reader")
    source.execute("ALTER ROLE reader RESET work_mem")
    try:
        found = {(one.section, one.name): one.state for one in catalog.compare(before, None, POSTGRES.catalog(source))}
    finally:
        source.execute("GRANT clerk TO reader")
        source.execute("ALTER ROLE reader SET work_mem = '1MB'")
    assert found == {
        ("memberships", "reader in clerk"): "missing",
        ("role settings", "reader in every database"): "missing",
    }
    assert catalog.compare(before, None, POSTGRES.catalog(source)) == ()


def test_an_invalid_index_is_named(copy: Connection) -> None:
    copy.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'order_customer'::regclass")
    assert POSTGRES.catalog(copy).invalid_indexes == ("public.order_customer",)


def made(**items: str) -> Catalog:
    return Catalog("d", {name: {} for name in SECTIONS} | {"settings": items})


def test_what_changed_within_the_bracket_may_be_either() -> None:
    first, last = made(a="1"), made(a="2", b="1")
    assert catalog.compare(first, last, made(a="1")) == ()
    assert catalog.compare(first, last, made(a="2", b="1")) == ()
    (changed,) = catalog.compare(first, last, made(a="3"))
    assert changed.as_json() == {
        "section": "settings", "name": "a", "state": "changed", "expected": "1", "observed": "3",
    }  # fmt: skip
    (other,) = catalog.compare(first, last, made(a="1", b="9"))
    assert (other.name, other.state, other.expected) == ("b", "changed", "1")
    (beside,) = catalog.compare(first, first, made(a="1", b="9"))
    assert (beside.state, beside.expected) == ("unexpected", "nothing")


def test_a_setting_accuses_nobody() -> None:
    (changed,) = catalog.compare(made(a="1"), None, made(a="2"))
    assert not changed.accuses
