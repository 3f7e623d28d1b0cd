"""One document: its digest, its bytes, and how it is read back."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.ops.evidence.signing import is_signed

FORMAT: Final = "mainstay.evidence"
VERSION: Final = 2
UNSIGNED_VERSION: Final = 1
_READ: Final = (UNSIGNED_VERSION, VERSION)
_COPY: Final = "take it from a copy that nobody changed"

Document = dict[str, Any]  # Any: JSON, described by the published schema


def operator() -> str:
    """Who runs this, as `user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no entry for the uid, as in many containers
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def digest(document: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of a document without its own digest and the signature over it."""
    # Version 1 knows no signature: one that somebody added is content, and changes the digest.
    outside = {"digest"} if document.get("version") == UNSIGNED_VERSION else {"digest", "signature"}
    return digest_of({name: value for name, value in document.items() if name not in outside})


def digest_of(value: object) -> str:
    """`sha256:` and the hash of any JSON value in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def render(document: Mapping[str, Any]) -> str:
    """The one form in which a document is written; whatever else says the same was not written by us."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def load(path: Path) -> Document:
    """A stored document whose digest, bytes and signature hold; one of version 1 has no signature.

    Errors: InputRefused when it is no evidence of a version we read; AnswerIsNo when it was altered.
    """
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise InputRefused("evidence not readable", detail=f"{path}: {error}", hint="name an evidence.json") from error


def parse(raw: bytes, where: str) -> Document:
    """A document from its bytes, as `load` does; `where` says in errors where they are from."""
    try:
        document = json.loads(raw.decode())
    except ValueError as error:
        raise InputRefused("evidence not readable", detail=f"{where}: {error}", hint="name an evidence.json") from error
    known = isinstance(document, dict) and document.get("format") == FORMAT and document.get("version") in _READ
    if not known or isinstance(document["version"], bool):
        raise InputRefused(
            "not evidence",
            detail=f"{where} is not a {FORMAT} document of version {_READ[0]} to {_READ[-1]}.",
            hint="name an evidence.json that `mainstay drill` wrote",
        )
    _refuse_altered(where, raw, document)
    return Document(document)


def _refuse_altered(path: str, raw: bytes, document: Document) -> None:
    try:
        found, written = digest(document), render(document).encode()
    except ValueError as error:  # a number that JSON has no form for, or half of a surrogate pair
        raise AnswerIsNo("evidence was altered", detail=f"{path}: {error}.", hint=_COPY) from error
    if document.get("digest") != found:
        said = f"its digest says {document.get('digest')}, its content gives {found}"
        raise AnswerIsNo("evidence was altered", detail=f"{path}: {said}.", hint=_COPY)
    if raw != written:
        said = "its content is as it was sealed, its bytes are not those that were written"
        raise AnswerIsNo("evidence was altered", detail=f"{path}: {said}.", hint=_COPY)
    if document["version"] != UNSIGNED_VERSION and not is_signed(document):
        said = "its signature is not one of the key that it names over its digest"
        raise AnswerIsNo("evidence was altered", detail=f"{path}: {said}.", hint=_COPY)
