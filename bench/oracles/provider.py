"""What the AWS provider's schema says of our Terraform modules: unknown and missing arguments, and wrong shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bench.oracles.finding import Finding
from bench.oracles.provider_schema import Argument, Schema, schemas

TOOL: Final = "provider"
# Terraform's own arguments, which every block takes.
_META: Final = frozenset({"//", "provider", "depends_on", "lifecycle", "count", "for_each"})
_SECTIONS: Final = ("resource", "data", "ephemeral")
_LITERALS: Final[Mapping[str, type | tuple[type, ...]]] = {"string": str, "number": (int, float), "boolean": bool}


def judged(modules: Mapping[str, Mapping[str, str]], site_packages: Path) -> set[Finding]:
    """Findings about modules by place (`<blueprint>/<environment>`), each its files by name."""
    blocks = [
        (where, section, type_name, label, body)
        for where, files in modules.items()
        for name, text in files.items()
        if name.endswith(".tf.json")
        for section in _SECTIONS
        for type_name, members in json.loads(text).get(section, {}).items()
        for label, body in members.items()
    ]
    known = schemas(site_packages, {block[2] for block in blocks})
    found: set[Finding] = set()
    for where, section, type_name, label, body in blocks:
        place = f"{where}/{type_name}.{label}"
        schema = known.get((section, type_name))
        said = ["the provider has no such type"] if schema is None else complaints(body, schema.arguments)
        found |= {Finding(TOOL, section, place, one) for one in said}
    return found


def complaints(body: Mapping[str, Any], schema: Schema, path: str = "") -> Iterator[str]:
    """What is wrong with one block, arguments by their path."""
    for name, value in body.items():
        if name in _META and not path:
            continue
        argument = schema.get(name)
        if argument is None:
            yield f"{path}{name} is unknown"
        else:
            yield from _of_value(value, argument, f"{path}{name}")
    for name, argument in schema.items():
        if argument.is_required and name not in body:
            yield f"{path}{name} is required"


def _of_value(value: Any, argument: Argument, path: str) -> Iterator[str]:
    if argument.block is not None:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from complaints(one, argument.block, f"{path}.")
            else:
                yield f"{path} is no block"
    elif isinstance(value, str) and "${" in value:
        return
    elif argument.kind in ("list", "set"):
        if not isinstance(value, list):
            yield f"{path} is no list"
    elif argument.kind == "map":
        if not isinstance(value, dict):
            yield f"{path} is no map"
    elif not isinstance(value, _LITERALS.get(argument.storage, object)):
        yield f"{path} is no {argument.storage}"
