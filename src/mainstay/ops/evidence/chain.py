"""The chain of a workspace: documents in their order, one directory each, and a line for each in `chain.jsonl`.

    evidence/chain.jsonl               {"run", "digest"} a line, oldest first
    evidence/<run>/evidence.json       the document
    evidence/keys/<fingerprint>.pem    each public key that has signed here

A document is on disk before its line is: a run that was killed in between has left one that the next store takes up.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mainstay.core.errors import AnswerIsNo, InputRefused, MainstayError
from mainstay.ops.evidence.document import FORMAT, VERSION, Document, digest, load, operator, render
from mainstay.ops.evidence.signing import Signer, local_signer, message_of, pem_of

HOME: Final = "evidence"
CHAIN: Final = "chain.jsonl"
KEYS: Final = "keys"
DOCUMENT: Final = "evidence.json"


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the chain."""

    run: str
    digest: str

    def render(self) -> str:
        """The line as it is written, with its end."""
        return json.dumps({"run": self.run, "digest": self.digest}) + "\n"


def store(
    workspace: Path, document: Mapping[str, Any], *, secrets: Iterable[str] = (), signer: Signer | None = None
) -> Path:
    """Seal a document, chain it and write it to `<workspace>/evidence/<run>/evidence.json` (0600); its path.

    It is signed by the operator's own key; with `signer` by that one, and when it does not, by the operator's, with the
    reason in the document. Storing a run again replaces nothing: the run's first document stays, and InputRefused says
    so. Errors: MainstayError when one of the `secrets` would stand in it.
    """
    home = workspace / HOME
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(workspace, str(document["run"]))
    with _locked(home):
        if path.exists():
            raise InputRefused(
                "evidence exists",
                detail=f"{path} is already written; evidence is never replaced.",
                hint="start a new run",
            )
        links = _taken_up(home)
        sealed: Document = {**document, "format": FORMAT, "version": VERSION}
        sealed["number"], sealed["previous"] = len(links) + 1, links[-1].digest if links else None
        sealed = _signed(sealed, workspace, signer)
        text = render(sealed)
        _refuse_secrets(text, secrets)
        _export_key(home, sealed["signed_by"])
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write(path, text)
        _append(home / CHAIN, Link(sealed["run"], sealed["digest"]))
    return path


def path_of(workspace: Path, run: str) -> Path:
    """Where the document of a run is, or will be."""
    return workspace / HOME / run / DOCUMENT


def enter(workspace: Path) -> None:
    """Give a document its line in the chain, whose run was killed between the two; nothing without one."""
    home = workspace / HOME
    with _locked(home):
        _taken_up(home)


def _signed(document: Document, workspace: Path, signer: Signer | None) -> Document:
    """The document with digest and signature; the operator's own key steps in for one that does not answer."""
    own = local_signer(workspace, operator())
    if signer is not None:
        try:
            return _sealed(document, signer.describe(), signer)
        except MainstayError as error:
            why = " ".join(f"the key that was asked for: {error.summary}: {error.detail}".split())
            return _sealed(document, {**own.describe(), "instead_of": why}, own)
    return _sealed(document, own.describe(), own)


def _sealed(document: Document, about: Mapping[str, str], signer: Signer) -> Document:
    sealed: Document = {**document, "signed_by": dict(about)}
    sealed["digest"] = digest(sealed)
    sealed["signature"] = base64.b64encode(signer.sign(message_of(sealed["digest"]))).decode()
    return sealed


def read_links(home: Path) -> tuple[list[Link], list[int]]:
    """The lines of the chain, and the numbers of those that are not as they were written."""
    path = home / CHAIN
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    read = [(number, _link(line)) for number, line in enumerate(lines, 1)]
    return [link for _, link in read if link is not None], [number for number, link in read if link is None]


def _link(line: bytes) -> Link | None:
    try:
        known = json.loads(line.decode())
        link = Link(known["run"], known["digest"])
        return link if link.render().encode() == line else None
    except (ValueError, KeyError, TypeError):
        return None


def runs_in(home: Path) -> list[str]:
    """The runs that have a document, by name."""
    return sorted(path.parent.name for path in home.glob(f"*/{DOCUMENT}"))


def _taken_up(home: Path) -> list[Link]:
    """The chain, with what a killed run wrote and did not enter: a line cut off, or a document that fits at its end.

    What somebody damaged is passed over, and named by the replay: a new drill leaves evidence all the same.
    """
    path = home / CHAIN
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        whole = path.read_bytes().rpartition(b"\n")
        _write(path, (whole[0] + whole[1]).decode())
    links, _ = read_links(home)
    for run in sorted(set(runs_in(home)) - {link.run for link in links}):
        try:
            document = load(home / run / DOCUMENT)
        except (InputRefused, AnswerIsNo):
            continue
        if document["previous"] == (links[-1].digest if links else None):
            links.append(Link(run, document["digest"]))
            _append(path, links[-1])
    return links


def _export_key(home: Path, about: Mapping[str, str]) -> None:
    """The public key beside the evidence, for whoever is handed it."""
    path = home / KEYS / f"{about['fingerprint'].removeprefix('sha256:')[:16]}.pem"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write(path, pem_of(base64.b64decode(about["public_key"])))


def _refuse_secrets(text: str, secrets: Iterable[str]) -> None:
    if any(secret and secret in text for secret in secrets):
        raise MainstayError(
            "evidence would hold a secret",
            detail="A password of this run stands in what was about to be written; nothing was written.",
            hint="report this as a bug",
        )


def _write(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only."""
    building = path.with_suffix(".partial")
    building.unlink(missing_ok=True)
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    building.replace(path)


def _append(path: Path, link: Link) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(link.render())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One writer at a time; the lock ends with the process that holds it."""
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
