"""What a tool says about a resource of a twin, and what it says because of the defect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

CLOUDFORMATION: Final = "cloudformation"
TERRAFORM: Final = "terraform"
FORMS: Final = (CLOUDFORMATION, TERRAFORM)
OURS: Final = "mainstay"
FAILING: Final = frozenset({"error", "failed"})
"""The severities that fail a run. checkov knows no other than `failed`."""
LOUD: Final = FAILING | {"warning"}
_NOWHERE: Final = "-"


@dataclass(frozen=True, slots=True, order=True)
class Saying:
    """One finding: its severity in the tool's word, its id, and the resource by logical id or Terraform's label."""

    severity: str
    id: str
    place: str

    @classmethod
    def of(cls, text: str) -> Self:
        """A saying from its own text."""
        severity, id_, place = text.split(" ", 2)
        return cls(severity, id_, "" if place == _NOWHERE else place)

    def __str__(self) -> str:
        return f"{self.severity} {self.id.replace(' ', '')} {self.place or _NOWHERE}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool made of a case in one form.

    `new` is said of the defective twin and not of the healthy one, `healthy` counts by severity what is said of the
    healthy one, and `alarms` are errors and warnings about the healthy one, which only ours are held to. With a
    `reason` the form could not hold the case, and nothing was asked.
    """

    new: tuple[Saying, ...] = ()
    healthy: Mapping[str, int] | None = None
    alarms: tuple[Saying, ...] = ()
    reason: str = ""

    @property
    def is_found(self) -> bool:
        """Whether anything is said because of the defect, however quietly."""
        return bool(self.new)

    @property
    def fails(self) -> bool:
        """Whether the defect would fail a run."""
        return any(one.severity in FAILING for one in self.new)

    @property
    def noise(self) -> int:
        """How much is said of the healthy twin."""
        return sum((self.healthy or {}).values())

    def names(self, places: Iterable[str]) -> bool:
        """Whether one of what is new is about one of these resources."""
        wanted = set(places)
        # A list in a plan is a block each in Terraform, numbered.
        return any(one.place in wanted or one.place.rstrip("0123456789").rstrip("_") in wanted for one in self.new)

    def as_json(self) -> dict[str, Any]:
        """The outcome as it stands in the results."""
        if self.reason:
            return {"reason": self.reason}
        alarms = {"alarms": [str(one) for one in self.alarms]} if self.alarms else {}
        return {"new": [str(one) for one in self.new], "healthy": dict(self.healthy or {}), **alarms}

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> Self:
        """An outcome from the results."""
        new, alarms = (tuple(map(Saying.of, tree.get(name, ()))) for name in ("new", "alarms"))
        return cls(new, tree.get("healthy"), alarms, tree.get("reason", ""))


def outcome(tool: str, healthy: Iterable[Saying], defect: Iterable[Saying]) -> Outcome:
    """Held against each other: a finding is new when its id, its resource or its severity is."""
    before = list(healthy)
    new = tuple(sorted(set(defect) - set(before)))
    loud = tuple(sorted({one for one in before if one.severity in LOUD})) if tool == OURS else ()
    return Outcome(new, dict(sorted(Counter(one.severity for one in before).items())), loud)
