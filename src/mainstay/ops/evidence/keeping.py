"""A second place for evidence: a bucket in which nobody can delete it before its time.

A document goes there once, under its run, and is never replaced. What did not arrive goes with the next run, since
each one looks for what the bucket lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.ops.aws.s3 import S3Door
from mainstay.ops.evidence.chain import DOCUMENT, HOME, read_links
from mainstay.ops.evidence.document import Document, load, parse

PREFIX: Final = "evidence/"


def keep(door: S3Door, bucket: str, workspace: Path, *, label: str, stacks: Collection[str]) -> tuple[str, ...]:
    """Upload every document of these stacks that the bucket lacks, oldest first; the runs that were uploaded.

    Altered documents stay out, so that the bucket holds only what was sealed. MainstayError when S3 refuses one.
    """
    there = Kept(door, bucket).runs()
    kept: list[str] = []
    for link in read_links(workspace / HOME)[0]:
        path = workspace / HOME / link.run / DOCUMENT
        if link.run in there or not _is_of(path, label, stacks):
            continue
        door.put_once(bucket, _key(link.run), path.read_bytes())
        kept.append(link.run)
    return tuple(kept)


def _is_of(path: Path, label: str, stacks: Collection[str]) -> bool:
    try:
        document = load(path)
    except (AnswerIsNo, InputRefused):
        return False
    return document.get("label") == label and document.get("source", {}).get("stack") in stacks


@dataclass(frozen=True, slots=True)
class Kept:
    """The evidence in a bucket, by run."""

    door: S3Door
    bucket: str

    def runs(self) -> frozenset[str]:
        """Every run whose document is there."""
        end = f"/{DOCUMENT}"
        keys = (key for key in self.door.keys(self.bucket, PREFIX) if key.endswith(end))
        return frozenset(key.removeprefix(PREFIX).removesuffix(end) for key in keys)

    def read(self, run: str) -> Document:
        """A run's document; AnswerIsNo or InputRefused when it is not as it was sealed."""
        return parse(self.door.read(self.bucket, _key(run)), f"s3://{self.bucket}/{_key(run)}")


def _key(run: str) -> str:
    return f"{PREFIX}{run}/{DOCUMENT}"


def remembered(door: S3Door, bucket: str) -> Mapping[str, str]:
    """The digests by run of the documents that a bucket keeps: what a chain has to have."""
    kept = Kept(door, bucket)
    return {run: str(kept.read(run)["digest"]) for run in sorted(kept.runs())}
