"""Which of several written values counts: argument before environment before the rest of the spec before default.

An environment is a section under `environments:` with the shape of the spec itself. Mappings are merged key by key;
a list or a single value replaces what stands below it, so that an environment can also shorten a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mainstay.core.findings import Finding, Origin
from mainstay.core.naming import nearest
from mainstay.spec.faults import finding
from mainstay.spec.yaml_tree import Path, Tree, parse

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
    start = (ENVIRONMENTS, name)
    # A section that is a list has places, too, and no settings.
    places = {
        path[2:]: place for path, place in tree.places.items() if path[:2] == start and path[2:3] and path[2] in section
    }
    return over(tree, Tree(dict(section), places))


def over(below: Tree, above: Tree) -> Tree:
    """One tree laid over another."""
    replaced = {path for path in above.places if not isinstance(_at(above.value, path), dict)}
    kept = {
        path: place
        for path, place in below.places.items()
        if not any(path[:end] in replaced for end in range(1, len(path) + 1))
    }
    return Tree(_merged(below.value, above.value), kept | above.places, below.faults + above.faults)


def overriding(name: str, text: str, given: str | None = None) -> Tree:
    """An argument such as `database.class=db.t4g.medium` as a tree; its value is read as YAML.

    `given` says in messages where it was given, if not as an argument.
    """
    origin = Origin(given or f"argument {name}")
    tree = parse(text, origin.file)
    value, path = tree.value, _keys(name)
    for key in reversed(path):
        value = {key: value}
    places = {path[: end + 1]: origin for end in range(len(path))}
    places |= {(*path, *below): origin for below in tree.places}
    return Tree(value, places, [replace(fault, subject=fault.subject or name) for fault in tree.faults])


def _keys(name: str) -> Path:
    """The keys of a dotted name; an engine parameter's own dots belong to its name, as in `rds.force_ssl`."""
    start = "database.parameters."
    if name.startswith(start):
        return ("database", "parameters", name.removeprefix(start))
    return tuple(name.split("."))


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


def _at(value: Any, path: Path) -> Any:  # Any: trees that nobody has checked yet
    for key in path:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
