"""What an archive holds after a snapshot, transaction by transaction, and which of them come before a moment.

Sequences grow by one, so a missing file shows as a gap. A moment is found by the heartbeats in the log, which have
microseconds; between two of them, transactions are told apart by whole seconds only, and those that began in the
moment's own second after the last heartbeat before it are left out (and counted).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.core.clock import render_time
from mainstay.core.errors import MainstayError, TargetRefused
from mainstay.engines.mariadb.archive import Archive, Epoch, epochs
from mainstay.engines.mariadb.binlog import Committed, transactions
from mainstay.engines.mariadb.configuration import BINLOG
from mainstay.engines.mariadb.gtid import Gtid


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a replay: the logs of one server, and the last transaction to take from them."""

    files: Sequence[Path]
    until: Gtid


@dataclass(frozen=True, slots=True)
class Route:
    """How to get from a snapshot to a point: the legs, the last transaction (None: nothing to replay), its time.

    `unsure` counts the transactions that were left out though they may have come before the moment.
    """

    legs: tuple[Leg, ...]
    goal: Gtid | None
    reached_time: datetime | None
    unsure: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """The transactions after a snapshot in order, each with its epoch, and what ends them too early (or None)."""

    entries: Sequence[tuple[int, Committed]]
    epochs: Sequence[Epoch]
    trouble: MainstayError | None


def read_log(archive: Archive, after: Gtid | None) -> Log:
    """Everything that can be replayed on top of this transaction, without a gap."""
    found = epochs(archive)
    entries: list[tuple[int, Committed]] = []
    trouble: MainstayError | None = None
    last = after.sequence if after is not None else 0
    for index, epoch in enumerate(found):
        read, damage = _read(epoch, last)
        entries = _without_diverged(entries, epoch, read)
        entries += [(index, each) for each in read]
        trouble = damage
        last = entries[-1][1].gtid.sequence if entries else last
    return _until_gap(archive, entries, found, after, trouble)


def _read(epoch: Epoch, last: int) -> tuple[list[Committed], MainstayError | None]:
    """The transactions of one server's logs: its own from any place, others' only after `last`."""
    read: list[Committed] = []
    for path in epoch.files.values():
        try:
            read += (each for each in transactions(path) if each.gtid.sequence > last or _is_own(epoch, each))
        except TargetRefused as damage:
            return read, damage
    return read, None


def _is_own(epoch: Epoch, each: Committed) -> bool:
    return each.gtid.server == epoch.server


def _without_diverged(
    entries: list[tuple[int, Committed]], epoch: Epoch, read: Sequence[Committed]
) -> list[tuple[int, Committed]]:
    """What an old primary had beyond the point where the new one took over was told to nobody, and is dropped."""
    first = next((each.gtid.sequence for each in read if _is_own(epoch, each)), None)
    return entries if first is None else [each for each in entries if each[1].gtid.sequence < first]


def _until_gap(
    archive: Archive,
    entries: Sequence[tuple[int, Committed]],
    found: Sequence[Epoch],
    after: Gtid | None,
    trouble: MainstayError | None,
) -> Log:
    expected = (after.sequence if after is not None else 0) + 1
    whole: list[tuple[int, Committed]] = []
    for index, each in entries:
        if each.gtid.sequence > expected:
            return Log(whole, found, _gap(archive, found[index], each, expected))
        if each.gtid.sequence == expected:
            whole.append((index, each))
            expected += 1
    return Log(whole, found, trouble)


def _gap(archive: Archive, epoch: Epoch, next_one: Committed, expected: int) -> TargetRefused:
    numbers = sorted(epoch.files)
    missing = next((n for n in range(numbers[0], numbers[-1]) if n not in epoch.files), None)
    named = f"{BINLOG}.{missing:06d}" if missing is not None else f"the log before {next_one.file.name}"
    return TargetRefused(
        "archive has a gap",
        detail=f"{archive.directory} lacks {named} of server {epoch.server}: transactions {expected} to"
        f" {next_one.gtid.sequence - 1} are missing, though later ones are there.",
        hint="restore to a time before the gap, or from a backup that was taken after it",
    )


def route_to_end(log: Log) -> Route:
    """The way to the last transaction. Error: TargetRefused when a gap or damage ends the archive early."""
    if log.trouble is not None:
        raise log.trouble
    return _route(log, len(log.entries) - 1, 0)


def route_to_time(log: Log, target: datetime) -> Route:
    """The way to the last transaction at or before a moment (aware).

    Error: TargetRefused when the archive does not show where that moment is: it ends before it.
    """
    second = int(target.timestamp())
    goal, unsure = -1, 0
    for index, (_, each) in enumerate(log.entries):
        if each.beat_at is not None and each.beat_at <= target:
            goal, unsure = index, 0
        elif (each.beat_at is not None and each.beat_at > target) or each.second > second:
            return _route(log, goal, unsure)
        elif each.second < second:
            goal, unsure = index, 0
        else:
            unsure += 1
    if goal >= 0 and log.entries[goal][1].beat_at == target:
        return _route(log, goal, unsure)
    last = log.entries[-1][1] if log.entries else None
    raise unreachable(target, last and f"{last.gtid} in {last.file.name}", last.at if last else None, log.trouble)


def unreachable(target: datetime, last: object, at: datetime | None, trouble: MainstayError | None) -> TargetRefused:
    """The refusal of a moment that the archive of either engine does not show; `last` is its last transaction."""
    lines = [f"Nothing is archived after {render_time(target)}."]
    if at is not None:
        lines.append(f"The last transaction is {last}, of {render_time(at)}.")
    if trouble is not None:
        lines.append(trouble.detail)
    return TargetRefused(
        "target cannot be reached",
        detail="\n".join(lines),
        hint="choose a time up to the last transaction above, or wait until the archive has passed the target",
    )


def _route(log: Log, goal: int, unsure: int) -> Route:
    if goal < 0:
        return Route((), None, None, unsure)
    legs: list[Leg] = []
    for number, epoch in enumerate(log.epochs):
        taken = [each for index, each in log.entries[: goal + 1] if index == number]
        if taken:
            legs.append(Leg(tuple(epoch.files.values()), taken[-1].gtid))
    last = log.entries[goal][1]
    return Route(tuple(legs), last.gtid, last.at, unsure)
