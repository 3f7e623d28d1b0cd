"""`plan` and `check --cost` say what would be cheaper, for people and as JSON."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from mainstay import api
from mainstay.cli.views.cost import print_cost
from mainstay.forecast.cheaper import Saving

SPEC = """\
name: shop
region: us-east-1
profile: dev
database: {version: "17", class: db.m5.large, name: tap}
storage: {size: 100 GiB}
alerts: {subscribers: [ops@example.com]}
"""


def _changes(document: dict[str, object]) -> list[str]:
    found = document["cheaper"]
    assert isinstance(found, list)
    return [one["change"] for one in found]


def test_a_standby_is_proposed_only_where_objectives_allow_it(tmp_path: Path) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(SPEC)
    assert [one.split()[0] for one in _changes(api.plan(spec).as_json())] == ["db.m5.large"]
    spec.write_text(f"{SPEC}objectives: {{rpo: 1h, rto: 1d}}\n")
    assert _changes(api.plan(spec).as_json())[0] == "without the standby in another zone"
    assert _changes(api.check(spec, with_cheaper=True).as_json()) == _changes(api.plan(spec).as_json())


def test_check_tries_no_changes_unless_it_is_asked(tmp_path: Path) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(SPEC)
    assert api.check(spec).as_json()["cheaper"] == []


def test_a_person_reads_how_much_less_and_the_bounds_where_they_differ(tmp_path: Path) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(SPEC)
    text = io.StringIO()
    savings = [
        Saving(subject="Database", kind="standby", what="without [it]", saved=(1.0, 2.5, 4.0)),
        Saving(subject="Replica", kind="class", what="smaller", saved=(1.0, 1.0, 1.0)),
    ]
    bill = api.plan(spec).cost
    print_cost(Console(file=text, width=200, no_color=True), bill, savings)
    assert "  Database: without [it], 2.50 USD a month less (1.00 to 4.00)\n" in text.getvalue()
    assert text.getvalue().endswith("  Replica: smaller, 1.00 USD a month less\n")
    silent = io.StringIO()
    print_cost(Console(file=silent, width=200, no_color=True), bill)
    assert "Cheaper" not in silent.getvalue()
