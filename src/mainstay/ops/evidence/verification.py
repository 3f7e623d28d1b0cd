"""Replaying a chain from its beginning: what was altered, is missing, is out of order, or was signed by somebody else.

A chain shows by itself what happened in it, not that its end was cut off: that takes something that was told elsewhere.
`anchors` are digests by run that somebody else remembers: the journal of the workspace, a locked bucket, or a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Literal

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.ops.evidence.chain import CHAIN, DOCUMENT, HOME, KEYS, Link, read_links, runs_in
from mainstay.ops.evidence.document import UNSIGNED_VERSION, Document, load
from mainstay.ops.evidence.shape import violations
from mainstay.ops.evidence.signing import der_of_pem, fingerprint, pem_of

Kind = Literal["altered", "missing", "order", "cut off", "not chained", "unsigned", "foreign key", "shape"]
_MOST_VIOLATIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was left; `run` is empty where it is about the chain itself."""

    kind: Kind
    run: str
    detail: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """One document as it was read: its place, what it says, and who signed it (empty: nobody)."""

    number: int
    run: str
    version: int
    kind: str
    label: str
    stack: str
    source: str
    verdict: str
    level: str
    ended_at: str
    digest: str
    signed_by: str
    signer: str

    @classmethod
    def of(cls, number: int, document: Document) -> Replayed:
        """From a document whose digest holds; members that are not there are empty."""
        source, verdict, key = (_part(document, name) for name in ("source", "verdict", "signed_by"))
        return cls(
            number=number,
            run=str(document.get("run", "")),
            version=int(document["version"]),
            kind=str(document.get("kind", "drill")),
            label=str(document.get("label", "")),
            stack=str(source.get("stack", "")),
            source=str(source.get("identifier", "")),
            verdict=str(verdict.get("word", "")),
            level=str(verdict.get("level", "")),
            ended_at=str(document.get("ended_at", "")),
            digest=str(document["digest"]),
            signed_by=str(key.get("fingerprint", "")),
            signer=" ".join(filter(None, (str(key.get("kind", "")), str(key.get("name", ""))))),
        )


