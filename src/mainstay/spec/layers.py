"""Which of several written values counts: argument before environment before the rest of the spec before default.

An environment is a section under `environments:` with the shape of the spec itself. Mappings are merged key by key;
a list or a single value replaces what stands below it, so that an environment can also shorten a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mainstay.core.findings import Finding, Origin
from mainstay.core.naming import nearest
from mainstay.spec.faults import finding
from mainstay.spec.yaml_tree import Tree, parse

ENVIRONMENTS = "environments"


def environments_of(tree: Tree) -> dict[str, Any]:  # Any: sections that nobody has checked yet
    """The environments that a spec describes, by name; empty when the section is missing or is no mapping."""
    section = tree.value.get(ENVIRONMENTS) if isinstance(tree.value, dict) else None
    return section if isinstance(section, dict) else {}


def without_environments(tree: Tree) -> Tree:
    """The spec itself, without the section about its environments."""
    value = {key: item for key, item in tree.value.items() if key != ENVIRONMENTS}
    return Tree(value, tree.places, list(tree.faults))


def with_environment(tree: Tree, name: str, section: Mapping[str, Any]) -> Tree:
    """The spec with what its environment says differently; places follow the values."""
    start = f"{ENVIRONMENTS}.{name}"
    places = {
        path.removeprefix(start).removeprefix("."): place
        for path, place in tree.places.items()
        if path.startswith(f"{start}.")
    }
    return over(tree, Tree(dict(section), places))


def over(below: Tree, above: Tree) -> Tree:
    """One tree laid over another."""
    replaced = [path for path in above.places if not isinstance(_at(above.value, path), dict)]
    kept = {
        path: place
        for path, place in below.places.items()
        if not any(path == gone or path.startswith(f"{gone}.") for gone in replaced)
    }
    return Tree(_merged(below.value, above.value), kept | above.places, below.faults + above.faults)


def overriding(path: str, text: str) -> Tree:
    """An argument such as `database.class=db.t4g.medium` as a tree; its value is read as YAML."""
    origin = Origin(f"argument {path}")
    tree = parse(text, origin.file)
    value = tree.value
    for key in reversed(path.split(".")):
        value = {key: value}
    parts = path.split(".")
    places = {".".join(parts[: end + 1]): origin for end in range(len(parts))}
    places |= {f"{path}.{below}".replace("..", "."): origin for below in tree.places}
    return Tree(value, places, tree.faults)


def not_described(name: str, known: Mapping[str, object], origin: Origin | None) -> Finding:
    """The fault of an environment that the spec does not have."""
    near = nearest(name, known)
    return finding(
        "SP013",
        f"The spec describes {', '.join(known)}, but not '{name}'.",
        f"did you mean {near}?" if near else f"use one of them, or add environments.{name}",
        subject=ENVIRONMENTS,
        origin=origin,
    )


def _merged(below: Any, above: Any) -> Any:  # Any: trees that nobody has checked yet
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    keys = dict.fromkeys([*below, *above])
    return {key: _merged(below.get(key), above[key]) if key in above else below[key] for key in keys}


def _at(value: Any, path: str) -> Any:  # Any: trees that nobody has checked yet
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value.get(key)
    return value
