"""`mainstay synth`: the plan, in the format of the tool that people already use."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.api._source import load_spec
from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.core.naming import nearest
from mainstay.formats import cloudformation

FORMATS: Final = {"cloudformation": cloudformation.render}


@dataclass(frozen=True, slots=True)
class SynthResult:
    """File name → text; `out` is where they were written, or None."""

    format: str
    files: Mapping[str, str]
    out: Path | None
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        """The files with their texts, and where they were written."""
        return {"format": self.format, "files": dict(self.files), "out": str(self.out) if self.out else None}


def synth(
    source: Path,
    *,
    to: str = "cloudformation",
    out: Path | None = None,
    environment: str | None = None,
    region: str | None = None,
) -> SynthResult:
    """Compile a spec; with `out`, write the files there, each one whole or not at all."""
    if to not in FORMATS:
        guess = nearest(to, FORMATS)
        raise InputRefused(
            "unknown format",
            detail=f"'{to}' is not a format that this version writes.",
            hint=f"did you mean {guess}?" if guess else f"use one of: {', '.join(FORMATS)}",
        )
    files = FORMATS[to](load_spec(source, environment=environment, region=region).plan)
    if out is not None:
        for name, text in files.items():
            write_whole(out / name, text)
    return SynthResult(to, files, out)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new one, never a part."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as partial:
            try:
                partial.write(text)
                partial.close()
                written = Path(partial.name)
                written.chmod(0o644)
                written.replace(path)
            except BaseException:
                Path(partial.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise EnvironmentLacking(
            "file cannot be written",
            detail=f"{path}: {error.strerror}.",
            hint="choose another directory, or make room there",
        ) from error
