"""One way back after a failure: what it costs in data and time, how far back it reaches, and why."""

from __future__ import annotations

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.forecast.reasons import Reason, reasons

NOTHING = Duration(0)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back one can go: `keep` None is for ever, `gap` the time between two points, 0 for any second."""

    keep: Duration | None
    gap: Duration

    def as_json(self) -> dict[str, object]:
        """Seconds; null for what is kept for ever."""
        return {"keep_s": self.keep, "gap_s": self.gap}

    def __str__(self) -> str:
        kept = "for ever" if self.keep is None else f"for {self.keep}"
        return f"any second {kept}" if not self.gap else f"one in {self.gap} {kept}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way back. Where it does not survive the failure, data, times and reach are None, and the reason says why."""

    name: str
    survives: bool
    rpo: Duration | None = None
    rto_least: Duration | None = None
    rto_most: Duration | None = None
    reach: Reach | None = None
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, object]:
        """The way with seconds for durations, and its reasons as trees."""
        return {
            "way": self.name,
            "survives": self.survives,
            "rpo_s": self.rpo,
            "rto_least_s": self.rto_least,
            "rto_most_s": self.rto_most,
            "reach": None if self.reach is None else self.reach.as_json(),
            "reasons": [reason.as_json() for reason in self.reasons],
        }


def lost(name: str, reason: str) -> Way:
    """A way that the failure takes."""
    return Way(name=name, survives=False, reasons=reasons(reason))


def kept(name: str, reason: str) -> Way:
    """A way on which nothing happens at all."""
    return Way(name=name, survives=True, rpo=NOTHING, rto_least=NOTHING, rto_most=NOTHING, reasons=reasons(reason))
