from __future__ import annotations

import pytest

from mainstay.probe import sequences
from mainstay.probe.dialect import MYSQL
from mainstay.probe.mysql.session import MysqlConnection


def problems(source: MysqlConnection, restored: MysqlConnection) -> dict[str, str]:
    compared = sequences.compare(MYSQL.sequences(source), MYSQL.sequences(restored))
    return {row.name: row.problem for row in compared if not row.has_passed}


def test_auto_increments_are_read_with_their_columns(source: MysqlConnection, copy: MysqlConnection) -> None:
    found = {sequence.name: sequence for sequence in MYSQL.sequences(source)}
    assert set(found) == {"`customer`", "`order`"}
    assert (found["`customer`"].column, found["`customer`"].furthest) == ("`customer`.`id`", 500)
    assert found["`customer`"].last_value is not None
    assert found["`customer`"].last_value >= 500
    assert problems(source, copy) == {}


def test_a_number_that_no_row_holds_may_come_again(source: MysqlConnection, copy: MysqlConnection) -> None:
    before = MYSQL.sequences(copy)
    copy.execute("START TRANSACTION")
    copy.execute("INSERT INTO customer (name) VALUES ('rolled back')")
    copy.execute("ROLLBACK")
    ahead = MYSQL.sequences(copy)
    assert all(row.has_passed for row in sequences.compare(ahead, before))


def test_rows_that_are_lost_with_their_numbers_are_seen(source: MysqlConnection, copy: MysqlConnection) -> None:
    copy.execute("DELETE FROM `order` WHERE id > 1000")
    copy.execute("ALTER TABLE `order` AUTO_INCREMENT = 1001")
    assert problems(source, copy) == {"`order`": "behind the source, which stood at 2000"}


def test_a_table_without_its_counter_is_seen(source: MysqlConnection, copy: MysqlConnection) -> None:
    copy.execute("ALTER TABLE `order` MODIFY id bigint NOT NULL")
    assert problems(source, copy) == {"`order`": "missing"}


def test_a_sequence_of_mariadb_is_read(copy: MysqlConnection) -> None:
    if copy.flavour.label != "MariaDB":
        pytest.skip("MySQL has no sequences")
    copy.execute("CREATE SEQUENCE tickets START WITH 5 INCREMENT BY 5 CACHE 10")
    fresh = next(one for one in MYSQL.sequences(copy) if one.name == "`tickets`")
    assert (fresh.start, fresh.increment, fresh.last_value, fresh.keeps_gaps) == (5, 5, None, True)
    copy.execute("SELECT NEXTVAL(tickets)")
    used = next(one for one in MYSQL.sequences(copy) if one.name == "`tickets`")
    assert used.last_value == 50
    assert sequences.compare([used], [fresh])[0].problem == "behind the source, which stood at 50"


def test_the_servers_own_tables_have_none_to_compare(source: MysqlConnection) -> None:
    source.raw.select_db("mysql")
    source.database = "mysql"
    assert MYSQL.sequences(source) == ()
