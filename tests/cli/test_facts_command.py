"""`mainstay facts`: every table with its age, and old ones noticed on the day after, not on the day."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from mainstay import api, checks, cli, facts
from mainstay.checks.examples import database, plan_of
from mainstay.core.units import Duration


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(["facts", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_every_table_is_listed_the_oldest_first(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--json")
    tables = json.loads(out)["tables"]
    assert code == 0
    assert sorted(table["name"] for table in tables) == facts.names()
    assert [table["date"] for table in tables] == sorted(table["date"] for table in tables)
    assert not any("data" in table for table in tables)
    code, out, _ = told(capsys)
    assert (code, f"{len(tables)} tables" in out) == (0, True)
    assert len(out.splitlines()) == len(tables) + 2  # the heads and the tally: no table takes a second line
    assert all(table["name"] in out for table in tables)


def test_one_table_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "log_exports")
    table = facts.load("log_exports")
    assert code == 0
    assert all(words in out for words in (table.source, str(table.date), "iam-db-auth-error"))
    assert json.loads(told(capsys, "log_exports", "--json")[1])["tables"][0]["data"] == table.data


def test_an_unknown_table_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = told(capsys, "weather")
    assert code == 2
    assert "'weather' is not a table of facts" in err
    assert "prices" in err


def test_a_table_is_too_old_the_day_after_its_age() -> None:
    prices = facts.load("prices")
    for days, expected in ((180, 0), (181, 1)):
        result = api.facts(name="prices", max_age=Duration.days(180), today=prices.date + timedelta(days=days))
        assert (result.age(prices), result.exit_code) == (days, expected)
    assert api.facts(today=prices.date - timedelta(days=9)).age(prices) == 0


def test_too_old_is_said_to_a_person_and_in_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--max-age", "1s")
    assert code == 1
    assert "of them too old" in out


def test_a_check_by_facts_of_a_year_ago_says_so() -> None:
    oldest = min(facts.load(name).date for name in ("versions", "lifecycle", "prices"))
    sound = plan_of(database())

    def ids(days: int) -> list[str]:
        return [finding.id for finding in checks.run(sound, today=oldest + timedelta(days=days))]

    assert "MS006" not in ids(365)
    assert "MS006" in ids(366)
