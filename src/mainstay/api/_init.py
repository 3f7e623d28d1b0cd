"""`mainstay init`: start from a design that is right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mainstay import spec
from mainstay.api._synth import write_whole
from mainstay.core.errors import InputRefused
from mainstay.core.naming import nearest

_SCHEMA = Path(".mainstay") / "database.schema.json"


@dataclass(frozen=True, slots=True)
class InitResult:
    """What was written."""

    blueprint: str
    written: tuple[Path, ...]
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        """The blueprint's name and the files."""
        return {"blueprint": self.blueprint, "written": [str(path) for path in self.written]}


def init(directory: Path, *, blueprint: str = "postgres-ecommerce") -> InitResult:
    """Write `database.yaml` and the schema that editors check it by; an existing spec is never overwritten."""
    origin = find_blueprint(blueprint)
    target = directory / "database.yaml"
    if target.exists():
        raise InputRefused(
            "spec exists", detail=f"{target} is there already.", hint="move it away, or init another directory"
        )
    _, _, body = origin.read_text(encoding="utf-8").partition("\n")
    write_whole(directory / _SCHEMA, json.dumps(spec.json_schema(), indent=2) + "\n")
    write_whole(target, f"# yaml-language-server: $schema={_SCHEMA.as_posix()}\n{body}")
    return InitResult(blueprint, (target, directory / _SCHEMA))


def find_blueprint(name: str) -> Path:
    """The file of a blueprint; InputRefused names the nearest one."""
    known = blueprints()
    if name not in known:
        guess = nearest(name, known)
        raise InputRefused(
            "unknown blueprint",
            detail=f"There is no blueprint '{name}'.",
            hint=f"did you mean {guess}?" if guess else f"use one of: {', '.join(known)}",
        )
    return known[name]


def blueprints() -> dict[str, Path]:
    """Name → file of every blueprint that is shipped."""
    package = Path(__file__).parents[1]
    # Inside the package when installed; at the top of the checkout when worked on.
    for home in (package / "blueprints", package.parents[1] / "blueprints"):
        found = {path.stem: path for path in sorted(home.glob("*.yaml"))}
        if found:
            return found
    return {}
