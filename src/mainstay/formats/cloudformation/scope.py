"""What the names in one template mean: its resources, parameters, mappings and decided conditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from mainstay.formats.table import Table
from mainstay.plan.values import Json


@dataclass(frozen=True)
class Scope:
    """`tables` holds every resource by key (None for a type that no table knows), `parameters` each parameter's
    type, `given` the values of parameters that are known, `decisions` the conditions that they settle.
    """

    tables: Mapping[str, Table | None] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    given: Mapping[str, Json] = field(default_factory=dict)
    decisions: Mapping[str, bool] = field(default_factory=dict)

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
