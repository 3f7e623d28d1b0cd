"""What a page tells to do next, after each way in which a run can fall short of PROVEN."""

from __future__ import annotations

from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from mainstay.cli import build
from mainstay.ops.drill.model import LEVELS
from mainstay.report import next_step
from mainstay.report.moved import ACCOUNTS
from mainstay.report.next_step import next_steps, not_shown

Evidence = dict[str, Any]


def short_of(evidence: Evidence, word: str, level: str) -> Evidence:
    rows = [{**row, "is_shown": row["level"] < level} for row in evidence["verdict"]["levels"]]
    return evidence | {"verdict": {**evidence["verdict"], "word": word, "levels": rows}}


def test_what_is_proven_needs_no_step(evidence: Evidence) -> None:
    assert (next_steps(evidence), not_shown(evidence)) == ((), "")


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_that_was_not_shown_has_a_step_and_its_reason(evidence: Evidence, level: str) -> None:
    told = short_of(evidence, "INCONCLUSIVE", level)
    (step,) = next_steps(told)
    assert step == next_step._SHORT[level]
    why = next(row["why"] for row in evidence["verdict"]["levels"] if row["level"] == level)
    assert not_shown(told).startswith(f"{level}, ")
    assert not_shown(told).endswith(f": {why}")


def test_a_drill_that_was_stopped_names_the_step_and_what_it_left(evidence: Evidence) -> None:
    told = short_of(evidence, "INCONCLUSIVE", "P4")
    told["steps"][2] |= {"outcome": "failed", "name": "Verify the data"}
    assert next_steps(told) == (
        "Put right what stopped it in step 3, Verify the data, and run the same command again.",
    )
    told["cleanup"] = {"deleted": [], "left": ["shop-drill-1"]}
    assert "mainstay drill --reap" in next_steps(told)[1]
    nowhere = told | {"verdict": {**told["verdict"], "levels": []}, "steps": []}
    assert next_steps(nowhere)[0] == "Put right what stopped it, and run the same command again."
    assert not_shown(nowhere) == ""


@pytest.mark.parametrize("kind", [*next_step._ACCUSED, "cleanup"])
def test_what_accuses_says_what_to_look_at(evidence: Evidence, kind: str) -> None:
    told = short_of(evidence, "DISPROVEN", "P4")
    told["checks"] = [{**told["checks"][0], "kind": kind, "outcome": "failed"}]
    assert next_steps(told) == (next_step._ACCUSED.get(kind, next_step._OTHERWISE),)


def test_the_gravest_of_what_accuses_speaks(evidence: Evidence) -> None:
    told = short_of(evidence, "DISPROVEN", "P2")
    told["checks"] = [{**told["checks"][0], "kind": kind, "outcome": "failed"} for kind in ("objective", "marker")]
    assert next_steps(told) == (next_step._ACCUSED["marker"],)


@pytest.mark.parametrize("word", ["DISPROVEN", "INCONCLUSIVE"])
@pytest.mark.parametrize("kind", ["failover", "restore", "takeover", *ACCOUNTS])
def test_whatever_leaves_evidence_says_how_to_go_on(evidence: Evidence, kind: str, word: str) -> None:
    told = short_of(evidence, word, "P4") | {"kind": kind}
    (step,) = next_steps(told)
    assert ("stands" in step) is (kind in ("failover", "restore"))
    assert step.endswith(".")


def test_the_commands_that_are_named_have_these_options() -> None:
    """A step that names an option which there is none of would be worse than none."""
    texts = " ".join([*next_step._ACCUSED.values(), *next_step._SHORT.values(), next_step._REAP])
    root = get_command(build())
    assert isinstance(root, TyperGroup)
    commands = root.commands
    options = {option for one in ("drill", "plan") for known in commands[one].params for option in known.opts}
    named = {word.strip("().:,") for word in texts.split() if word.startswith(("--", "(--"))}
    assert named
    assert named <= options
