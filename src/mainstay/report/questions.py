"""What the databases were asked, as rows of a page: a statement, and what source and copy answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mainstay.report import wording

_MOST: Final = 120  # rows on the page; the evidence holds them all
_TEXT: Final = 160  # characters of a statement
_ORDER: Final = ("sql", "marker", "table", "sequence", "soundness", "catalog", "write", "")


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, cut for a reader, and the answers in their order."""

    about: str
    statement: str
    answers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Questions:
    """What there is room for, and how many more the evidence lists."""

    rows: Sequence[Question]
    hidden: int
    session: int


def questions(evidence: Mapping[str, Any]) -> Questions | None:
    """The queries of evidence, what tells most first; None where it holds none. Any: JSON of the published schema."""
    queries = evidence.get("queries")
    if not queries or not queries["asked"]:
        return None
    asked = sorted(queries["asked"], key=_rank)
    return Questions([_question(one) for one in asked[:_MOST]], len(asked[_MOST:]), len(queries["session"]))


def _rank(query: Mapping[str, Any]) -> int:
    return _ORDER.index(query["kind"]) if query["kind"] in _ORDER else len(_ORDER)


def _question(query: Mapping[str, Any]) -> Question:
    statement = " ".join(query["statement"].split())
    parameters = f" with {query['parameters']}" if "parameters" in query else ""
    cut = f"{statement[:_TEXT]}…" if len(statement) > _TEXT else statement
    subject = " ".join(filter(None, (query["kind"] or "server", query["subject"])))
    return Question(subject, cut + parameters[:_TEXT], [_answer(answer) for answer in query["answers"]])


def _answer(answer: Mapping[str, Any]) -> str:
    said = answer.get("result") or answer.get("error") or _by_hash(answer)
    place = f"{answer['of']} {answer['database']}"
    return (
        f"{place} {wording.moment(answer['at'])[11:23]}, {wording.seconds(answer['seconds'])}: {' '.join(said.split())}"
    )


def _by_hash(answer: Mapping[str, Any]) -> str:
    rows = "done" if answer["rows"] is None else f"{answer['rows']:,} rows"
    return f"{rows}, {answer['hash'][:23]}…" if answer.get("hash") else rows
