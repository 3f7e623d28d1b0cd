from __future__ import annotations

import pytest
from tests.probe.mysql.conftest import Open

from mainstay.probe import catalog
from mainstay.probe.dialect import MYSQL
from mainstay.probe.mysql.session import MysqlConnection


def test_every_section_of_a_real_database_has_something_in_it(
    source: MysqlConnection, copy: MysqlConnection, opened: Open
) -> None:
    taken = MYSQL.catalog(source)
    assert {name for name, items in taken.sections.items() if not items} == set()
    bought_by = taken.sections["constraints"]["order.bought_by"]
    assert bought_by.startswith("FOREIGN KEY; customer source customer id; on update ")
    assert taken.sections["columns"]["customer.name"].startswith("2 varchar(100) utf8mb4 utf8mb4_")
    assert taken.sections["indexes"]["order.order_customer"] == "index BTREE customer A"
    own = MYSQL.catalog(opened("mysql")).sections
    assert {name for name, items in own.items() if not items} == set()
    assert "app@%" in own["users"]
    assert own["settings"]["character_set_server"] == "utf8mb4"
    found = catalog.compare(taken, None, MYSQL.catalog(copy))
    assert {row.section for row in found} == {"constraints", "views"}  # they name the database of their tables


@pytest.mark.parametrize(
    ("sabotage", "section", "name", "state"),
    [
        ("ALTER TABLE vacant ADD extra int", "columns", "vacant.extra", "unexpected"),
        ("ALTER TABLE customer MODIFY name varchar(100) CHARACTER SET latin1 NOT NULL", "columns", "customer.name",
         "changed"),
        ("ALTER TABLE vacant COLLATE utf8mb4_bin", "tables", "vacant", "changed"),
        ("ALTER TABLE vacant ENGINE = MyISAM", "tables", "vacant", "changed"),
        ("ALTER TABLE part DROP PARTITION b", "tables", "part", "changed"),
        ("DROP INDEX order_customer ON `order`", "indexes", "order.order_customer", "missing"),
        ("ALTER TABLE `order` DROP FOREIGN KEY bought_by", "constraints", "order.bought_by", "missing"),
        ("ALTER TABLE `order` DROP CONSTRAINT some_total", "checks", "order.some_total", "missing"),
        ("CREATE OR REPLACE VIEW rich AS SELECT 1 AS id", "views", "rich", "changed"),
        ("DROP TRIGGER touched", "triggers", "touched", "missing"),
        ("DROP PROCEDURE touch", "routines", "PROCEDURE touch", "missing"),
        ("ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY", "events", "nightly", "changed"),
    ],
)  # fmt: skip
def test_sabotage_is_seen(copy: MysqlConnection, sabotage: str, section: str, name: str, state: str) -> None:
    before = MYSQL.catalog(copy)
    if "order_customer" in sabotage:
        copy.execute("ALTER TABLE `order` DROP FOREIGN KEY bought_by")
    copy.execute(sabotage)
    found = {(row.section, row.name): row for row in catalog.compare(before, None, MYSQL.catalog(copy))}
    assert found[section, name].state == state
    assert found[section, name].accuses


def test_a_wrong_character_set_of_the_database_is_seen(copy: MysqlConnection) -> None:
    before = MYSQL.catalog(copy)
    copy.execute("ALTER DATABASE CHARACTER SET latin1")
    found = catalog.compare(before, None, MYSQL.catalog(copy))
    assert {(row.section, row.name, row.observed) for row in found} >= {("database", "character set", "latin1")}


def test_a_user_and_a_grant_that_are_lost_are_seen(source: MysqlConnection, opened: Open) -> None:
    own = opened("mysql")
    source.execute("CREATE USER visitor IDENTIFIED BY 'only-for-this-test-9' REQUIRE SSL")
    try:
        source.execute("GRANT SELECT (name) ON source.customer TO visitor")
        before = MYSQL.catalog(own)
        assert "SELECT on source customer name" in before.sections["grants"]["'visitor'@'%'"]
        source.execute("REVOKE SELECT (name) ON source.customer FROM visitor")
        less = {(row.section, row.name) for row in catalog.compare(before, None, MYSQL.catalog(own))}
        assert less == {("grants", "'visitor'@'%'")}
    finally:
        source.execute("DROP USER visitor")
    gone = {(row.section, row.name, row.state) for row in catalog.compare(before, None, MYSQL.catalog(own))}
    assert ("users", "visitor@%", "missing") in gone
