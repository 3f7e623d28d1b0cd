"""How long a database is proven: the dead man's clock over the evidence of its drills.

Only a drill that ended PROVEN winds it up, and only by evidence that is as it was left. Silence and INCONCLUSIVE drills
let it run down; a DISPROVEN one stops it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import AnswerIsNo, InputRefused, MainstayError
from mainstay.core.units import Duration
from mainstay.ops.evidence import HOME, Document, load
from mainstay.ops.evidence.chain import DOCUMENT, read_links
from mainstay.ops.evidence.keeping import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the drills of a database have shown. `lasts` None means that nobody said how old a proof may become.

    `since` is when it stopped being proven, or when the stack was made if it never was; None while it is proven, or
    where nobody knows. `altered` counts documents that are not as they were left, which prove nothing.
    """

    lasts: Duration | None
    proven_at: datetime | None = None
    level: str = ""
    run: str = ""
    disproven_by: str = ""
    since: datetime | None = None
    is_proven: bool = False
    altered: int = 0

    @property
    def until(self) -> datetime | None:
        """When the newest proof runs out; None without one, or without an end."""
        if self.proven_at is None or self.lasts is None:
            return None
        return self.proven_at + timedelta(seconds=self.lasts)

    @property
    def is_well(self) -> bool:
        """Whether it is proven, where somebody said that it should be, and no drill has disproven it."""
        return self.is_proven or (self.lasts is None and not self.disproven_by)

    def as_json(self) -> dict[str, object]:
        """For a JSON document; `lasts_s` in seconds."""
        return {
            "is_proven": self.is_proven,
            "lasts_s": int(self.lasts) if self.lasts is not None else None,
            "proven_at": _time(self.proven_at),
            "until": _time(self.until),
            "since": _time(self.since),
            "level": self.level,
            "run": self.run,
            "disproven_by": self.disproven_by,
            "altered": self.altered,
        }


def _time(moment: datetime | None) -> str | None:
    return render_time(moment) if moment else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose proof is asked for: the label of the site, and the database's resource id, which no other one ever has."""

    label: str
    resource_id: str


def proof_of(
    workspace: Path,
    subject: Subject,
    lasts: Duration | None,
    *,
    now: datetime,
    begun_at: datetime | None,
    kept: Kept | None = None,
) -> Proof:
    """The proof of a database by the evidence of a workspace, and of a bucket: other machines drill, too.

    `begun_at` is when its stack was made. A bucket that does not answer proves nothing, which is the safe side.
    """
    altered, disproven = 0, None
    for document in _newest_first(workspace / HOME, kept):
        if document is None:
            altered += 1
            continue
        if not _is_drill_of(document, subject):
            continue
        word = document["verdict"]["word"]
        if word == "DISPROVEN":
            disproven = disproven or document
        if word == "PROVEN":
            return _proof(document, disproven, lasts, now, altered)
    since = parse_time(disproven["ended_at"]) if disproven else begun_at
    by = disproven["run"] if disproven else ""
    return Proof(lasts=lasts, since=since, disproven_by=by, altered=altered)


def _newest_first(home: Path, kept: Kept | None) -> Iterator[Document | None]:
    """Every document, by the time that begins its run's name; None for one that is nowhere as it was left."""
    here = {link.run: link.digest for link in read_links(home)[0]}
    there = _runs(kept)
    for run in sorted({*here, *there}, reverse=True):
        document = _read(home, run, here[run]) if run in here else None
        if document is None and kept is not None and run in there:
            document = _read_kept(kept, run)
        yield document


def _runs(kept: Kept | None) -> frozenset[str]:
    try:
        return kept.runs() if kept is not None else frozenset()
    except MainstayError:
        return frozenset()


def _read(home: Path, run: str, digest: str) -> Document | None:
    try:
        document = load(home / run / DOCUMENT)
    except (AnswerIsNo, InputRefused):
        return None
    return document if document["digest"] == digest else None


def _read_kept(kept: Kept, run: str) -> Document | None:
    try:
        return kept.read(run)
    except MainstayError:
        return None


def _is_drill_of(document: Mapping[str, Any], subject: Subject) -> bool:
    source = document.get("source", {})
    is_drill = document.get("kind", "drill") == "drill"
    return is_drill and (document.get("label"), source.get("resource_id")) == (subject.label, subject.resource_id)


def _proof(proven: Document, disproven: Document | None, lasts: Duration | None, now: datetime, altered: int) -> Proof:
    at = parse_time(proven["ended_at"])
    until = at + timedelta(seconds=lasts) if lasts is not None else None
    is_old = until is not None and now >= until
    ended = parse_time(disproven["ended_at"]) if disproven else until if is_old else None
    return Proof(
        lasts=lasts,
        proven_at=at,
        level=str(proven["verdict"]["level"]),
        run=str(proven["run"]),
        disproven_by=str(disproven["run"]) if disproven else "",
        since=ended,
        is_proven=ended is None,
        altered=altered,
    )
