"""A second place for evidence: a bucket in which nobody can delete it before its time.

A document goes there once, under its run, and is never replaced. What did not arrive goes with the next drill, since
each one looks for what the bucket lacks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.ops.aws.s3 import S3Door
from mainstay.ops.evidence.chain import DOCUMENT, HOME, read_links
from mainstay.ops.evidence.document import load

PREFIX: Final = "evidence/"


def keep(door: S3Door, bucket: str, workspace: Path, *, label: str, stack: str) -> tuple[str, ...]:
    """Upload every document of a stack that the bucket lacks, oldest first; the runs that were uploaded.

    Altered documents stay out, so that the bucket holds only what was sealed. MainstayError when S3 refuses one.
    """
    there = door.keys(bucket, PREFIX)
    kept: list[str] = []
    for link in read_links(workspace / HOME)[0]:
        key = f"{PREFIX}{link.run}/{DOCUMENT}"
        path = workspace / HOME / link.run / DOCUMENT
        if key in there or not _is_of(path, label, stack):
            continue
        door.put_once(bucket, key, path.read_bytes())
        kept.append(link.run)
    return tuple(kept)


def _is_of(path: Path, label: str, stack: str) -> bool:
    try:
        document = load(path)
    except (AnswerIsNo, InputRefused):
        return False
    return (document.get("label"), document.get("source", {}).get("stack")) == (label, stack)


def remembered(door: S3Door, bucket: str) -> Mapping[str, str]:
    """The digests by run of the documents that a bucket keeps: what a chain has to have."""
    found: dict[str, str] = {}
    for key in sorted(door.keys(bucket, PREFIX)):
        document = json.loads(door.read(bucket, key))
        found[str(document["run"])] = str(document["digest"])
    return found
