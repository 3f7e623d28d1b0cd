"""The answers of several regions, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rich.console import Console

from mainstay.api._regional import Answer, Regional

A = TypeVar("A", bound=Answer)


def each(view: Callable[[Console, A], None]) -> Callable[[Console, Regional[A]], None]:
    """A view of all regions from the view of one, the primary first."""

    def show(console: Console, result: Regional[A]) -> None:
        for answer in result.answers:
            view(console, answer)

    return show
