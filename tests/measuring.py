"""Code that is not ours, run without being measured: coverage traces each of its lines too, and then forgets them.

Tracing makes cfn-lint 1.7 times as slow, for nothing (Python 3.11, 2026-11-21).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pytest

P = ParamSpec("P")
R = TypeVar("R")


def unmeasured(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What the call returns. None of our lines that it reaches counts as covered."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return call(*args, **kwargs)
    finally:
        sys.settrace(tracer)


def leave_unmeasured(config: pytest.Config) -> None:
    """The process that only hands out tests to workers runs nothing of ours, for hundreds of thousands of messages."""
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.settrace(None)
        threading.settrace(None)
