"""What is run without being measured, as tracing its lines takes time for nothing.

Code that is not ours: coverage traces each of its lines, too, and then forgets them, which makes cfn-lint 1.7 times as
slow. And code of ours that other tests have covered, which is three times as slow (Python 3.11, 2026-11-21).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Final, ParamSpec, TypeVar

import pytest

P = ParamSpec("P")
R = TypeVar("R")

# Where tests are for code that runs in processes which they start. Elsewhere a supervisor, or a command that is
# killed, runs what these have covered already, and does it in two thirds of the time when it is not measured.
WITH_CHILDREN: Final = (
    "sandbox_supervisor/", "sandbox/", "engines/", "cdk/", "api/", "cli/test_check_forms.py", "cli/test_demo.py",
    "cli/test_run.py",
)  # fmt: skip

# What these run has tests of its own in its own room; they run all of it once more, for every resource or rule, or for
# what chance makes of them. Tracing each line takes two thirds of their time.
ONCE_MORE: Final = (
    "bench/test_checks_compared.py",
    "bench/test_fuzz_run.py",
    "checks/test_mends.py::test_a_module_is_healed_by_its_snippets",
    "checks/test_mends.py::test_a_template_is_healed_by_its_snippets",
    "checks/test_rules_over_formats.py",
    "formats/cloudformation/test_cfn_lint.py",
    "formats/cloudformation/test_fuzz.py",
    "formats/cloudformation/test_intrinsics.py::test_long_texts_take_time_in_proportion",
    "formats/cloudformation/test_regions.py::test_two_regions_are_read_back_as_they_were",
    "formats/cloudformation/test_round_trip.py",
    "formats/terraform/test_terraform_round_trip.py",
    "formats/terraform/test_terraform_shown.py::test_nothing_that_is_shown_makes_it_crash",
)


def unmeasured(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the call returns. None of our lines that it reaches counts as covered."""
    with _untraced():
        return call(*args, **kwargs)


@contextmanager
def _untraced() -> Iterator[None]:
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def leave_unmeasured(config: pytest.Config) -> None:
    """The process that only hands out tests to workers runs nothing of ours, for hundreds of thousands of messages."""
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.settrace(None)
        threading.settrace(None)


@contextmanager
def measured(test: str) -> Iterator[None]:
    """Whether a test, by its file below `tests` and its name, is measured."""
    is_coverage = type(sys.gettrace()).__module__.startswith("coverage")  # and no debugger
    with _untraced() if is_coverage and test.startswith(ONCE_MORE) else nullcontext():
        yield


@contextmanager
def children_measured(file: str) -> Iterator[None]:
    """Whether the processes that tests of this file below `tests` start are measured."""
    taken: Mapping[str, str] = {}
    if not file.startswith(WITH_CHILDREN):
        taken = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_PROCESS_")}
    try:
        yield
    finally:
        os.environ.update(taken)
