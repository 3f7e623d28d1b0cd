"""The matrix of a forecast for a page: failure × (survives, data lost, time away, how)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.core.units import Duration
from mainstay.report import wording


@dataclass(frozen=True, slots=True)
class Line:
    """One failure in words; `why` is the first reason."""

    failure: str
    survives: bool
    loss: str
    away: str
    how: str
    why: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The lines of one database, and how far back one can go after a mistake."""

    database: str
    lines: Sequence[Line]
    back: str


def matrices(rows: Sequence[Mapping[str, Any]]) -> list[Matrix]:  # Any: lines as evidence carries them
    """One matrix a database, in the order of the evidence; none for evidence without a forecast."""
    names = dict.fromkeys(row["database"] for row in rows)
    return [_matrix(name, [row for row in rows if row["database"] == name]) for name in names]


def _matrix(database: str, rows: Sequence[Mapping[str, Any]]) -> Matrix:
    reaches = rows[0]["reaches"]
    return Matrix(database, [_line(row) for row in rows], "; ".join(_reach(reach) for reach in reaches))


def _line(row: Mapping[str, Any]) -> Line:
    why = next(iter(row["reasons"]), "")
    if not row["survives"]:
        return Line(row["failure"], False, "everything", "for ever", "no way back", why)
    loss = wording.seconds(row["rpo_s"]) if row["rpo_s"] else "nothing"
    away = wording.span(row["rto_least_s"], row["rto_most_s"]) if row["rto_most_s"] else "none"
    return Line(row["failure"], True, loss, away, row["way"], why)


def _reach(reach: Mapping[str, Any]) -> str:
    kept = "for ever" if reach["keep_s"] is None else f"for {Duration(reach['keep_s'])}"
    return f"any second {kept}" if not reach["gap_s"] else f"one in {Duration(reach['gap_s'])} {kept}"
