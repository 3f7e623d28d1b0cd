"""`mainstay evidence verify` and `show`: what drills left, replayed from the beginning, and one document as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mainstay.api._site import Where, open_site
from mainstay.api._synth import write_whole
from mainstay.core.errors import InputRefused
from mainstay.ops import evidence
from mainstay.ops.evidence import Document, Replay
from mainstay.ops.evidence.chain import DOCUMENT, read_links
from mainstay.ops.evidence.keeping import remembered
from mainstay.ops.evidence.signing import der_of_pem, fingerprint
from mainstay.ops.generation.moved import SWAP
from mainstay.ops.journal import Journal
from mainstay.report.page import drill_page


def evidence_verify(
    place: Path,
    *,
    keys: Sequence[str] = (),
    expected: Sequence[str] = (),
    bucket: str | None = None,
    where: Where | None = None,
    region: str | None = None,
) -> Replay:
    """Replay a chain of evidence from its beginning, or look at one document alone when `place` is a file.

    `keys` are those that may have signed: PEM files, or fingerprints. `expected` are digests that have to be in the
    chain. The journals of the workspace, where there are any, tell which runs left evidence; so does the `bucket` that
    keeps it, which is asked at `where` in `region`.
    """
    trusted = [_fingerprint(key) for key in keys]
    if place.is_file():
        if expected or bucket:
            raise InputRefused(
                "a chain is asked of one document",
                detail=f"{place} is one document; what has to be there is asked of a chain.",
                hint="name the directory, or leave --expect and --bucket out",
            )
        return evidence.replay_file(place, trusted=trusted)
    anchors = dict(_remembered(place))
    if bucket:
        anchors |= remembered(open_site(where or Where(), region).doors.s3, bucket)
    return evidence.replay(place, trusted=trusted, anchors=anchors, expected=expected)


def _fingerprint(key: str) -> str:
    if key.startswith("sha256:"):
        return key
    try:
        raw = Path(key).read_bytes()
    except OSError as error:
        raise InputRefused(
            "key not readable", detail=f"{key}: {error.strerror}.", hint="name a .pem file, or a fingerprint sha256:…"
        ) from error
    return fingerprint(der_of_pem(raw, key))


def _remembered(place: Path) -> Mapping[str, str]:
    """The digests by run that the journals of the workspace know."""
    workspace = place if (place / evidence.HOME).is_dir() else place.resolve().parent
    journals = (Journal(workspace / "journal"), Journal(workspace / "sandbox" / "journal"))
    runs = [run for journal in journals for run in journal.runs()]
    facts = [(run.id, run.fact("evidence")) for run in runs]
    facts += [(f"{run.id}-{SWAP}", run.fact("swap_evidence")) for run in runs]
    return {run: digest for run, digest in facts if isinstance(digest, str)}


@dataclass(frozen=True, slots=True)
class Shown:
    """One document, where it lies, and the page that was drawn of it."""

    document: Document
    path: Path
    page: Path | None = None

    def as_json(self) -> dict[str, object]:
        """The document as it was stored."""
        return {"evidence_file": str(self.path), "page": str(self.page) if self.page else None, **self.document}


def evidence_show(place: Path, *, run: str | None = None, page: Path | None = None) -> Shown:
    """One document of a chain (a run's, or the newest), or the one in a file; its page is written where `page` says.

    Errors: InputRefused when it is not there; AnswerIsNo when it was altered.
    """
    path = place if place.is_file() else _document(place, run)
    document = evidence.load(path)
    if page is not None:
        write_whole(page, drill_page(document))
    return Shown(document, path, page)


def _document(place: Path, run: str | None) -> Path:
    home = place / evidence.HOME if (place / evidence.HOME).is_dir() else place
    known = [link.run for link in read_links(home)[0]]
    wanted = run or (known[-1] if known else None)
    if wanted not in known:
        raise InputRefused(
            "no such evidence",
            detail=f"{home} holds no evidence of run {run}." if run else f"{home} holds no evidence.",
            hint=f"name one of: {', '.join(known[-5:])}" if known else "`mainstay drill` leaves it there",
        )
    return home / str(wanted) / DOCUMENT
