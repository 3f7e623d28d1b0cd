"""Evidence: one JSON document a drill, sealed by a digest and chained to the one before it.

The document's shape is published in docs/evidence.schema.json. The digest is SHA-256 over canonical JSON (keys
sorted, no spaces, UTF-8) of everything but itself; `previous` holds the digest of the evidence before it in the same
workspace, so that a document that was altered, or taken out of the middle, is seen.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from mainstay.core.errors import AnswerIsNo, InputRefused, MainstayError

FORMAT: Final = "mainstay.evidence"
VERSION: Final = 1
_CHAIN: Final = "chain.jsonl"

Document = dict[str, Any]  # Any: JSON, described by the published schema


def operator() -> str:
    """Who runs this, as `user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no entry for the uid, as in many containers
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def digest(document: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of a document without its own digest."""
    return digest_of({name: value for name, value in document.items() if name != "digest"})


def digest_of(value: object) -> str:
    """`sha256:` and the hash of any JSON value in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def store(workspace: Path, document: Mapping[str, Any], *, secrets: Iterable[str] = ()) -> Path:
    """Seal a document, chain it and write it to `<workspace>/evidence/<run>/evidence.json` (0600); its path.

    Storing a run again replaces nothing: the run's first document stays, and InputRefused says so.
    Errors: MainstayError when one of the `secrets` would stand in it.
    """
    home = workspace / "evidence"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / str(document["run"]) / "evidence.json"
    with _locked(home):
        if path.exists():
            raise InputRefused(
                "evidence exists",
                detail=f"{path} is already written; evidence is never replaced.",
                hint="start a new run",
            )
        sealed: Document = {**document, "format": FORMAT, "version": VERSION, "previous": _head(home)}
        sealed["digest"] = digest(sealed)
        text = json.dumps(sealed, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        _refuse_secrets(text, secrets)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write(path, text)
        _append(home / _CHAIN, {"run": sealed["run"], "digest": sealed["digest"]})
    return path


def load(path: Path) -> Document:
    """A stored document whose digest holds.

    Errors: InputRefused when it is no evidence of a version we read; AnswerIsNo when it was altered.
    """
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputRefused("evidence not readable", detail=f"{path}: {error}", hint="name an evidence.json") from error
    if not isinstance(document, dict) or (document.get("format"), document.get("version")) != (FORMAT, VERSION):
        raise InputRefused(
            "not evidence",
            detail=f"{path} is not a {FORMAT} document of version {VERSION}.",
            hint="name an evidence.json that `mainstay drill` wrote",
        )
    if document.get("digest") != digest(document):
        raise AnswerIsNo(
            "evidence was altered",
            detail=f"{path}: its digest says {document.get('digest')}, its content gives {digest(document)}.",
            hint="take it from a copy that nobody changed",
        )
    return document


def verify_chain(workspace: Path) -> int:
    """How many documents the chain of a workspace holds, each read and found unaltered and in its place.

    Error: AnswerIsNo naming the first that is missing, altered or out of order.
    """
    home = workspace / "evidence"
    previous = None
    links = _links(home)
    for link in links:
        path = home / link["run"] / "evidence.json"
        if not path.exists():
            raise _broken(f"{path} is missing.")
        document = load(path)
        if document["digest"] != link["digest"] or document["previous"] != previous:
            raise _broken(f"{path} does not follow {previous}.")
        previous = link["digest"]
    return len(links)


def _broken(detail: str) -> AnswerIsNo:
    return AnswerIsNo("chain of evidence is broken", detail=detail, hint="take the directory from an unaltered copy")


def _links(home: Path) -> list[dict[str, str]]:
    chain = home / _CHAIN
    return [json.loads(line) for line in chain.read_text().splitlines()] if chain.exists() else []


def _head(home: Path) -> str | None:
    links = _links(home)
    return links[-1]["digest"] if links else None


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


def _append(path: Path, link: Mapping[str, str]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(json.dumps(link) + "\n")


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One writer at a time; the lock ends with the process that holds it."""
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
