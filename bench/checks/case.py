"""A case of the corpus: a healthy template, the patch that puts one defect into it, and what a good finding says.

One YAML file a case, `corpus/<part>/<slug>.yaml`, with CloudFormation's short tags as in any template:

    about:    one sentence: the defect, and what happens in reality
    rules:    [BK006]           ids one of which should speak; empty in `held_out`, for which no rule was written
    source:   the page a fact stands on, or the address of a public issue or an incident report
    place:    [Database]        logical ids one of which a good finding names
    healthy:  {Resources: …}    the whole template
    defect:   {Resources: …}    a JSON merge patch (RFC 7396) on it: exactly the one defect; null deletes
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mainstay.checks import all_rules
from mainstay.checks.rule import Rule
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Harm
from mainstay.formats.cloudformation import yaml_text

CORPUS: Final = Path(__file__).with_name("corpus")
CATALOGUE: Final = "catalogue"
PUBLIC: Final = "public"
HELD_OUT: Final = "held_out"
PARTS: Final = (CATALOGUE, PUBLIC, HELD_OUT)
_KEYS: Final = frozenset({"about", "rules", "source", "place", "healthy", "defect"})
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class CaseRefused(Exception):
    """A case file that cannot be used: every fault that it has, each behind the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One defect. `healthy` is a whole template as JSON would hold it, `defect` the patch on it."""

    part: str
    slug: str
    about: str
    rules: tuple[str, ...]
    source: str
    place: tuple[str, ...]
    healthy: Mapping[str, Any] = field(hash=False)  # Any: JSON, here and below
    defect: Mapping[str, Any] = field(hash=False)

    @property
    def name(self) -> str:
        """`<part>/<slug>`, which no other case has."""
        return f"{self.part}/{self.slug}"

    @property
    def family(self) -> str:
        """The letters before the number of the first rule (`BK`); empty where no rule is expected."""
        return self.rules[0].rstrip("0123456789") if self.rules else ""

    @property
    def harm(self) -> Harm | None:
        """What happens in reality, by the first rule; None where no rule is expected."""
        return _rules()[self.rules[0]].harm if self.rules else None

    @property
    def twins(self) -> Mapping[str, Mapping[str, Any]]:
        """Both templates, `healthy` and `defect`."""
        return {"healthy": self.healthy, "defect": patched(self.healthy, self.defect)}

    @property
    def digest(self) -> str:
        """What changes whenever one of the twins does."""
        return hashlib.sha256(json.dumps(self.twins, sort_keys=True).encode()).hexdigest()[:16]


def cases(folder: Path = CORPUS) -> tuple[Case, ...]:
    """Every case, by part and name. CaseRefused for the first file that cannot be used."""
    return tuple(load(path) for part in PARTS for path in sorted((folder / part).glob("*.yaml")))


def load(path: Path) -> Case:
    """The case in a file; CaseRefused with all its faults."""
    try:
        tree, _, _ = yaml_text.load(path.read_text(encoding="utf-8"), file=str(path))
    except (InputRefused, UnicodeError) as error:
        raise CaseRefused(f"{path}: {error}") from error
    if not isinstance(tree, dict):
        raise CaseRefused(f"{path}: holds no mapping")
    faults = list(_faults(path, tree))
    if faults:
        raise CaseRefused("\n".join(f"{path}: {fault}" for fault in faults))
    lists = {name: tuple(tree[name]) for name in ("rules", "place")}
    return Case(part=path.parent.name, slug=path.stem, **{**tree, **lists})


def patched(target: Any, patch: Any) -> Any:
    """The target with a JSON merge patch applied (RFC 7396): null deletes, a list replaces the whole list."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = patched(result.get(name), value)
    return copy.deepcopy(result)


def _rules() -> Mapping[str, Rule]:
    return {rule.id: rule for rule in all_rules()}


def _faults(path: Path, tree: Mapping[str, Any]) -> Iterator[str]:
    if path.parent.name not in PARTS:
        yield f"lies in '{path.parent.name}', not in one of {', '.join(PARTS)}"
    if not _SLUG.fullmatch(path.stem):
        yield "is not named in lower case words with hyphens"
    yield from (f"'{name}' is missing" for name in sorted(_KEYS - tree.keys()))
    yield from (f"'{name}' is no key of a case" for name in sorted(tree.keys() - _KEYS, key=str))
    if tree.keys() == _KEYS:
        yield from _of_words(path.parent.name, tree)
        yield from _of_twins(tree)


def _of_words(part: str, tree: Mapping[str, Any]) -> Iterator[str]:
    for name in ("about", "source"):
        if not isinstance(tree[name], str) or not tree[name].strip():
            yield f"'{name}' is no text"
    if part in (PUBLIC, HELD_OUT) and "https://" not in str(tree["source"]):
        yield "'source' has no address (https://…), which a case from outside needs"
    for name in ("rules", "place"):
        if not isinstance(tree[name], list) or not all(isinstance(one, str) for one in tree[name]):
            yield f"'{name}' is no list of texts"
            return
    yield from (f"'rules' names {one}, which is no rule" for one in tree["rules"] if one not in _rules())
    if part == CATALOGUE and not tree["rules"]:
        yield "'rules' is empty, although the case is of the catalogue"
    if part == HELD_OUT and tree["rules"]:
        yield "'rules' is not empty, although no rule may have been written for what is held out"


def _of_twins(tree: Mapping[str, Any]) -> Iterator[str]:
    for name in ("healthy", "defect"):
        if not isinstance(tree[name], dict):
            yield f"'{name}' is no mapping"
            return
    defective = patched(tree["healthy"], tree["defect"])
    if defective == tree["healthy"]:
        yield "'defect' changes nothing"
    names: set[str] = set()
    for twin, template in (("healthy", tree["healthy"]), ("defect", defective)):
        yield from (f"the twin '{twin}' {fault}" for fault in _of_template(template))
        resources = template.get("Resources")
        names |= set(resources) if isinstance(resources, dict) else set()
    places = tree["place"] if isinstance(tree["place"], list) else []
    if not places:
        yield "'place' names nothing"
    yield from (f"'place' names {one}, which neither twin has" for one in places if one not in names)


def _of_template(template: Mapping[str, Any]) -> Iterator[str]:
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        yield "has no Resources"
        return
    for name, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            yield f"has a resource {name} without a Type"
    yield from _mixed(template, "")


def _mixed(node: Any, path: str) -> Iterator[str]:
    """Intrinsics with a neighbour: a patch that lays one over another has to delete the old one with null."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _mixed(item, f"{path}[{index}]")
    elif isinstance(node, dict):
        functions = [name for name in node if name == "Ref" or str(name).startswith("Fn::")]
        if functions and len(node) > 1:
            yield f"has {' beside '.join(map(str, node))} at {path}: delete the old one with null"
        for name, item in node.items():
            yield from _mixed(item, f"{path}.{name}" if path else str(name))
