"""`mainstay schema`: the JSON schema of a spec, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mainstay import spec


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """The schema; its JSON is the answer itself, so that it can be piped into a file."""

    document: Mapping[str, object]
    exit_code: int = 0

    def as_json(self) -> Mapping[str, object]:
        """The schema itself."""
        return self.document


def schema() -> SchemaResult:
    """The JSON schema that `mainstay` reads specs by."""
    return SchemaResult(spec.json_schema())
