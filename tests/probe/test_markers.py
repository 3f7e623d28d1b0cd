from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from mainstay.probe.dialect import POSTGRES
from mainstay.probe.markers import Marker
from mainstay.probe.postgres.session import PostgresConnection as Connection


@pytest.fixture
def written(copy: Connection) -> list[Marker]:
    POSTGRES.create_canary(copy)
    POSTGRES.create_canary(copy)  # a second time changes nothing
    return [POSTGRES.write_marker(copy, "run") for _ in range(4)]


def test_a_marker_lies_between_two_readings_of_the_database_clock(copy: Connection, written: list[Marker]) -> None:
    assert [marker.id for marker in written] == [1, 2, 3, 4]
    for earlier, later in itertools.pairwise(written):
        assert earlier.written_at < earlier.committed_by < later.written_at
    assert written[-1].committed_by < POSTGRES.database_clock(copy)
    assert written[0].written_at.utcoffset() == timedelta(0)


def test_exactly_what_was_committed_by_the_target_must_be_there(copy: Connection, written: list[Marker]) -> None:
    copy.execute("DELETE FROM mainstay_canary.marker WHERE id > 2")
    found = POSTGRES.check_markers(copy, written, written[1].committed_by)
    assert found.has_passed
    assert found.is_two_sided
    assert (found.demanded, found.forbidden) == (2, 2)
    assert (found.newest, found.first_absent) == (written[1], written[2])
    assert found.rpo_s == (written[1].committed_by - written[1].written_at).total_seconds()
    assert found.as_json()["missing"] == []


def test_a_missing_marker_is_seen(copy: Connection, written: list[Marker]) -> None:
    copy.execute("DELETE FROM mainstay_canary.marker WHERE id <> 1")
    found = POSTGRES.check_markers(copy, written, written[2].committed_by)
    assert not found.has_passed
    assert found.missing == (written[1], written[2])
    assert found.newest == written[0]


def test_a_marker_from_after_the_target_is_seen(copy: Connection, written: list[Marker]) -> None:
    found = POSTGRES.check_markers(copy, written, written[1].committed_by)
    assert not found.has_passed
    assert found.too_new == (written[2], written[3])
    assert found.first_absent is None


def test_a_marker_from_after_the_target_that_nobody_told_of_is_seen(copy: Connection, written: list[Marker]) -> None:
    found = POSTGRES.check_markers(copy, written[:2], written[1].committed_by)
    assert not found.has_passed
    assert "after the target, is present" in found.error


def test_a_marker_around_the_target_decides_nothing(copy: Connection, written: list[Marker]) -> None:
    between = written[3].written_at + (written[3].committed_by - written[3].written_at) / 2
    assert POSTGRES.check_markers(copy, written, between).has_passed
    copy.execute("DELETE FROM mainstay_canary.marker WHERE id = 4")
    found = POSTGRES.check_markers(copy, written, between)
    assert found.has_passed
    assert not found.is_two_sided
    assert (found.demanded, found.forbidden) == (3, 0)


def test_an_id_with_another_time_is_another_row(copy: Connection, written: list[Marker]) -> None:
    stranger = replace(written[0], written_at=written[0].written_at - timedelta(seconds=1))
    assert POSTGRES.check_markers(copy, [stranger], written[3].committed_by).missing == (stranger,)


def test_without_a_canary_every_marker_is_missing(source: Connection, written: list[Marker]) -> None:
    found = POSTGRES.check_markers(source, written, written[3].committed_by)
    assert found.missing == tuple(written)
    assert found.error == "the canary table is not there"
    assert found.rpo_s is None
    nothing = POSTGRES.check_markers(source, [], written[3].committed_by)
    assert nothing.has_passed
    assert not nothing.is_two_sided


def test_a_marker_in_an_open_transaction_would_not_be_acknowledged(copy: Connection) -> None:
    copy.autocommit = False
    with pytest.raises(ValueError, match="autocommit"):
        POSTGRES.write_marker(copy, "run")


def test_a_living_source_tells_its_markers_with_a_bound_on_each_commit(
    copy: Connection, source: Connection, written: list[Marker]
) -> None:
    other = POSTGRES.write_marker(copy, "another run")
    found = POSTGRES.read_markers(copy)
    assert [marker.id for marker in found] == [1, 2, 3, 4, other.id]
    for ours, told, later in zip(written, found, written[1:], strict=False):
        assert told.written_at == ours.written_at
        assert told.committed_by == later.written_at, "the next of the same run was written after the acknowledgement"
    assert found[3].committed_by > other.written_at
    assert POSTGRES.read_markers(source) == ()
