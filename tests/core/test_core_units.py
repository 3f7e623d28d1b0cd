"""Sizes, durations and shares: what is read is what is shown, and what is refused says why."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.core.units import Bytes, Duration, Share


@given(st.integers(0, 2**63 - 1))
def test_a_size_survives_being_written(count: int) -> None:
    assert Bytes.parse(str(Bytes(count))) == count


@given(st.integers(0, 1_000 * 365 * 86_400))
def test_a_duration_survives_being_written(seconds: int) -> None:
    assert Duration.parse(str(Duration(seconds))) == seconds


@given(st.integers(0, 1_000_000))
def test_a_share_survives_being_written_to_four_digits(ten_thousandths: int) -> None:
    share = Share(Fraction(ten_thousandths, 1_000_000))
    assert abs(Share.parse(str(share)) - share) < Fraction(1, 10**6)


@given(st.integers(0, 10_000), st.integers(0, 2**50))
def test_a_share_of_a_whole_is_never_more_than_exact(part: int, whole: int) -> None:
    share = Share(Fraction(part, 10_000))
    assert 0 <= share * whole - share.of(whole) < 1


@pytest.mark.parametrize(
    ("text", "count"),
    [("100 GiB", 100 * 2**30), ("16MiB", 16 * 2**20), ("8 KiB", 8192), ("512 B", 512), ("  2 TiB ", 2**41), ("0 B", 0)],
)
def test_sizes_as_people_write_them(text: str, count: int) -> None:
    assert Bytes.parse(text) == count


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("100", "'100' is not a size; write a whole number and a unit"),
        ("1.5 GiB", "'1.5 GiB' is not a size"),
        ("-1 GiB", "'-1 GiB' is not a size"),
        ("", "'' is not a size"),
        ("100 GB", "'GB' is not a unit of size here; did you mean 100 GiB?"),
        ("4 g", "'g' is not a unit of size here; did you mean 4 GiB?"),
        ("4 gib", "'gib' is not a unit of size here; did you mean 4 GiB?"),
        ("3 apples", "'apples' is not a unit of size here; use one of B, KiB, MiB, GiB, TiB"),
        ("8388608 TiB", "'8388608 TiB' is more than any storage holds"),
    ],
)
def test_a_size_that_is_refused_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        Bytes.parse(text)


def test_the_largest_size_is_one_byte_below_eight_exbibytes() -> None:
    assert Bytes.parse("8388607 TiB") == 8388607 * 2**40


def test_a_size_knows_its_gibibytes_exactly() -> None:
    assert Bytes.gib(3).in_gib == 3
    assert Bytes(2**29).in_gib == Fraction(1, 2)
    assert repr(Bytes.gib(3)) == "Bytes('3 GiB')"
    assert str(Bytes(1536)) == "1536 B"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("35d", 35 * 86_400), ("5m", 300), ("1h30m", 5400), ("1d 2h 3m 4s", 93_784), ("0s", 0), ("90s", 90)],
)
def test_durations_as_people_write_them(text: str, seconds: int) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a duration; write days, hours, minutes or seconds"),
        ("5", "'5' is not a duration"),
        ("5 min", "'5 min' is not a duration"),
        ("30m1h", "'30m1h' is not a duration"),
        ("365001d", "'365001d' is longer than 1,000 years"),
    ],
)
def test_a_duration_that_is_refused_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        Duration.parse(text)


def test_the_longest_duration_is_a_thousand_years() -> None:
    assert Duration.parse("365000d") == 365_000 * 86_400
    assert Duration.days(2) == 172_800
    assert Duration.minutes(3) == 180
    assert str(Duration(93_784)) == "1d2h3m4s"
    assert str(Duration(0)) == "0s"
    assert repr(Duration(60)) == "Duration('1m')"


@pytest.mark.parametrize(("text", "value"), [("25%", Fraction(1, 4)), ("0%", Fraction(0)), ("100 %", Fraction(1))])
def test_shares_as_people_write_them(text: str, value: Fraction) -> None:
    assert Share.parse(text) == value


@pytest.mark.parametrize("text", ["25", "100.5%", "101%", "-1%", "a quarter", "12.34567%"])
def test_a_share_that_is_refused_says_why(text: str) -> None:
    with pytest.raises(ValueError, match="is not a share; write a percentage from 0% to 100%"):
        Share.parse(text)


def test_shares_are_shown_as_percentages() -> None:
    assert [str(Share.parse(text)) for text in ("25%", "12.5%")] == ["25%", "12.5%"]
    assert Share.parse("12.5%").of(9) == 1


def test_a_share_is_written_as_a_percentage_everywhere() -> None:
    """Also in a sentence: Python 3.13 gave fractions a format of their own."""
    assert f"{Share.parse('12.5%')} of {Share.parse('80%'):>4}" == "12.5% of  80%"
