"""What a row's hash sees, asked of real servers; MariaDB also in the way of its versions without CRC32C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.probe.mysql.conftest import at, make

from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.session import ask, tell
from mainstay.probe.mysql import row_hash
from mainstay.probe.mysql.fingerprint import _columns
from mainstay.probe.mysql.flavours import Flavour, flavour_of
from mainstay.probe.mysql.row_hash import Column
from mainstay.probe.mysql.session import MysqlConnection

WHOLE = "NULL; 0; 1; -1; 4; 5; 127; -128"
FRACTION = "NULL; '0000-00-00 00:00:00'; '2026-01-02 03:04:05.6'; '2026-01-02 03:04:05.600001'; '2026-01-02 03:04:06.6'"
TEXT = "NULL; ''; 'N'; 'n'; ' '; 'N '; 'é'; 'è'; 'e'; '1.0'; '1.00'; '0'; '-0'; ','; 'a,b'; 'aa'; REPEAT('a', 200)"
ANY_TEXT = f"{TEXT}; CONCAT(REPEAT('a', 70000), 'b'); CONCAT(REPEAT('a', 70000), 'c'); REPEAT('ä', 70000)"
BYTES = "NULL; x''; x'00'; x'0000'; x'4e'; x'ff'; x'ff00'; x'00ff'; x'2c'"
SHAPES = (
    "NULL; POINT(1, 2); POINT(2, 1); POINT(1, 2.5); ST_GeomFromText('POINT(1 2)', 4326); "
    "ST_GeomFromText('LINESTRING(1 2, 1 2.5)')"
)
# Of each type values that are not the same, as SQL, with semicolons between.
VALUES = {
    "tinyint": WHOLE,
    "tinyint unsigned": "NULL; 0; 1; 4; 255",
    "bool": "NULL; 0; 1",
    "smallint": f"{WHOLE}; 32767; -32768",
    "smallint(9) unsigned zerofill": "NULL; 0; 1; 65535",
    "mediumint": f"{WHOLE}; 8388607; -8388608",
    "mediumint unsigned": "NULL; 0; 16777215",
    "int": f"{WHOLE}; 2147483647; -2147483648",
    "int unsigned": "NULL; 0; 1; 4; 94967366; 4294967295; 4294967294",
    "bigint": f"{WHOLE}; 4294967296; -4294967296; 9223372036854775807; -9223372036854775808",
    "bigint unsigned": "NULL; 0; 1; 4; 4294967295; 4294967296; 9223372036854775808; 18446744073709551615",
    "bit(1)": "NULL; b'0'; b'1'",
    "bit(64)": "NULL; 0; 1; 4294967296; 9223372036854775808; 18446744073709551615",
    "year": "NULL; 0; 1901; 2155",
    "date": "NULL; '0000-00-00'; '1000-01-01'; '2026-01-02'; '2026-02-01'; '9999-12-31'",
    "time": "NULL; '00:00:00'; '00:00:01'; '-00:00:01'; '838:59:59'; '-838:59:59'",
    "time(6)": "NULL; '00:00:00'; '00:00:00.5'; '-00:00:00.5'; '00:00:00.500001'; '-838:59:59'; '838:59:59'",
    "datetime": "NULL; '0000-00-00 00:00:00'; '1000-01-01 00:00:00'; '2026-01-02 03:04:05'; '9999-12-31 23:59:59'",
    "datetime(6)": f"{FRACTION}; '9999-12-31 23:59:59.999999'",
    "timestamp": "NULL; '0000-00-00 00:00:00'; '1970-01-01 00:00:01'; '2026-01-02 03:04:05'; '2038-01-19 03:14:07'",
    "timestamp(6)": FRACTION,
    "float": "NULL; 0; 1; -1; 0.1; 16777216; 16777218; 3.4e38; 1e-38",
    "double": "NULL; 0; 1; -1; 0.1; 0.10000000000000002; 9007199254740992; 9007199254740994; 1e300; 5e-324",
    "decimal(10,2)": "NULL; 0; 0.01; -0.01; 1; 10; 99999999.99; -99999999.99",
    "decimal(65,30)": "NULL; 0; 1e-30; -1e-30; 12345678901234567890.1; 12345678901234567890.100000000000000001",
    "char(250)": "NULL; ''; 'N'; 'é'; 'e'; 'a'; 'aa'",
    "varchar(250)": TEXT,
    "varchar(2000)": TEXT,
    "varchar(250) character set latin1": "NULL; ''; 'N'; 'N '; 'é'; 'è'; 'e'",
    "varchar(250) collate utf8mb4_bin": TEXT,
    "tinytext": TEXT,
    "longtext": ANY_TEXT,
    "mediumtext character set latin1": "NULL; ''; 'N'; 'N '; 'é'; 'è'; 'e'; REPEAT('é', 70000)",
    "json": """NULL; 'null'; '""'; '"N"'; '{}'; '[]'; '1'; '{"a": 1}'; '{"a": "1"}'; '[1, 2]'; '[2, 1]'""",
    "binary(3)": "NULL; x''; x'01'; x'0100ff'; x'4e'",
    "varbinary(20)": BYTES,
    "longblob": f"{BYTES}; REPEAT(x'00', 70000); REPEAT(x'00', 70001)",
    "enum('', 'N', 'a', 'b')": "NULL; ''; 'N'; 'a'; 'b'",
    "set('N', 'a', 'b')": "NULL; ''; 'N'; 'a'; 'b'; 'a,b'; 'N,a,b'",
    "geometry": SHAPES,
}
OF_ONE = {
    "MariaDB": {
        "uuid": "NULL; '123e4567-e89b-12d3-a456-426655440000'; '123e4567-e89b-12d3-a456-426655440001'",
        "inet6": "NULL; '::'; '::1'; '::ffff:1.2.3.4'; '::1.2.3.4'; 'ffff::'",
    },
    "MySQL": {  # which alone has a negative zero
        "real": "NULL; 0; -0e0",
        "float(20)": "NULL; 0; -0e0",
        "vector(2)": "NULL; TO_VECTOR('[0, 0]'); TO_VECTOR('[-0.0, 0]'); TO_VECTOR('[0, 1]'); TO_VECTOR('[1, 0]')",
    },
}
Row = tuple[object, ...]
HALVES = (row_hash._FIRST, row_hash._SECOND)


@pytest.fixture(scope="module")
def shelf(server: Cluster) -> Iterator[MysqlConnection]:
    """An empty database of the server, and a session as fingerprints have it."""
    with at(server, "mysql") as connection:
        make(connection, "row_hash")
    with at(server, "row_hash") as connection:
        connection.execute("SET SESSION sql_mode = '', time_zone = '+00:00'")
        yield connection
        connection.execute("DROP DATABASE row_hash")


def laid_out(shelf: MysqlConnection, columns: str) -> list[Column]:
    """An empty table `t` of these columns."""
    shelf.execute("DROP TABLE IF EXISTS t")
    shelf.execute(f"CREATE TABLE t ({columns})")
    return _columns(shelf)["t"]


def flavours(connection: MysqlConnection) -> list[Flavour]:
    """The server's own, and that of MariaDB before CRC32C."""
    return [flavour_of("10.6.4-MariaDB"), connection.flavour] if connection.flavour.has_crc32c else [connection.flavour]


