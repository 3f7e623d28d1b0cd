"""What changing an instance's storage and backups does."""

from __future__ import annotations

from typing import Final

from mainstay import facts
from mainstay.core.units import Bytes, Duration
from mainstay.diff.effects import Effect
from mainstay.diff.row import BACKUPS, SETTINGS, STORAGE, Case, Row
from mainstay.diff.situation import Situation, default_of
from mainstay.plan.resources import DbInstance

_MAGNETIC: Final = "standard"
_SIX_HOURS: Final = "for six hours, or until it is optimised, storage takes no other change"


def _sizes(one: Situation) -> tuple[Bytes, Bytes] | None:
    """What stands (as it was seen, else as it was written) and what is wanted."""
    there = one.standing.storage or one.old
    return (there, one.new) if isinstance(there, Bytes) and isinstance(one.new, Bytes) else None


def _shrinks(one: Situation) -> bool:
    found = _sizes(one)
    return found is not None and found[1] < found[0]


def _stands_already(one: Situation) -> bool:
    found = _sizes(one)
    return found is not None and found[0] == found[1]


def _grows_little(one: Situation) -> bool:
    # RDS rounds an increase of less than a tenth up to one (API, ModifyDBInstance AllocatedStorage, 2026-11-21).
    found = _sizes(one)
    return found is not None and found[1] * 10 < found[0] * 11


def _crosses(one: Situation) -> bool:
    found = _sizes(one)
    kind = getattr(one.after, "storage_type", None) or default_of("storage_type")
    limits = facts.storage(str(kind))
    if found is None or limits is None or limits.settable_from_gib is None:
        return False
    return found[0] < Bytes.gib(limits.settable_from_gib) <= found[1]


def _is_magnetic(one: Situation) -> bool:
    return _MAGNETIC in (one.old, one.new)


def _days(value: object) -> int | None:
    if value is None:
        return int(str(default_of("backup_retention_days"))) * 86_400
    return int(value) if isinstance(value, Duration) else None


def _ends_backups(one: Situation) -> bool:
    return _days(one.new) == 0


def _begins_backups(one: Situation) -> bool:
    return _days(one.old) == 0


def _is_shorter(one: Situation) -> bool:
    old, new = _days(one.old), _days(one.new)
    return old is not None and new is not None and new < old


def _is_taken_away(one: Situation) -> bool:
    return one.new is None


def _deletes_now(one: Situation) -> bool:
    return one.new is not False


def _row(field: str, *cases: Case, source: str = STORAGE) -> Row:
    return Row(kind=DbInstance, field=field, cases=cases, source=source)


_FASTER: Final = Case(
    effect=Effect.IO_IMPACT,
    why="Without an interruption; the volume is optimised meanwhile.",
    waits=True,
    warning=_SIX_HOURS,
)

ROWS: Final[tuple[Row, ...]] = (
    _row(
        "storage",
        Case(
            when="no longer written",
            test=_is_taken_away,
            effect=Effect.IN_PLACE,
            why="What stands stays.",
        ),
        Case(
            when="smaller than what stands, by autoscaling too",
            test=_shrinks,
            effect=Effect.REFUSED,
            why="Storage never shrinks, and what autoscaling added counts; write what stands, or leave the size alone.",
        ),
        Case(
            when="what stands already",
            test=_stands_already,
            effect=Effect.IN_PLACE,
            why="That much stands already.",
        ),
        Case(
            when="gp3 across its threshold",
            test=_crosses,
            effect=Effect.IO_IMPACT,
            why="The data is spread over several volumes, which takes hours; IOPS can be set afterwards.",
            waits=True,
            warning=_SIX_HOURS,
        ),
        Case(
            when="less than a tenth more",
            test=_grows_little,
            effect=Effect.IO_IMPACT,
            why="RDS rounds it up to a tenth more than what stands; the volume is optimised meanwhile.",
            waits=True,
            warning=_SIX_HOURS,
        ),
        _FASTER,
    ),
    _row(
        "storage_type",
        Case(
            when="from or to magnetic",
            test=_is_magnetic,
            effect=Effect.REBOOT,
            why="A brief downtime while the conversion starts; it takes hours to days.",
            outage="storage_start",
            waits=True,
            warning=_SIX_HOURS,
        ),
        _FASTER,
    ),
    _row("iops", _FASTER),
    _row("throughput_mib_s", _FASTER),
    _row(
        "max_storage",
        Case(
            when="taken away",
            test=_is_taken_away,
            effect=Effect.IN_PLACE,
            why="RDS changes it at once, without an interruption.",
            warning="from then on storage does not grow by itself",
        ),
        Case(effect=Effect.IN_PLACE, why="RDS changes it at once, without an interruption."),
    ),
    _row(
        "backup_retention",
        Case(
            when="to 0",
            test=_ends_backups,
            effect=Effect.REBOOT,
            why="Automated backups are turned off, which reboots the instance.",
            outage="reboot",
            waits=True,
            loses="every automated backup, and with them each point in time that could be restored",
        ),
        Case(
            when="from 0",
            test=_begins_backups,
            effect=Effect.REBOOT,
            why="Automated backups are turned on, which reboots the instance.",
            outage="reboot",
            waits=True,
        ),
        Case(
            when="shorter",
            test=_is_shorter,
            effect=Effect.IN_PLACE,
            why="As soon as possible, without an interruption.",
            warning="points in time that are older can no longer be restored",
        ),
        Case(effect=Effect.IN_PLACE, why="As soon as possible, without an interruption."),
        source=BACKUPS,
    ),
    _row(
        "backup_window",
        Case(effect=Effect.IN_PLACE, why="As soon as possible, without an interruption."),
        source=SETTINGS,
    ),
    _row(
        "backup_replica_region",
        Case(
            effect=Effect.IN_PLACE,
            why="Replication of backups ends there and begins anew elsewhere.",
            warning="what was replicated stays for its retention and gets no newer",
        ),
        source="RDS User Guide, USER_ReplicateBackups (2026-11-20)",
    ),
    _row(
        "deletes_automated_backups",
        Case(
            when="turned on",
            test=_deletes_now,
            effect=Effect.IN_PLACE,
            why="It says what becomes of automated backups when the instance goes.",
            warning="they would go with the instance",
        ),
        Case(effect=Effect.IN_PLACE, why="It says what becomes of automated backups when the instance goes."),
        source=BACKUPS,
    ),
)
