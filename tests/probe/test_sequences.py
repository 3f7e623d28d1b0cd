from __future__ import annotations

import pytest

from mainstay.probe import sequences
from mainstay.probe.dialect import POSTGRES
from mainstay.probe.postgres.session import PostgresConnection as Connection
from mainstay.probe.sequences import Sequence

ORDER = '"public"."order_id_seq"'


def problems(source: Connection, restored: Connection) -> dict[str, str]:
    compared = sequences.compare(POSTGRES.sequences(source), POSTGRES.sequences(restored))
    return {row.name: row.problem for row in compared if not row.has_passed}


def test_a_faithful_copy_has_no_problem(source: Connection, copy: Connection) -> None:
    assert problems(source, copy) == {}
    found = {sequence.name: sequence for sequence in POSTGRES.sequences(source)}
    assert sorted(found) == ['"public"."countdown"', '"public"."customer_id_seq"', ORDER, '"public"."unused"']
    assert found[ORDER].as_json() == {
        "name": ORDER,
        "increment": 1,
        "start": 1,
        "last_value": 2000,
        "column": '"public"."order"."id"',
        "furthest": 2000,
    }
    assert found['"public"."countdown"'].last_value == -2
    assert found['"public"."unused"'].last_value is None


@pytest.mark.parametrize(
    ("sabotage", "name", "problem"),
    [
        ("SELECT setval('order_id_seq', 1999)", ORDER, 'behind "public"."order"."id", which already holds 2000'),
        (
            "DELETE FROM \"order\" WHERE id > 1500; SELECT setval('order_id_seq', 1999)",
            ORDER,
            "behind the source, which stood at 2000",
        ),
        ("SELECT setval('countdown', -1)", '"public"."countdown"', "behind the source, which stood at -2"),
        ("DROP SEQUENCE unused", '"public"."unused"', "missing"),
        (
            "ALTER SEQUENCE customer_id_seq RESTART",
            '"public"."customer_id_seq"',
            'behind "public"."customer"."id", which already holds 500',
        ),
    ],
)
def test_sabotage_is_seen(source: Connection, copy: Connection, sabotage: str, name: str, problem: str) -> None:
    copy.execute(sabotage)
    assert problems(source, copy) == {name: problem}


def test_a_sequence_may_stand_further_than_the_source(source: Connection, copy: Connection) -> None:
    copy.execute("SELECT setval('order_id_seq', 2032); CREATE SEQUENCE new")
    assert problems(source, copy) == {}
    rows = {row.name: row for row in sequences.compare(POSTGRES.sequences(source), POSTGRES.sequences(copy))}
    assert rows['"public"."new"'].as_json()["expected"] == "any position past its column"


def test_the_boundary_of_behind() -> None:
    up = Sequence("s", 1, 1, 10)
    assert (up.is_behind(10), up.is_behind(11), up.is_behind(None)) == (False, True, False)
    down = Sequence("s", -1, -1, -10)
    assert (down.is_behind(-10), down.is_behind(-11)) == (False, True)
    fresh = Sequence("s", 1, 5, None)
    assert (fresh.is_behind(4), fresh.is_behind(5)) == (False, True)