def halves(connection: MysqlConnection) -> list[row_hash._Half]:
    return [half for flavour in flavours(connection) for half in row_hash._halves(flavour)]


def seen(connection: MysqlConnection, expression: str) -> list[object]:
    return [value for (value,) in connection.execute(f"SELECT {expression} FROM t").fetchall()]


def sums(shelf: MysqlConnection, columns: Sequence[Column]) -> tuple[object, ...]:
    """The sum over the table, with CRC32C and without it, as the server can."""
    hashes = [f"SUM({row_hash.row_hash(columns, flavour)})" for flavour in flavours(shelf)]
    return shelf.execute(f"SELECT {', '.join(hashes)} FROM t").fetchone() or ()


def sums_of(shelf: MysqlConnection, columns: Sequence[Column], rows: Sequence[Row]) -> tuple[object, ...]:
    """The same, over these rows alone."""
    shelf.execute("DELETE FROM t")
    for row in rows:
        shelf.execute(f"INSERT INTO t VALUES ({', '.join(['%s'] * len(row))})", row)
    return sums(shelf, columns)


def test_each_number_tells_any_two_values_of_a_type_apart(shelf: MysqlConnection) -> None:
    for kind, values in {**VALUES, **OF_ONE[shelf.flavour.label]}.items():
        columns = laid_out(shelf, f"v {kind} NULL")
        rows = values.split("; ")
        shelf.execute(f"INSERT INTO t VALUES {', '.join(f'({value})' for value in rows)}")
        for half in halves(shelf):
            found = seen(shelf, row_hash._number(columns, half))
            assert len(set(found)) == len(rows), (kind, half, dict(zip(rows, found, strict=True)))


