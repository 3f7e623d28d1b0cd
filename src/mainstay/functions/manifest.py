"""What a validated database is expected to be: a small JSON document, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mainstay.core.errors import InputRefused
from mainstay.functions import settings
from mainstay.functions.aws import ask, client

PACKED_MANIFEST: Final = "manifest.json"
ROLES: Final = ("source", "replica", "none")
MEMBERS: Final = ("version", "character_set", "collation", "replication", "max_lag_s", "tables", "is_complete")


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a table may have; both ends included, None where there is no end."""

    least: int | None = None
    most: int | None = None

    @property
    def is_counted(self) -> bool:
        """Whether the table has to be read, or only to exist."""
        return self.least is not None or self.most is not None

    def admits(self, rows: int) -> bool:
        """Whether this many rows are as expected."""
        return (self.least is None or rows >= self.least) and (self.most is None or rows <= self.most)

    def __str__(self) -> str:
        if self.least is not None and self.least == self.most:
            return f"{self.least} rows"
        bounds = ((self.least, "at least"), (self.most, "at most"))
        return " and ".join(f"{word} {bound}" for bound, word in bounds if bound is not None) + " rows"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is expected; an empty member expects nothing.

    `version` is a beginning (`8.4` admits 8.4.7, not 8.40). `is_complete` forbids tables that are not listed.
    """

    version: str = ""
    character_set: str = ""
    collation: str = ""
    replication: str = ""
    max_lag_s: float | None = None
    tables: Mapping[str, Rows] | None = None
    is_complete: bool = False


def find(given: object = None) -> Manifest:
    """The manifest of the event, else of MAINSTAY_MANIFEST (JSON, or an SSM parameter's name), else of the package.

    Without any, nothing is expected beyond an answer. Error: InputRefused that names the member that is wrong.
    """
    if given is not None:
        return read(given, "the event's manifest")
    named = settings.optional(settings.MANIFEST)
    if named.startswith("{"):
        return read(named, settings.MANIFEST)
    if named:
        answer = ask(client("ssm").get_parameter, Name=named, WithDecryption=True)
        return read(answer["Parameter"]["Value"], f"the parameter {named}")
    packed = settings.packed_file(PACKED_MANIFEST)
    return Manifest() if packed is None else read(packed.read_text(encoding="utf-8"), PACKED_MANIFEST)


def read(source: object, name: str) -> Manifest:
    """A manifest out of JSON text or of what JSON gave. Error: InputRefused that names the member that is wrong."""
    document = _document(source, name)
    unknown = sorted(set(document) - set(MEMBERS))
    if unknown:
        raise _wrong(name, f"it has no member {', '.join(unknown)}; its members are {', '.join(MEMBERS)}")
    texts = {member: document.get(member, "") for member in ("version", "character_set", "collation", "replication")}
    for member, text in texts.items():
        if not isinstance(text, str):
            raise _wrong(name, f"{member} must be text")
    if texts["replication"] and texts["replication"] not in ROLES:
        raise _wrong(name, f"replication must be one of {', '.join(ROLES)}")
    lag = document.get("max_lag_s")
    if lag is not None and (isinstance(lag, bool) or not isinstance(lag, int | float) or lag < 0):
        raise _wrong(name, "max_lag_s must be a number of seconds, 0 or more")
    is_complete = document.get("is_complete", False)
    if not isinstance(is_complete, bool):
        raise _wrong(name, "is_complete must be true or false")
    return Manifest(**texts, max_lag_s=lag, tables=_tables(document.get("tables"), name), is_complete=is_complete)


def _document(source: object, name: str) -> Mapping[str, Any]:
    """Any: a member may be anything until it was looked at."""
    if isinstance(source, str):
        try:
            source = json.loads(source)
        except ValueError as error:
            raise _wrong(name, f"it is not JSON ({error})") from error
    if not isinstance(source, Mapping):
        raise _wrong(name, "it is not a JSON object")
    return source


def _tables(given: object, name: str) -> dict[str, Rows]:
    """Tables with their rows: null (it exists), a number (exactly so many), or an object with `min` and `max`."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _wrong(name, "tables must be an object of table names")
    return {str(table): _rows(str(table), rows, name) for table, rows in given.items()}


def _rows(table: str, given: object, name: str) -> Rows:
    bounds = given if isinstance(given, Mapping) else {"min": given, "max": given}
    counts: list[int | None] = [
        bound
        for bound in (bounds.get("min"), bounds.get("max"))
        if bound is None or (isinstance(bound, int) and not isinstance(bound, bool) and bound >= 0)
    ]
    if len(counts) == 2 and set(bounds) <= {"min", "max"}:
        least, most = counts
        if least is None or most is None or least <= most:
            return Rows(least, most)
    raise _wrong(name, f"the rows of {table} must be null, a count, or min and max with min not above max")


def _wrong(name: str, why: str) -> InputRefused:
    return InputRefused(
        "the manifest cannot be used", detail=f"In {name}, {why}.", hint="correct it; an empty object expects nothing"
    )
