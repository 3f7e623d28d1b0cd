"""Healthy twins of the corpus in one template, as the stack of a team that has several databases may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bench.checks.case import Case

RESOURCES: Final = 60
_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
# What takes the name of something in the template first: a resource, a mapping, a condition.
_NAMING: Final = frozenset({"Fn::GetAtt", "Fn::FindInMap", "Fn::If"})
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9]+)((?:\.[A-Za-z0-9.]+)?)\}")


def joined(found: Iterable[Case], most: int = RESOURCES) -> dict[str, Any]:  # Any: JSON, here and below
    """One template of as many twins as fit into so many resources, each with its names behind its number."""
    whole: dict[str, dict[str, Any]] = {}
    for number, case in enumerate(found):
        fits = len(whole.get("Resources", {})) + len(case.healthy["Resources"]) <= most
        for section, members in prefixed(case.healthy, f"T{number}").items() if fits else ():
            whole.setdefault(section, {}).update(members)
    return {"AWSTemplateFormatVersion": "2010-09-09", **whole}


def prefixed(template: Mapping[str, Any], prefix: str) -> dict[str, dict[str, Any]]:
    """The template with a word before every name that it gives."""
    sections = {name: template[name] for name in _SECTIONS if name in template}
    names = frozenset(name for members in sections.values() for name in members)
    return {
        section: {f"{prefix}{name}": _renamed(body, names, prefix) for name, body in members.items()}
        for section, members in sections.items()
    }


def _renamed(node: Any, names: frozenset[str], prefix: str) -> Any:
    if isinstance(node, list):
        return [_renamed(item, names, prefix) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _renamed(item, names, prefix) for key, item in node.items()}
    for key, item in found.items():
        if key in ("Ref", "Condition", "DependsOn") and isinstance(item, str) and item in names:
            found[key] = f"{prefix}{item}"
        elif key == "DependsOn" and isinstance(item, list):
            found[key] = [f"{prefix}{one}" for one in item]
        elif key in _NAMING and isinstance(item, list) and item[0] in names:
            found[key] = [f"{prefix}{item[0]}", *item[1:]]
        elif key == "Fn::Sub":
            found[key] = _substituted(item, names, prefix)
    return found


def _substituted(node: Any, names: frozenset[str], prefix: str) -> Any:
    text, *variables = node if isinstance(node, list) else [node]
    renamed = _PLACEHOLDER.sub(lambda found: f"${{{prefix if found[1] in names else ''}{found[1]}{found[2]}}}", text)
    return [renamed, *variables] if variables else renamed
