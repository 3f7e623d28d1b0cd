"""What the names in one region of a module mean: its blocks by label, its variables, and what lies outside of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field

from mainstay.core.records import dataclass
from mainstay.formats.terraform.blocks import Blocks


@dataclass(frozen=True)
class Scope:
    """`tables` and `labels` by key; `parameters` and `outputs` map the plan's names to the module's.

    `lists` are the parameters that hold several values, `looked_up` those that name a parameter of Systems Manager,
    `secrets` those that must not be stored, `sources` those that are an attribute of another region's block, with it.
    `conditions` are locals by name.

    `alias` is the provider of this region, empty for the module's own; its blocks have the region in their labels.
    """

    tables: Mapping[str, Blocks | None] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    lists: Collection[str] = ()
    looked_up: Collection[str] = ()
    secrets: Collection[str] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    alias: str = ""

    @property
    def prefix(self) -> str:
        """What labels and variables of this region begin with."""
        return f"{self.alias.replace('-', '_')}_" if self.alias else ""

    @property
    def here(self) -> str:
        """The label of the data that say where this region's blocks are."""
        return self.prefix.removesuffix("_") or "current"

    def identifies(self, key: str, attribute: str, identities: Collection[str]) -> bool:
        """Whether an attribute is one of the identities by which a resource may be named."""
        table = self.tables.get(key)
        if attribute == "id":
            return table is None or table.ref_is in identities
        return table is not None and attribute in identities
