"""What an archive holds after a snapshot, transaction by transaction, and which of them come before a moment.

A server's numbers grow by one, so a missing file shows as a gap; each transaction tells the microsecond of its commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.core.errors import MainstayError, TargetRefused
from mainstay.engines.mariadb.archive import Archive, Epoch, epochs
from mainstay.engines.mariadb.timeline import unreachable
from mainstay.engines.mysql.archive import HAS
from mainstay.engines.mysql.binlog import Committed, transactions
from mainstay.engines.mysql.gtid import GtidSet


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a replay: the logs of one server, and the transactions to take from them, as a set."""

    files: Sequence[Path]
    until: str


@dataclass(frozen=True, slots=True)
class Route:
    """How to get from a snapshot to a point: the legs, every transaction that is in it then, the last one's time."""

    legs: tuple[Leg, ...]
    goal: str
    reached_time: datetime | None


@dataclass(frozen=True, slots=True)
class Log:
    """The transactions after a snapshot in order, each with its epoch, and what ends them too early (or None)."""

    entries: Sequence[tuple[int, Committed]]
    epochs: Sequence[Epoch]
    trouble: MainstayError | None


def read_log(archive: Archive, after: GtidSet) -> Log:
    """Everything that can be replayed on top of these transactions, without a gap."""
    found = epochs(archive)
    entries: list[tuple[int, Committed]] = []
    trouble: MainstayError | None = None
    for index, epoch in enumerate(found):
        read, trouble = _read(epoch)
        history, here = _history(epoch), {each.gtid for each in read}
        # What an old primary had that the new one never received was told to nobody, and is dropped.
        entries = [each for each in entries if each[1].gtid in here or each[1].gtid in history]
        seen = {each.gtid for _, each in entries}
        entries += [(index, each) for each in read if each.gtid not in seen and each.gtid not in after]
    return _until_gap(archive, entries, found, after, trouble)


def _history(epoch: Epoch) -> GtidSet:
    """What the epoch's server had when its archive began: of the old primary, all that it ever received."""
    told = {path.parent / HAS for path in epoch.files.values()}
    return GtidSet.parse(",".join(path.read_text() for path in sorted(told) if path.exists()))


def _read(epoch: Epoch) -> tuple[list[Committed], MainstayError | None]:
    read: list[Committed] = []
    for path in epoch.files.values():
        try:
            read += transactions(path)
        except TargetRefused as damage:
            return read, damage
    return read, None


def _until_gap(
    archive: Archive,
    entries: Sequence[tuple[int, Committed]],
    found: Sequence[Epoch],
    after: GtidSet,
    trouble: MainstayError | None,
) -> Log:
    expected: dict[str, int] = {}
    whole: list[tuple[int, Committed]] = []
    for index, each in entries:
        server = each.gtid.server
        wanted = expected.get(server, after.next_of(server))
        if each.gtid.number > wanted:
            return Log(whole, found, _gap(archive, each, wanted))
        expected[server] = each.gtid.number + 1
        whole.append((index, each))
    return Log(whole, found, trouble)


def _gap(archive: Archive, next_one: Committed, wanted: int) -> TargetRefused:
    return TargetRefused(
        "archive has a gap",
        detail=f"{archive.directory} lacks the log before {next_one.file.name}: transactions {wanted} to"
        f" {next_one.gtid.number - 1} of {next_one.gtid.server} are missing, though later ones are there.",
        hint="restore to a time before the gap, or from a backup that was taken after it",
    )


def route_to_end(log: Log, after: GtidSet) -> Route:
    """The way to the last transaction. Error: TargetRefused when a gap or damage ends the archive early."""
    if log.trouble is not None:
        raise log.trouble
    return _route(log, len(log.entries), after)


def route_to_time(log: Log, target: datetime, after: GtidSet) -> Route:
    """The way to the last transaction that was committed at or before a moment (aware).

    Error: TargetRefused when the archive does not show where that moment is: it ends before it.
    """
    for count, (_, each) in enumerate(log.entries):
        if each.at > target:
            return _route(log, count, after)
    last = log.entries[-1][1] if log.entries else None
    raise unreachable(target, last and f"{last.gtid} in {last.file.name}", last.at if last else None, log.trouble)


def _route(log: Log, count: int, after: GtidSet) -> Route:
    taken = log.entries[:count]
    legs = [
        Leg(tuple(epoch.files.values()), str(GtidSet.up_to(each.gtid for index, each in taken if index == number)))
        for number, epoch in enumerate(log.epochs)
        if any(index == number for index, _ in taken)
    ]
    ends = str(GtidSet.up_to(each.gtid for _, each in taken))
    goal = ",".join(filter(None, (str(after), ends)))
    return Route(tuple(legs), goal, taken[-1][1].at if taken else None)
