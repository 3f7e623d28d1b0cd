"""The catalog: what a database consists of beside its rows, as names and definitions that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# Settings come from a parameter group and a class, not from the backup: a difference is told, it accuses nobody.
NOT_OF_THE_BACKUP: Final = frozenset({"settings"})


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog of one database: section → name → definition."""

    database: str
    sections: Mapping[str, Mapping[str, str]]

    @property
    def invalid_indexes(self) -> tuple[str, ...]:
        """Indexes that the planner ignores."""
        return tuple(name for name, text in self.sections.get("indexes", {}).items() if text.endswith(" INVALID"))

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence: how much of each kind there is."""
        return {"database": self.database, "counts": {name: len(items) for name, items in self.sections.items()}}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a restored database has not, has beside, or has otherwise."""

    section: str
    name: str
    state: Literal["missing", "unexpected", "changed"]
    expected: str
    observed: str

    @property
    def accuses(self) -> bool:
        """Whether the backup is to blame, rather than the settings that the restored instance was given."""
        return self.section not in NOT_OF_THE_BACKUP

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "section": self.section,
            "name": self.name,
            "state": self.state,
            "expected": self.expected,
            "observed": self.observed,
        }


def compare(before: Catalog, after: Catalog | None, restored: Catalog) -> tuple[Difference, ...]:
    """Everything in which a restored database differs from both readings that bracket the target."""
    last = before if after is None else after
    return tuple(
        difference
        for section in before.sections
        for difference in _differences(
            section, before.sections[section], last.sections[section], restored.sections[section]
        )
    )


def _differences(
    section: str, first: Mapping[str, str], last: Mapping[str, str], found: Mapping[str, str]
) -> list[Difference]:
    differences = []
    for name in sorted({*first, *last, *found}):
        seen = found.get(name)
        if seen in {first.get(name), last.get(name)}:
            continue
        wanted = first.get(name) if name in first else last.get(name)
        state: Literal["missing", "unexpected", "changed"] = "changed"
        if seen is None:
            state = "missing"
        elif wanted is None:
            state = "unexpected"
        differences.append(Difference(section, name, state, _shown(wanted), _shown(seen)))
    return differences


def _shown(definition: str | None) -> str:
    return "nothing" if definition is None else definition or "(empty)"
