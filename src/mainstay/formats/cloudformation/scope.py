"""What the names in one template mean: its resources, parameters, mappings, decided conditions and nested stacks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field

from mainstay.core.records import dataclass
from mainstay.formats.table import Table
from mainstay.plan.values import Json


@dataclass(frozen=True)
class Scope:
    """`tables` holds every resource by key (None for a type that no table knows), `parameters` each parameter's
    type, `given` the values of parameters that are known, `decisions` the conditions that they settle.

    A nested stack's template has a scope of its own: `keys` are the plan's keys of the resources that it names (None
    where they are the same), `prefix` stands before its parameters and conditions in the plan, and `told` gives the
    value of a nested stack's output, None where nobody knows it.
    """

    tables: Mapping[str, Table | None] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict)
    decisions: Mapping[str, bool] = field(default_factory=dict)
    keys: Mapping[str, str] | None = None
    prefix: str = ""
    told: Callable[[str, str], object] = field(default=lambda key, output: None, compare=False)

    def key(self, name: str) -> str | None:
        """The plan's key of the resource that the template calls so; None for anything else."""
        if self.keys is not None:
            return self.keys.get(name)
        return name if name in self.tables else None

    def is_list(self, parameter: str) -> bool:
        """Whether a parameter's type holds several values."""
        kind = self.parameters.get(parameter, "")
        return kind == "CommaDelimitedList" or "List<" in kind

    def attribute(self, key: str, theirs: str) -> str:
        """The plan's name of a resource's attribute; one that no table knows keeps its own."""
        table = self.tables.get(key)
        return table.attribute_names.get(theirs, theirs) if table else theirs

    def their_attribute(self, key: str, ours: str) -> str:
        """CloudFormation's name of a resource's attribute."""
        table = self.tables.get(key)
        return table.attributes.get(ours, ours) if table else ours

    def identifies(self, key: str, attribute: str, identities: Collection[str]) -> bool:
        """Whether an attribute is one of the identities by which a resource may be named."""
        table = self.tables.get(key)
        if attribute == "id":
            return table is None or table.ref_is in identities
        return table is not None and attribute in identities and attribute in table.attributes
