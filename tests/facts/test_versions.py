"""Engine versions: what can be created on a day, the newest minor, families, lifecycles."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay import facts
from mainstay.core.errors import InputRefused


def test_versions_leave_out_what_cannot_be_created() -> None:
    known = facts.versions("postgres")
    assert "17.11" in known
    assert "17.8" not in known  # marked as not creatable
    assert "17.5" not in known  # left on 2026-10-31
    assert facts.versions("oracle") == []


@pytest.mark.parametrize(
    ("day", "is_there"),
    [(date(2026, 11, 29), True), (date(2026, 11, 30), False), (date(2026, 12, 1), False)],
)
def test_a_minor_leaves_on_its_day(day: date, is_there: bool) -> None:
    assert ("8.4.7" in facts.versions("mysql", on=day)) is is_there


def test_minors_of_mariadb_leave_too() -> None:
    assert "10.6.24" in facts.versions("mariadb", on=date(2026, 11, 29))
    assert "10.6.24" not in facts.versions("mariadb", on=date(2026, 11, 30))
    assert "10.11.11" not in facts.versions("mariadb")  # the calendar lists it no longer
    assert facts.majors("mariadb") == ["10.6", "10.11", "11.4", "11.8", "12.3"]


@pytest.mark.parametrize("engine", facts.ENGINES)
def test_the_newest_minor_of_a_major_that_lives_on_has_no_day(engine: str) -> None:
    """Or a table that is a year old would say that nothing can be created."""
    years_later = date(2028, 1, 1)
    assert facts.versions(engine, on=years_later)
    leaves = facts.load("versions").data["leaves_on"][engine]
    dated = {major for major in facts.majors(engine) if facts.newest_minor(engine, major) in leaves}
    assert dated <= {"14", "10.6"}


@pytest.mark.parametrize(
    ("engine", "major", "newest"),
    [
        ("postgres", "17", "17.11"),
        ("postgres", "16", "16.15"),
        ("mysql", "8.4", "8.4.11"),
        ("mysql", "8.0", "8.0.46-rds.20260908"),
        ("mariadb", "11.8", "11.8.9"),
        ("mariadb", "10.11", "10.11.19"),
    ],
)
def test_the_newest_minor_counts_numbers_not_letters(engine: str, major: str, newest: str) -> None:
    assert facts.newest_minor(engine, major) == newest


def test_a_major_that_rds_does_not_have_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        facts.newest_minor("postgres", "9")
    assert "17" in refused.value.hint
    with pytest.raises(InputRefused) as refused:
        facts.newest_minor("oracle", "19")
    assert "postgres" in refused.value.hint


@pytest.mark.parametrize(
    ("engine", "version", "major"),
    [("postgres", "17.11", "17"), ("postgres", "17", "17"), ("mysql", "8.4.11", "8.4"), ("mariadb", "11.8", "11.8")],
)
def test_majors_and_families(engine: str, version: str, major: str) -> None:
    assert facts.major_of(engine, version) == major
    assert facts.family(engine, version) == engine + major


@pytest.mark.parametrize("engine", facts.ENGINES)
def test_every_family_has_a_creatable_version(engine: str) -> None:
    families = facts.families(engine)
    assert families
    assert set(families) <= {facts.family(engine, name) for name in facts.versions(engine)}


def test_majors_come_oldest_first() -> None:
    assert facts.majors("mysql") == ["5.7", "8.0", "8.4"]
    assert facts.families("oracle") == []


def test_lifecycles_are_in_order() -> None:
    mysql = facts.lifecycle("mysql", "8.0.46")
    assert mysql is not None
    assert mysql.standard_ends == date(2026, 7, 31)
    assert mysql.standard_ends < mysql.charged_from < mysql.year_3_from < mysql.extended_ends
    assert facts.lifecycle("mariadb", "10.6.28") is None
    assert facts.standard_ends("mariadb", "10.6.28") == date(2026, 12, 31)
    assert facts.standard_ends("postgres", "17") == date(2030, 2, 28)
    assert facts.standard_ends("mariadb", "10.4") is None
    assert facts.lifecycle("postgres", "9.6") is None
