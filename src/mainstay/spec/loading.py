"""A spec from text: parse, lay the layers over each other, validate, and report everything at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Origin, in_order
from mainstay.spec.document import DEFAULT_ENVIRONMENT, Spec
from mainstay.spec.explaining import explained, keys_at, place_of
from mainstay.spec.faults import finding
from mainstay.spec.layers import (
    ENVIRONMENTS,
    environments_of,
    not_described,
    over,
    overriding,
    with_environment,
    without_environments,
)
from mainstay.spec.manifests import with_manifest
from mainstay.spec.yaml_tree import MOST_BYTES, Tree, parse

# Each environment is merged and checked on its own, so their number bounds the time that a spec takes.
_MOST_ENVIRONMENTS: Final = 50


Source: TypeAlias = "Path | str | Mapping[str, Any]"  # Any: what nobody has checked yet


def load(
    source: Source,
    *,
    file: str = "spec.yaml",
    environment: str | None = None,
    overrides: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
    fallbacks: Mapping[str, str] | None = None,
) -> Spec:
    """The spec of one environment, from a file (`Path`), from text, or from settings as a mapping; `file` names the
    latter two in messages.

    Precedence: `overrides` (dotted path → YAML text, each over those before it) and `environment`, then
    `environments.<name>` in the spec, then the spec, then `fallbacks` (as `overrides`), then defaults. `given` says
    where an override, or the environment, was given, if not as an argument. InputRefused carries every fault as a
    finding with its line; the environments that were not chosen are checked as well.
    """
    tree, file = _read(source, file)
    if not isinstance(tree.value, dict):
        raise refused(tree.faults or [_no_mapping(file)], file)
    for path, text in (fallbacks or {}).items():
        tree = over(overriding(path, text), tree)
    faults = list(tree.faults) + _environments_faults(tree, file)
    base = without_environments(tree)
    described = environments_of(tree)
    layers = _overriding(overrides or {}, given or {})
    chosen, layered = _layers(base, described, environment, layers)
    if described and chosen not in described:
        at = Origin((given or {}).get("environment", "argument environment")) if environment else None
        faults.append(not_described(chosen, described, at or place_of((ENVIRONMENTS,), base.places, file)))
    faults += [fault for above in layers for fault in above.faults]
    spec, errors = _validated(layered, file)
    faults += errors
    for name, section in list(described.items())[:_MOST_ENVIRONMENTS]:
        if name != chosen and isinstance(section, dict):
            faults += _validated(_named(with_environment(base, name, section), name), file)[1]
    if faults or spec is None:
        raise refused(faults, file)
    return spec


def _read(source: Source, file: str) -> tuple[Tree, str]:
    """The tree, and the name of where it stands."""
    if isinstance(source, Mapping):
        return _mapped(source, file), file
    text, file = text_of(source, file)
    return parse(text, file), file


def _mapped(source: Mapping[str, Any], file: str) -> Tree:  # Any: what nobody has checked yet
    """Settings that stand in no text: they have a name and no lines. A date is what it would be in YAML."""
    try:
        text = json.dumps(source, default=_as_written)
    except (TypeError, ValueError, RecursionError) as error:
        fault = finding("SP007", f"{error}.", "use text, numbers, true and false, lists, mappings", origin=Origin(file))
        raise refused([fault], file) from error
    tree = parse(text, file)
    # The root is a place too, so that what is missing stands somewhere that has no line either.
    places = dict.fromkeys([(), *tree.places], Origin(file))
    return Tree(tree.value, places, [_unplaced(one, file) for one in tree.faults])


def _as_written(value: object) -> str:
    if isinstance(value, (date, Path)):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is no setting")


def _unplaced(fault: Finding, file: str) -> Finding:
    return replace(fault, origin=Origin(file))


def _overriding(overrides: Mapping[str, str], given: Mapping[str, str]) -> list[Tree]:
    return [overriding(path, text, given.get(path)) for path, text in overrides.items()]


def text_of(source: Path | str, file: str) -> tuple[str, str]:
    """The text, and the name of where it stands. InputRefused for a file that cannot be read."""
    if isinstance(source, str):
        return source, file
    try:
        with source.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)  # never more than is needed to refuse it
        return content.decode("utf-8-sig"), str(source)
    except UnicodeDecodeError as error:
        raise refused(
            [
                finding(
                    "SP001", f"Byte {error.start} is not UTF-8.", "save it as UTF-8 text", origin=Origin(str(source))
                )
            ],
            str(source),
        ) from error
    except OSError as error:
        raise InputRefused(
            "spec cannot be read",
            detail=f"{source}: {error.strerror}.",
            hint="name an existing file; 'mainstay init' writes one to start from",
        ) from error


def _layers(base: Tree, described: Mapping[str, Any], asked: str | None, overrides: Sequence[Tree]) -> tuple[str, Tree]:
    """The chosen environment's name, and the layered tree."""
    written = base.value.get("environment")
    name = asked or (written if isinstance(written, str) else DEFAULT_ENVIRONMENT)
    layered = base
    if name in described:
        section = described[name]
        layered = with_environment(base, name, section if isinstance(section, dict) else {})
    for above in overrides:
        layered = over(layered, above)
    return name, _named(layered, name) if asked or name in described else layered


