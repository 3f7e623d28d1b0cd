"""What was measured, as rows of the page docs/speed.md."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.failover.beside import Written

HEAD = (
    "| fault | runs | direct, s | through the proxy, s | acknowledged | lost | in doubt |",
    "|---|---|---|---|---|---|---|",
)
GOALS = ("| goal | measured | held |", "|---|---|---|")
MEDIAN_S, MOST_S, COMMITS = 0.1, 0.5, 500_000
NONE = Written(0, 0, 0)


@dataclass(frozen=True)
class Measured:
    """One fault of one engine: the rounds of its evidence, and the writers beside them."""

    name: str
    rounds: Sequence[Any]  # Any: JSON of docs/evidence.schema.json
    beside: Written = NONE

    def outages(self, *, through_proxy: bool) -> list[float]:
        """Seconds without an acknowledged write, a round and a way each."""
        return [float(way["outage_s"]) for way in self._ways() if (way["name"] != "direct") is through_proxy]

    @property
    def acknowledged(self) -> int:
        """By all clients together."""
        return sum(int(way["acknowledged"]) for way in self._ways()) + self.beside.acknowledged

    @property
    def lost(self) -> int:
        """Acknowledged, and not there."""
        return sum(int(way["lost"]) for way in self._ways()) + self.beside.lost

    @property
    def in_doubt(self) -> int:
        """Sent, and never answered."""
        return sum(int(way["in_doubt"]) for way in self._ways()) + self.beside.in_doubt

    def _ways(self) -> list[Any]:  # Any: as above
        return [way for each in self.rounds for way in each["routes"]]

    def row(self) -> str:
        """A row of the table."""
        cells = (
            self.name,
            str(len(self.rounds)),
            _spread(self.outages(through_proxy=False)),
            _spread(self.outages(through_proxy=True)),
            f"{self.acknowledged:,}",
            str(self.lost),
            f"{self.in_doubt:,}",
        )
        return f"| {' | '.join(cells)} |"


def _spread(times: Sequence[float]) -> str:
    if not times:
        return "-"
    return f"{statistics.median(times):.3f} ({min(times):.3f}, {max(times):.3f})"


def loads() -> str:
    """What else the machine does: every figure is of a shared machine."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} (1 min), {five:.1f} (5 min) on {os.cpu_count()} processors"


def page(found: Sequence[Measured], began: str) -> str:
    """The tables, with the day and the load before and after, as they stand on the page."""
    day = datetime.now(UTC).date().isoformat()
    where = f"{day}, {platform.system()}, {began} before and {loads()} after, which this bench is part of."
    lines = [where, "", *HEAD, *(each.row() for each in found)]
    return "\n".join([*lines, "", *GOALS, *goals(found[0])] if found else lines)


def goals(kills: Measured) -> list[str]:
    """What was aimed at, against what the first engine's kills came to."""
    times = kills.outages(through_proxy=False)
    median, longest = statistics.median(times), max(times)
    return [
        _goal(f"median of a kill, direct ≤ {MEDIAN_S:g} s", f"{median:.3f}", is_held=median <= MEDIAN_S),
        _goal(f"no outage of a kill > {MOST_S:g} s", f"{longest:.3f}", is_held=longest <= MOST_S),
        _goal(
            f"none of {COMMITS:,} acknowledged commits lost",
            f"{kills.lost} of {kills.acknowledged:,}",
            is_held=kills.lost == 0 and kills.acknowledged >= COMMITS,
        ),
    ]


def _goal(text: str, seen: str, *, is_held: bool) -> str:
    return f"| {text} | {seen} | {'yes' if is_held else '**no**'} |"