@dataclass(slots=True, kw_only=True)
class Replay:
    """What a replay found. `trusted` are fingerprints that were given; `anchored` is how many digests were told from
    elsewhere, without which nobody sees that the end was cut off.
    """

    place: Path
    trusted: tuple[str, ...] = ()
    anchored: int = 0
    documents: list[Replayed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when everything is as it was left, else 1."""
        return 1 if self.problems else 0

    @property
    def unsigned(self) -> int:
        """How many documents nobody signed: those of version 1."""
        return sum(not one.signed_by for one in self.documents)

    @property
    def keys(self) -> dict[str, str]:
        """Who signed, by fingerprint."""
        return {one.signed_by: one.signer for one in self.documents if one.signed_by}

    def as_json(self) -> dict[str, object]:
        """The replay as a JSON document."""
        return {
            "place": str(self.place),
            "is_unaltered": not self.problems,
            "documents": [asdict(one) for one in self.documents],
            "problems": [asdict(problem) for problem in self.problems],
            "keys": self.keys,
            "trusted": list(self.trusted),
            "anchored": self.anchored,
        }


def _part(document: Document, name: str) -> Mapping[str, object]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def replay(
    place: Path,
    *,
    trusted: Collection[str] = (),
    anchors: Mapping[str, str] | None = None,
    expected: Collection[str] = (),
) -> Replay:
    """Replay the chain in a directory of evidence, or in the workspace that holds one.

    `trusted` are the fingerprints that may have signed; without any, one key has to have signed everything. `anchors`
    are digests by run that are known from elsewhere, `expected` digests alone. InputRefused where there is no evidence.
    """
    home = place / HOME if (place / HOME).is_dir() else place
    if not runs_in(home) and not (home / CHAIN).exists():
        raise InputRefused(
            "no evidence there",
            detail=f"{place} holds no chain of evidence.",
            hint="name the directory that a drill left its evidence in: .mainstay/evidence",
        )
    anchors = anchors or {}
    found = Replay(place=home, trusted=tuple(trusted), anchored=len(anchors) + len(expected))
    links, damaged = read_links(home)
    for number in damaged:
        found.problems.append(Problem("altered", "", f"Line {number} of {CHAIN} is not as it was written."))
    documents = _walk(home, links, found)
    found.problems += _outside(home, links)
    found.problems += _signatures(documents, trusted)
    found.problems += _exported(home)
    found.problems += _cut_off(found.documents, links, anchors, expected)
    return found


def replay_file(path: Path, *, trusted: Collection[str] = ()) -> Replay:
    """Look at one document alone: its digest, bytes, signature and shape, and nothing of its place in a chain."""
    found = Replay(place=path, trusted=tuple(trusted))
    run = path.parent.name
    document = _read(path, run, found)
    if document is not None:
        found.documents.append(Replayed.of(int(document.get("number", 0)), document))
        found.problems += _signatures([document], trusted)
    return found


def _walk(home: Path, links: list[Link], found: Replay) -> list[Document]:
    """Every document of the chain in its order, compared with its line and with the one before it."""
    documents: list[Document] = []
    previous: str | None = None
    for number, link in enumerate(links, 1):
        path = home / link.run / DOCUMENT
        if not path.is_file():
            found.problems.append(Problem("missing", link.run, f"Document {number} of the chain, {path}, is missing."))
            previous = link.digest
            continue
        document = _read(path, link.run, found)
        if document is not None:
            found.problems += _misplaced(document, number, link, previous)
            found.documents.append(Replayed.of(number, document))
            documents.append(document)
        previous = link.digest
    repeated = [run for run, count in Counter(link.run for link in links).items() if count > 1]
    found.problems += [Problem("order", run, "The chain names this run more than once.") for run in repeated]
    return documents


def _read(path: Path, run: str, found: Replay) -> Document | None:
    try:
        document = load(path)
    except (InputRefused, AnswerIsNo) as error:
        found.problems.append(Problem("altered", run, error.detail))
        return None
    wrong = violations(document)
    found.problems += [Problem("shape", run, f"{path}: {what}") for what in wrong[:_MOST_VIOLATIONS]]
    return document


def _misplaced(document: Document, number: int, link: Link, previous: str | None) -> Iterator[Problem]:
    if document["digest"] != link.digest or document.get("run") != link.run:
        yield Problem(
            "altered", link.run, f"The chain knows it by {link.digest}, its document is {document['digest']}."
        )
    elif document.get("previous") != previous:
        before = document.get("previous") or "nothing"
        yield Problem("order", link.run, f"It was written after {before}; before it stands {previous or 'nothing'}.")
    elif document.get("number", number) != number:
        yield Problem("missing", link.run, f"It was document {document['number']} of the chain and is {number} now.")


def _outside(home: Path, links: list[Link]) -> Iterator[Problem]:
    for run in sorted(set(runs_in(home)) - {link.run for link in links}):
        yield Problem(
            "not chained",
            run,
            "Its document is there, and its line in the chain is not: the line was taken out, or the run was killed "
            "just then; in the latter case the next drill enters it.",
        )


def _signatures(documents: list[Document], trusted: Collection[str]) -> Iterator[Problem]:
    """Who signed is who may; nothing after a signed document is unsigned, as that would be an easy way round."""
    allowed = set(trusted)
    has_begun = bool(trusted)
    for document in documents:
        run = str(document.get("run", ""))
        if document["version"] == UNSIGNED_VERSION:
            if has_begun:
                yield Problem("unsigned", run, "It is of version 1, which has no signature; a signed one was due.")
            continue
        has_begun = True
        key = str(document["signed_by"]["fingerprint"])
        allowed = allowed or {key}
        if key not in allowed:
            first = ", ".join(sorted(allowed))
            told = "is trusted" if trusted else "has signed before it; name every key that may with --key"
            yield Problem("foreign key", run, f"It is signed by {key}; {first} {told}.")


def _exported(home: Path) -> Iterator[Problem]:
    """The public keys that lie beside the evidence are those that they are called after."""
    for path in sorted((home / KEYS).glob("*.pem")):
        try:
            der = der_of_pem(path.read_bytes(), str(path))
            is_it = fingerprint(der).startswith(f"sha256:{path.stem}") and path.read_bytes() == pem_of(der).encode()
        except InputRefused:
            is_it = False
        if not is_it:
            yield Problem("altered", "", f"{path} is not the key that it is called after.")


def _cut_off(
    documents: list[Replayed], links: list[Link], anchors: Mapping[str, str], expected: Collection[str]
) -> Iterator[Problem]:
    """What somebody else remembers and the chain does not."""
    known = {link.run: link.digest for link in links}
    for run, digest in anchors.items():
        if run not in known:
            yield Problem("cut off", run, f"It was told elsewhere that it left {digest}; the chain does not know it.")
        elif known[run] != digest:
            yield Problem("altered", run, f"It was told elsewhere that it left {digest}; here it is {known[run]}.")
    digests = {one.digest for one in documents}
    for digest in expected:
        if digest not in digests:
            yield Problem("cut off", "", f"{digest} is expected, and no unaltered document of the chain has it.")
