from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.core.errors import InputRefused
from mainstay.engines.postgres.lsn import SEGMENT_BYTES, Lsn, parse_segment_name, segment_name

positions = st.integers(0, 2**64 - 1)


@given(positions)
def test_a_position_survives_its_text(position: int) -> None:
    assert Lsn.parse(str(Lsn(position))) == position


@given(st.integers(1, 2**32 - 1), st.integers(0, 2**40 - 1))
def test_a_segment_survives_its_name(timeline: int, segment: int) -> None:
    assert parse_segment_name(segment_name(timeline, segment)) == (timeline, segment)


def test_names_and_positions_look_as_postgresql_shows_them() -> None:
    position = Lsn.parse("1/FF000028")
    assert position == 0x1_FF00_0028
    assert repr(position) == "Lsn('1/FF000028')"
    assert segment_name(2, position.segment) == "0000000200000001000000FF"
    assert segment_name(2, Lsn(position + SEGMENT_BYTES).segment) == "000000020000000200000000"
    assert parse_segment_name("0000000200000001000000FF.partial") == (2, 0x1FF)


@pytest.mark.parametrize("name", ["00000002.history", "0000000200000001000000FG", "backup_label", ""])
def test_other_names_are_no_segments(name: str) -> None:
    assert parse_segment_name(name) is None


@pytest.mark.parametrize("text", ["", "0-1", "x/1", "1/"])
def test_other_texts_are_no_positions(text: str) -> None:
    with pytest.raises(InputRefused):
        Lsn.parse(text)
