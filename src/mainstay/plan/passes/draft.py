"""What the passes hand on: resources so far, and what AWS's tables answered about the spec."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TypeAlias

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.plan.plan import Output, Parameter
from mainstay.plan.resources import Fate, Resource, Tags
from mainstay.spec import Spec
from mainstay.spec.faults import finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan in the making. `version` is a full minor; memory is the class's nominal one, in Bytes."""

    version: str = ""
    memory: Bytes = field(default_factory=lambda: Bytes(0))
    replica_memory: Bytes = field(default_factory=lambda: Bytes(0))
    settings: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...] = ()

    def adding(self, *resources: Resource) -> Draft:
        """This draft with more resources."""
        return dataclasses.replace(self, resources=self.resources + resources)


Pass: TypeAlias = Callable[[Spec, Draft], Draft]


def tags(spec: Spec, name: str = "") -> Tags:
    """The tags of every taggable resource; `name` adds what the console shows for things without another name."""
    own = {
        "Environment": spec.environment,
        "Project": spec.project or spec.name,
        "CostCenter": spec.cost_center,
        "ManagedBy": "mainstay",
    }
    return {**({"Name": f"{spec.identifier}-{name}"} if name else {}), **own, **spec.tags}


def kept_on_delete(spec: Spec) -> Fate:
    """What becomes of keys, secrets, logs and buckets with the stack.

    Kept, because a final snapshot is worthless without its key. A first creation that fails leaves nothing behind,
    though: the next attempt needs the fixed names of log groups again.
    """
    return Fate.DELETE if spec.protection.on_delete == "destroy" else Fate.RETAIN_EXCEPT_ON_CREATE


def kept_on_replace(spec: Spec) -> Fate:
    """What becomes of them when a change replaces them (`RETAIN_EXCEPT_ON_CREATE` has no meaning there)."""
    return Fate.DELETE if spec.protection.on_delete == "destroy" else Fate.RETAIN


def fault_at(spec: Spec, identifier: str, path: str, detail: str, hint: str, *, source: str = "") -> Finding:
    """A fault of the setting at a dotted path, with the place where it was written; `source` is the fact behind it."""
    written = spec.path_of(path)
    said = f"{written}: {detail}"
    return finding(identifier, said, hint, subject=written, origin=spec.origin_of(path), source=source)


def refusal(faults: list[Finding]) -> InputRefused:
    """The stop that tells all the faults a pass has found."""
    lines = [f"{one.origin}: {one.detail} ({one.hint})" for one in faults]
    return InputRefused("spec refused", detail="\n".join(lines), hint="change the lines named above", findings=faults)
