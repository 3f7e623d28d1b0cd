"""What a drill is pointed at: one of several ways to say it, never two at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mainstay.core.clock import parse_time
from mainstay.core.errors import InputRefused

LATEST: Final = "latest"
RANDOM: Final = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillTarget:
    """`time` None means the latest, unless it `is_random` or a snapshot; with `is_point`, `snapshot` None is the newest
    recovery point.
    """

    time: datetime | None = None
    is_random: bool = False
    disaster_at: datetime | None = None
    snapshot: str | None = None
    is_point: bool = False


def drill_target(
    to: str = LATEST,
    *,
    before_disaster: str | None = None,
    snapshot: str | None = None,
    recovery_point: str | None = None,
) -> DrillTarget:
    """The one target that was given. InputRefused for more than one, or for a time that cannot be understood."""
    given = {
        "--to": to if to != LATEST else None,
        "--before-disaster": before_disaster,
        "--snapshot": snapshot,
        "--recovery-point": recovery_point,
    }
    named = [(option, value) for option, value in given.items() if value is not None]
    if len(named) > 1:
        raise InputRefused(
            "two targets",
            detail=f"{' and '.join(option for option, _ in named)} each say what to restore.",
            hint="give one of them",
        )
    if not named:
        return DrillTarget()
    option, value = named[0]
    if not value:
        raise InputRefused("no target", detail=f"{option} has no value.", hint=f"give {option} one, or leave it out")
    return _KINDS[option](value)


def _to_time(text: str) -> DrillTarget:
    return DrillTarget(is_random=True) if text == RANDOM else DrillTarget(time=parse_time(text))


def _before(text: str) -> DrillTarget:
    disaster = parse_time(text)
    # The last whole second before it: RDS may cut a restore time to seconds.
    before = (disaster - timedelta(microseconds=1)).replace(microsecond=0)
    return DrillTarget(time=before, disaster_at=disaster)


def _snapshot(name: str) -> DrillTarget:
    return DrillTarget(snapshot=name)


def _point(name: str) -> DrillTarget:
    return DrillTarget(snapshot=None if name == LATEST else name, is_point=True)


_KINDS: Final[dict[str, Callable[[str], DrillTarget]]] = {
    "--to": _to_time,
    "--before-disaster": _before,
    "--snapshot": _snapshot,
    "--recovery-point": _point,
}
