from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from mainstay.probe.dialect import MYSQL
from mainstay.probe.markers import Marker
from mainstay.probe.mysql.session import MysqlConnection


@pytest.fixture
def written(source: MysqlConnection) -> Iterator[list[Marker]]:
    MYSQL.create_canary(source)
    MYSQL.create_canary(source)
    yield [MYSQL.write_marker(source, "run") for _ in range(4)]
    source.execute("DROP DATABASE mainstay_canary")


def test_a_marker_lies_between_two_readings_of_the_database_clock(
    source: MysqlConnection, written: list[Marker]
) -> None:
    assert all(marker.written_at < marker.committed_by for marker in written)
    assert written == sorted(written)
    assert written[-1].committed_by < MYSQL.database_clock(source)


def test_exactly_what_was_committed_by_the_target_must_be_there(source: MysqlConnection, written: list[Marker]) -> None:
    source.execute("DELETE FROM mainstay_canary.marker WHERE id > %s", (written[1].id,))
    found = MYSQL.check_markers(source, written, written[1].committed_by)
    assert (found.demanded, found.forbidden, found.has_passed, found.newest) == (2, 2, True, written[1])
    late = MYSQL.check_markers(source, written, written[2].committed_by)
    assert late.missing == (written[2],)
    early = MYSQL.check_markers(source, written, written[0].committed_by)
    assert early.too_new == (written[1],)


def test_another_row_of_the_same_id_and_one_that_nobody_told_of_are_seen(
    source: MysqlConnection, written: list[Marker]
) -> None:
    other = replace(written[0], written_at=written[0].written_at - timedelta(microseconds=1))
    found = MYSQL.check_markers(source, [other], written[-1].committed_by)
    assert found.missing == (other,)
    untold = MYSQL.check_markers(source, written[:1], written[0].committed_by)
    assert "after the target, is present" in untold.error
    assert not MYSQL.check_markers(source, [], written[0].committed_by).has_passed


def test_without_a_canary_every_marker_is_missing(source: MysqlConnection, written: list[Marker]) -> None:
    source.execute("DROP TABLE mainstay_canary.marker")
    found = MYSQL.check_markers(source, written, written[-1].committed_by)
    assert (len(found.missing), found.error) == (4, "the canary table is not there")
    assert MYSQL.read_markers(source) == ()
    MYSQL.create_canary(source)


def test_a_living_source_tells_its_markers_with_a_bound_on_each_commit(
    source: MysqlConnection, written: list[Marker]
) -> None:
    told = MYSQL.read_markers(source)
    assert [marker.id for marker in told] == [marker.id for marker in written]
    assert [marker.committed_by for marker in told[:-1]] == [marker.written_at for marker in written[1:]]
    assert told[-1].committed_by > written[-1].committed_by


def test_a_marker_in_an_open_transaction_would_not_be_acknowledged(
    source: MysqlConnection, written: list[Marker]
) -> None:
    source.raw.autocommit(False)
    with pytest.raises(ValueError, match="autocommit"):
        MYSQL.write_marker(source, "run")
    source.raw.autocommit(True)
