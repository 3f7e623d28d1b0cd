"""What a destruction knows of one region: what the stack there holds, what stands on it, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from mainstay.core.clock import Clock
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.inventory import Fated, Inventory
from mainstay.ops.journal import Entry, Run
from mainstay.ops.site import Site
from mainstay.ops.vaults import Filled

Show = Callable[["Destruction"], None]
"""Tells somebody what would go and stay in a region, before they are asked."""


@dataclass(slots=True, kw_only=True)
class Destruction:
    """What the steps know of each other. `tests` are restored instances that go with the stack, `tenants` are
    instances of others that stand on what it would delete, `vaults` would go and hold something. No `state` means that
    the stack went in an earlier attempt. `every` are the destructions of all regions, this one among them.
    """

    site: Site
    stack: str
    confirm: str | None
    discard: Collection[str]
    gives_up_points: bool
    show: Show | None
    run: Run
    known_runs: Collection[str]
    progress: Progress
    clock: Clock
    state: StackState | None
    every: list[Destruction]
    fated: tuple[Fated, ...] = ()
    databases: tuple[DbState, ...] = ()
    tests: tuple[DbState, ...] = ()
    tenants: tuple[DbState, ...] = ()
    vaults: tuple[Filled, ...] = ()
    inventory: Inventory | None = None
    deleted: list[str] = field(default_factory=list)

    @property
    def sources(self) -> frozenset[str]:
        """The resource ids of the databases of every region, from which something may have been restored here."""
        noted = [name for one in self.every for name in _texts(one.entry.get("sources"))]
        return frozenset([*noted, *(state.resource_id for one in self.every for state in one.databases)])

    @property
    def entry(self) -> Entry:
        """What this run noted of the region when it first looked, before anything was deleted; empty before."""
        return noted(self.run, self.site.region)

    @property
    def noted(self) -> tuple[Fated, ...]:
        """What the stack held then."""
        held = self.entry.get("holds")
        rows = held if isinstance(held, list) else []
        return tuple(Fated(*map(str, row)) for row in rows if isinstance(row, list))

    @property
    def replicated(self) -> tuple[str, ...]:
        """The copies of automated backups in other regions, as they were then."""
        return tuple(_texts(self.entry.get("replicated")))


def noted(run: Run, region: str) -> Entry:
    """The first note of a run about what a region holds; empty when it never looked."""
    looked = [entry for entry in run.entries if (entry.get("event"), entry.get("region")) == ("holds", region)]
    return looked[0] if looked else {}


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
