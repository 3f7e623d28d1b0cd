"""How a command answers: one result, shown to a person or written as one JSON document."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import typer
from rich.console import Console

from mainstay.cli.progress import ConsoleProgress

out = Console(soft_wrap=True, emoji=False)
err = Console(stderr=True, soft_wrap=True, emoji=False)


class Result(Protocol):
    """What every function of `mainstay.api` returns; `exit_code`, where it has one, is 0 when the answer is good."""

    def as_json(self) -> Mapping[str, object]:
        """The whole answer."""
        ...


R = TypeVar("R", bound=Result)


def progress() -> ConsoleProgress:
    """A listener on standard error."""
    return ConsoleProgress(err)


def show(result: R, view: Callable[[Console, R], None], *, as_json: bool, exit_code: int | None = None) -> None:
    """Write the result in the form asked for, then leave with its exit code."""
    if as_json:
        write_json(result.as_json())
    else:
        view(out, result)
    code = getattr(result, "exit_code", 0) if exit_code is None else exit_code
    if code:
        raise typer.Exit(code)


def write_json(document: Mapping[str, object]) -> None:
    """One JSON document on standard output."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a file name that is no UTF-8, or a terminal that knows fewer characters
        text = json.dumps(document, indent=2, default=str)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