@pytest.mark.parametrize("half", HALVES)
def test_what_a_prime_makes_the_same_the_other_number_tells_apart(shelf: MysqlConnection, half: object) -> None:
    assert isinstance(half, row_hash._Half)
    columns = laid_out(shelf, "v bigint NOT NULL")
    shelf.execute(f"INSERT INTO t VALUES (7), ({half.wide + 7}), ({half.wide * 2 + 7})")
    (other,) = set(HALVES) - {half}
    assert [len(set(seen(shelf, row_hash._number(columns, each)))) for each in (half, other)] == [1, 3]


def test_the_server_stays_with_whole_numbers(shelf: MysqlConnection) -> None:
    columns = laid_out(shelf, ", ".join(f"c{number} {kind} NULL" for number, kind in enumerate(VALUES)))
    shelf.execute("INSERT INTO t (c0) VALUES (1)")
    for half in halves(shelf):
        terms = ((column.declared, seen(shelf, row_hash._term(column, 1, half))) for column in columns)
        assert [kind for kind, (value,) in terms if not isinstance(value, int)] == []


def test_a_column_that_is_never_null_has_the_same_hash(shelf: MysqlConnection) -> None:
    kinds = {"a": "int", "b": "bigint", "c": "varchar(9)", "d": "datetime"}
    row = (-7, 2**40, "x", "2026-01-02 03:04:05")
    found = [
        sums_of(shelf, laid_out(shelf, ", ".join(f"{name} {kind} {null}" for name, kind in kinds.items())), [row])
        for null in ("NULL", "NOT NULL")
    ]
    assert found[0] == found[1]


def test_what_changes_places_does_not_come_to_the_same(shelf: MysqlConnection) -> None:
    numbers, texts = "a int, b int, c decimal(5, 2), d decimal(5, 2)", "e varchar(9), f varchar(9), g text, h text"
    columns = laid_out(shelf, f"{numbers}, {texts}")
    first: Row = (1, 2, "1.00", "2.00", "x", "y", "x", "y")
    second: Row = (3, 4, "3.00", "4.00", "v", "w", "v", "w")
    third: Row = (5, None, "5.00", None, "", None, None, "")
    found = {sums_of(shelf, columns, [first, second, third])}
    assert sums_of(shelf, columns, [third, second, first]) in found
    for place in range(8):
        rows = [exchanged(first, second, place), exchanged(second, first, place), third]
        found.add(sums_of(shelf, columns, rows))
    for place in range(0, 8, 2):
        found.add(sums_of(shelf, columns, [turned(first, place), second, third]))
        found.add(sums_of(shelf, columns, [turned(row, place) for row in (first, second, third)]))
    for row in (first, second, third):
        found.add(sums_of(shelf, columns, [first, second, third, row]))
        found.add(sums_of(shelf, columns, [first, second, third, row, row]))
    assert len(found) == 1 + 8 + 8 + 6
    assert all(len(set(of_one_way)) == len(found) for of_one_way in zip(*found, strict=True))
    assert min(int(str(value)) for each in found for value in each) > 2**60  # 64 bits a row, not 32


