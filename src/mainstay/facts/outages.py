"""How long connections are interrupted by what is done to an instance."""

from __future__ import annotations

from typing import Final

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.facts.loading import load

_SHOWN_IN_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Outage:
    """At least and at most how long; where AWS gives no number it `is_estimate`, and the source says of what."""

    least: Duration
    most: Duration
    source: str
    is_estimate: bool

    def __str__(self) -> str:
        least, most = int(self.least), int(self.most)
        if most <= _SHOWN_IN_SECONDS:
            return f"{least} to {most} s"
        return f"{least // 60} to {most // 60} min" if least >= 60 else f"{least} s to {most // 60} min"


def outage(name: str) -> Outage:
    """The interruption of that name, such as `failover` or `reboot`; KeyError when the table has none."""
    fact = load("outages")
    row = fact.data[name]
    least, most = map(Duration, row["seconds"])
    return Outage(least, most, f"{row['source']} ({fact.date.isoformat()})", row["is_estimate"])
