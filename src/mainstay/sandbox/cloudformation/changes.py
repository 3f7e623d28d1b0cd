"""What an update changes: property by property, and whether it replaces the thing.

A property is compared by a digest of what it says: its normal form, the values of the parameters in it, and the
physical ids of the resources it names. No value is kept, so no secret is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mainstay import diff
from mainstay.sandbox.cloudformation.records import STACK_TYPE

Replacement = Literal["True", "False", "Conditional"]
Digests = dict[str, str]
_ANSWERS: Final[Mapping[str, Replacement]] = {"yes": "True", "perhaps": "Conditional", "no": "False"}
_SUBSTITUTED: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource. `properties` are the top-level properties that differ.

    `gets_new_id` says that those who refer to it may find something else there.
    """

    key: str
    type: str
    action: Literal["Add", "Modify", "Remove"]
    properties: tuple[str, ...] = ()
    replacement: Replacement = "False"
    gets_new_id: bool = False


def digests(block: Mapping[str, Any], parameters: Mapping[str, str], physical: Mapping[str, str]) -> Digests:
    """A digest a property of a resource block of a template in normal form."""
    return {
        name: hashlib.sha256(json.dumps(_settled(value, parameters, physical), sort_keys=True).encode()).hexdigest()
        for name, value in block.get("Properties", {}).items()
    }


def named_in(value: object) -> Iterator[str]:
    """Every name that a template's value refers to: parameters, resources and pseudo parameters."""
    if isinstance(value, Mapping):
        if isinstance(value.get("Ref"), str):
            yield str(value["Ref"])
        target = value.get("Fn::GetAtt")
        if target:
            yield str(target[0] if isinstance(target, list) else str(target).split(".", 1)[0])
        for item in value.values():
            yield from named_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from named_in(item)
    elif isinstance(value, str):
        yield from _SUBSTITUTED.findall(value)


def differing(old: Digests, new: Digests) -> tuple[str, ...]:
    """The properties that differ, in a stable order."""
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


def replacement(type_name: str, properties: tuple[str, ...]) -> Replacement:
    """Whether changing these properties of a CloudFormation type replaces the thing."""
    # The sandbox changes in place what is left of what a schema calls conditional.
    return _ANSWERS[diff.replaces(type_name, properties)]


def compare(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    held: Mapping[str, Digests],
    parameters: Mapping[str, str],
    physical: Mapping[str, str],
) -> list[Change]:
    """The changes from the resources that are `held` to the template `new`, in the template's order, removals last.

    A resource that refers to one that is replaced changes too: its replacement is Conditional where the property that
    refers is one that cannot be changed in place. So does one that refers to a nested stack that changes: what it reads
    of it is known only afterwards.
    """
    changes: dict[str, Change] = {}
    replaced: set[str] = set()
    blocks: Mapping[str, Any] = new["Resources"]
    while True:
        before = len(replaced)
        for key, block in blocks.items():
            change = _change(key, block, held.get(key), digests(block, parameters, physical), replaced)
            if change:
                changes[key] = change
                if change.gets_new_id:
                    replaced.add(key)
        if len(replaced) == before:
            break
    gone = [
        Change(key, old["Resources"][key]["Type"], "Remove")
        for key in held
        if key not in blocks and key in old["Resources"]
    ]
    return [changes[key] for key in blocks if key in changes] + gone


def _change(
    key: str, block: Mapping[str, Any], held: Digests | None, wanted: Digests, replaced: set[str]
) -> Change | None:
    kind = block["Type"]
    if held is None:
        return Change(key, kind, "Add", replacement="False")
    own = differing(held, wanted)
    moved = tuple(
        name
        for name, value in block.get("Properties", {}).items()
        if name not in own and replaced & set(named_in(value)) - {key}
    )
    if not own and not moved:
        return None
    sure, through = replacement(kind, own), replacement(kind, moved)
    if sure == "False" and through == "True":
        return Change(key, kind, "Modify", (*own, *moved), "Conditional", gets_new_id=True)
    return Change(key, kind, "Modify", (*own, *moved), sure, gets_new_id=sure == "True" or kind == STACK_TYPE)


def _settled(value: Any, parameters: Mapping[str, str], physical: Mapping[str, str]) -> Any:  # Any: JSON
    names = sorted(set(named_in(value)))
    known = {name: parameters.get(name, physical.get(name)) for name in names if name in {**parameters, **physical}}
    return [value, known]