def exchanged(row: Row, other: Row, place: int) -> Row:
    """The row with one value of the other."""
    return (*row[:place], other[place], *row[place + 1 :])


def turned(row: Row, place: int) -> Row:
    """The row with two neighbours in each other's place."""
    return (*row[:place], row[place + 1], row[place], *row[place + 2 :])


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3) | st.integers(-(2**31), 2**31 - 1),
        st.none() | st.text("aN ,é", max_size=4),
        st.none() | st.integers(-9, 9).map(str),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=20, deadline=None)
@given(rows=ROWS, others=ROWS)
def test_sums_are_equal_where_the_rows_are(shelf: MysqlConnection, rows: list[Row], others: list[Row]) -> None:
    columns = laid_out(shelf, "a int, b varchar(9), c decimal(4, 1)")
    found = [sums_of(shelf, columns, each) for each in (rows, rows[::-1], others)]
    assert found[0] == found[1]
    are_equal = sorted(rows, key=repr) == sorted(others, key=repr)
    assert [a == b for a, b in zip(found[0], found[2], strict=True)] == [are_equal] * len(found[0])


def test_what_is_longer_than_a_packet_is_seen_to_its_end(shelf: MysqlConnection, server: Cluster) -> None:
    columns = laid_out(shelf, "a longtext, b longblob, c geometry")
    line = "ST_GeomFromText(CONCAT('LINESTRING(', REPEAT('1 2,', 2000), '1 {})'))"
    for last in ("2", "3"):
        long = f"CONCAT(REPEAT('ä', 20000), {last}), CONCAT(REPEAT(x'00', 20000), {last})"
        shelf.execute(f"INSERT INTO t VALUES ({long}, {line.format(last)})")
    with server.session() as admin:
        (known,) = ask(admin, "SELECT @@global.max_allowed_packet")
        tell(admin, "SET GLOBAL max_allowed_packet = 16384")
    try:
        with at(server, "row_hash") as small:
            assert seen(small, "TO_BASE64(a)") == [None, None]
            for column in columns:
                for half in halves(small):
                    assert len(set(seen(small, row_hash._number([column], half)))) == 2
    finally:
        with server.session() as admin:
            tell(admin, "SET GLOBAL max_allowed_packet = %s", (known,))


def test_a_table_may_have_as_many_columns_as_the_engine_takes(shelf: MysqlConnection) -> None:
    kinds = ("int", "varchar(5)", "datetime", "tinyint unsigned")
    columns = laid_out(shelf, ", ".join(f"c{number} {kinds[number % 4]}" for number in range(1010)))
    shelf.execute("INSERT INTO t (c0, c1009) VALUES (1, 'a')")
    before = sums(shelf, columns)
    shelf.execute("UPDATE t SET c1009 = 'b'")
    assert all(a != b for a, b in zip(before, sums(shelf, columns), strict=True))


def test_a_table_of_which_no_column_is_seen_has_a_number_for_each_row(shelf: MysqlConnection) -> None:
    laid_out(shelf, "a int")
    one = sums_of(shelf, [], [(1,)])
    assert sums_of(shelf, [], [(2,)]) == one
    assert all(value != 0 for value in one)


def test_constants_are_odd_of_their_length_and_all_different() -> None:
    drawn = [(bits, row_hash._constant(place, half.name, bits))
             for place in range(9) for half in HALVES for bits in (31, 55, 62, 64)]  # fmt: skip
    assert all(constant % 2 == 1 and constant.bit_length() == bits for bits, constant in drawn)
    assert len(set(drawn)) == len(drawn) == 72
    assert row_hash._constant(1, "first", 31) == 1400249257