def _named(tree: Tree, name: str) -> Tree:
    return Tree({**tree.value, "environment": name}, tree.places, tree.faults)


def _validated(tree: Tree, file: str) -> tuple[Spec | None, list[Finding]]:
    tree, faults = with_manifest(tree, file)
    if faults:
        return None, faults
    try:
        return Spec.model_validate(tree.value).placed({".".join(path): at for path, at in tree.places.items()}), []
    except ValidationError as error:
        return None, explained(error, Spec, tree.places, file)


def _environments_faults(tree: Tree, file: str) -> list[Finding]:
    """What is wrong with the section itself; its settings are checked once they are merged."""
    section = tree.value.get(ENVIRONMENTS, {})
    if not isinstance(section, dict):
        return [_not_a_section((ENVIRONMENTS,), tree, file)]
    faults = []
    if len(section) > _MOST_ENVIRONMENTS:
        faults.append(
            finding(
                "SP009",
                f"{ENVIRONMENTS}: {len(section)} environments are too many.",
                f"describe at most {_MOST_ENVIRONMENTS} in one file",
                subject=ENVIRONMENTS,
                origin=place_of((ENVIRONMENTS,), tree.places, file),
            )
        )
    for name, settings in section.items():
        path = (ENVIRONMENTS, name)
        if settings is not None and not isinstance(settings, dict):
            faults.append(_not_a_section(path, tree, file))
        elif settings and "environment" in settings:
            faults.append(
                finding(
                    "SP012",
                    f"{'.'.join(path)} is an environment and names another.",
                    "remove the key environment there",
                    subject=".".join((*path, "environment")),
                    origin=place_of((*path, "environment"), tree.places, file),
                )
            )
    return faults


def _not_a_section(path: tuple[str, ...], tree: Tree, file: str) -> Finding:
    return finding(
        "SP007",
        f"{'.'.join(path)}: it is not a section.",
        "write the settings that differ below it",
        subject=".".join(path),
        origin=place_of(path, tree.places, file),
    )


def _no_mapping(file: str) -> Finding:
    known = ", ".join(keys_at((), Spec))
    return finding(
        "SP007", "It holds no settings.", f"write key: value lines; keys are {known}", origin=Origin(file, 1, 1)
    )


def refused(faults: list[Finding], file: str) -> InputRefused:
    """The error that carries every fault of a file."""
    # The same setting is seen once an environment, and a trap also as the wrong kind: a reader wants to see it once.
    trapped = {one.subject for one in faults if one.id == "SP004"}
    found = in_order(one for one in dict.fromkeys(faults) if one.id == "SP004" or one.subject not in trapped)
    found.sort(key=lambda one: (one.origin or Origin(file)).line)
    lines = [f"{one.origin or file}: {one.detail} ({one.hint})" for one in found]
    count = "1 fault" if len(found) == 1 else f"{len(found)} faults"
    return InputRefused(
        "spec refused",
        detail=f"{file}: {count}.\n" + "\n".join(lines),
        hint="change the lines named above",
        findings=found,
    )
