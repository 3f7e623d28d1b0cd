"""The self-test itself: one sabotage of each place on real servers, and what it says of a wrong verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import self_test as bench
from mainstay.api import _self_test
from mainstay.api._self_test import ENGINES, SABOTAGES, Catch, SelfTest, names, self_test
from mainstay.cli.views.drill import self_test_view
from mainstay.core.errors import InputRefused
from mainstay.ops.drill import STEPS

TRIED = (
    "nothing is damaged",
    "two operators",
    "backup: a truncated file",
    "log: a missing segment",
    "copy: a lost grant",
    "copy: one flipped bit in an index",
    "killed as it begins: Verify the data",
)


def test_each_damage_gets_the_right_verdict_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_self_test, "names", lambda _: TRIED)
    found = self_test(engines=["postgres"])
    said = {catch.name: (catch.said, catch.is_right, catch.left) for catch in found.catches}
    assert said == {
        "nothing is damaged": ("PROVEN", True, ()),
        "two operators": ("REFUSED", True, ()),
        "backup: a truncated file": ("DISPROVEN", True, ()),
        "log: a missing segment": ("DISPROVEN", True, ()),
        "copy: a lost grant": ("DISPROVEN", True, ()),
        "copy: one flipped bit in an index": ("DISPROVEN", True, ()),
        "killed as it begins: Verify the data": ("PROVEN", True, ()),
    }
    assert found.exit_code == 0
    assert found.as_json()["is_right"] is True


def test_every_sabotage_is_named_once_and_every_step_is_one_to_be_killed_in() -> None:
    for engine in ENGINES:
        tried = names(engine)
        assert len(set(tried)) == len(tried)
        assert tried[-1] == f"killed as it begins: {STEPS[-1].name}"
        assert len([name for name in tried if name.startswith("killed")]) == len(STEPS) - 3
    assert dict.fromkeys(("backup", "log", "copy", "machine", "operator", "nothing"), 0).keys() == {
        one.place for one in SABOTAGES
    }
    steps = {step.name for step in STEPS}
    assert {one.at for one in SABOTAGES} <= steps | {None}
    assert all("PROVEN" not in one.right for one in SABOTAGES if one.place in {"backup", "log", "copy"})


def test_a_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(InputRefused, match="no such sabotage"):
        self_test(engines=["postgres"], only="earthquake")


def catch(**changes: object) -> Catch:
    row = {"name": "a", "engine": "postgres", "right": ("DISPROVEN",), "said": "DISPROVEN", "level": "P1", "by": "x"}
    return Catch(seconds=1.0, **{**row, **changes})  # type: ignore[arg-type]  # of any type


def test_a_wrong_verdict_a_wrong_reason_and_a_leak_each_fail_the_test() -> None:
    assert catch().is_right
    wrong = (catch(said="PROVEN"), catch(told="customer", is_told=False), catch(left=("shop-drill-1",)))
    assert [one.is_right for one in wrong] == [False, False, False]
    console = Console(record=True, width=120)
    test = SelfTest((catch(), *wrong), {"mariadb": "no programs"})
    self_test_view(console, test)
    text = console.export_text()
    assert test.exit_code == 1
    for words in ("4 tried, 3 wrong", "told by 'customer'", "left behind: shop-drill-1", "mariadb was not tried"):
        assert words in text


def test_the_catch_table_is_of_what_is_tried_now_and_nothing_in_it_is_wrong() -> None:
    tried = json.loads(bench.RESULTS.read_text())
    assert [(one["engine"], one["sabotage"]) for one in tried["catches"]] == [
        (engine, name) for engine in ENGINES for name in names(engine)
    ]
    assert all(one["is_right"] for one in tried["catches"])
    assert bench.PAGE.read_text() == bench.page(tried)
    damaging = ("backup:", "log:", "copy:")
    assert not [one for one in tried["catches"] if one["sabotage"].startswith(damaging) and one["said"] == "PROVEN"]
    assert Path(bench.PAGE).name == "self-test.md"
