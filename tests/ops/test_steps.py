from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import Interrupted, TargetRefused
from mainstay.ops import deploy, destroy, restore
from mainstay.ops.journal import Journal
from mainstay.ops.steps import Step, run_steps

Fixture = Any  # fixtures of conftest


def adding(word: str) -> Step[list[str]]:
    return Step(f"add {word}", lambda state: state.append(word))


def test_steps_run_in_order_and_are_counted(tmp_path: Path, clock: Fixture, heard: Fixture) -> None:
    run = Journal(tmp_path, clock).begin("deploy", "shop")
    seen: list[str] = []
    steps = (adding("a"), adding("b"))
    run_steps(steps, seen, run=run, progress=heard, resume="again")
    assert seen == ["a", "b"]
    assert heard.steps == ["1/2 add a", "2/2 add b"]
    assert [entry.get("name") for entry in run.entries[1:]] == ["add a", "add b"]
    assert not run.is_finished


def test_ctrl_c_stops_after_the_call_and_says_how_to_go_on(tmp_path: Path, clock: Fixture, heard: Fixture) -> None:
    run = Journal(tmp_path, clock).begin("deploy", "shop")
    seen: list[str] = []

    def act(state: list[str]) -> None:
        with run.acting("rds:ModifyDBInstance"):
            os.kill(os.getpid(), signal.SIGINT)
            state.append("answered")
        state.append("never")

    steps = (Step("act", act), adding("never"))
    with pytest.raises(Interrupted) as stop:
        run_steps(steps, seen, run=run, progress=heard, resume="run the same command again")
    assert seen == ["answered"]
    assert stop.value.hint == "run the same command again"
    assert "step 1 of 2: act" in stop.value.detail
    assert [entry["event"] for entry in run.entries[-2:]] == ["done", "interrupted"]


@pytest.mark.parametrize("has_acted", [True, False])
def test_a_stop_is_journalled_and_stays_open_only_if_something_was_done(
    tmp_path: Path, clock: Fixture, heard: Fixture, has_acted: bool
) -> None:
    run = Journal(tmp_path, clock).begin("deploy", "shop")

    def refuse(_: None) -> None:
        if has_acted:
            with run.acting("cloudformation:CreateChangeSet"):
                pass
        raise TargetRefused("not allowed")

    with pytest.raises(TargetRefused):
        run_steps((Step("look", refuse),), None, run=run, progress=heard, resume="again")
    assert run.fact("reason") == "not allowed"
    assert run.is_finished is not has_acted


@pytest.mark.parametrize("operation", [deploy, destroy, restore], ids=lambda module: module.__name__)
def test_the_docstring_tells_the_same_steps(operation: Any) -> None:
    told = [line.split(". ", 1)[1] for line in operation.__doc__.splitlines() if line[:1].isdigit()]
    assert told == [step.name for step in operation.STEPS]
    assert told
