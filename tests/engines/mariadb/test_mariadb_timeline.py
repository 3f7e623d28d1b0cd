"""Which transactions come before a moment, from what a log tells: seconds, and heartbeats with microseconds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.mariadb.archive import Archive, Epoch, epochs
from mainstay.engines.mariadb.binlog import (
    FORMAT,
    GTID,
    HEADER,
    MAGIC,
    QUERY,
    STANDALONE,
    XID,
    Committed,
    beat_statement,
    events,
    transactions,
)
from mainstay.engines.mariadb.gtid import Gtid, last_gtid
from mainstay.engines.mariadb.timeline import Log, read_log, route_to_end, route_to_time

T = datetime(2026, 11, 20, 14, 5, 0, tzinfo=UTC)
FILE = Path("binlog.000001")


def seconds(count: float) -> datetime:
    return T + timedelta(seconds=count)


def log_of(*entries: tuple[float, bool]) -> Log:
    """Transactions 1, 2, ... at these seconds after T; True for heartbeats."""
    read = [
        (0, Committed(Gtid(0, 1, number), int(seconds(at).timestamp()), seconds(at) if is_beat else None, FILE))
        for number, (at, is_beat) in enumerate(entries, 1)
    ]
    return Log(read, [Epoch(1, {1: FILE})], None)


BEAT, WRITE = True, False


@pytest.mark.parametrize(
    ("entries", "target", "goal", "unsure"),
    [
        ([(0.1, WRITE), (0.2, BEAT), (0.3, WRITE), (0.5, BEAT)], 0.2, 2, 1),  # exactly on a heartbeat
        ([(0.1, WRITE), (0.2, BEAT), (0.3, WRITE), (0.5, BEAT)], 0.4, 2, 1),  # between two: the third may be either
        ([(0.1, WRITE), (0.2, BEAT), (0.3, WRITE), (0.5, BEAT)], 0.1999, None, 1),  # before the first
        ([(0.1, WRITE), (0.2, BEAT), (0.3, WRITE), (0.5, BEAT), (0.6, BEAT)], 0.5, 4, 0),
        ([(0.9, WRITE), (1.5, BEAT)], 1.2, 1, 0),  # a second earlier is before, without a heartbeat
        ([(0.9, WRITE), (2.0, WRITE)], 1.9, 1, 0),  # a second later is after, without a heartbeat
        ([(0.2, WRITE), (0.7, BEAT)], 0.7, 2, 0),  # the archive ends with the moment itself
    ],
)
def test_a_moment_lies_behind_the_last_heartbeat_before_it(
    entries: Sequence[tuple[float, bool]], target: float, goal: int | None, unsure: int
) -> None:
    route = route_to_time(log_of(*entries), seconds(target))
    assert (route.goal.sequence if route.goal else None, route.unsure) == (goal, unsure)
    if goal is not None:
        assert [leg.until.sequence for leg in route.legs] == [goal]
        assert route.reached_time is not None
        assert route.reached_time <= seconds(target)


@pytest.mark.parametrize("entries", [[], [(0.2, BEAT)], [(0.2, BEAT), (0.6, WRITE)]])
def test_a_moment_that_the_log_does_not_pass_is_refused(entries: Sequence[tuple[float, bool]]) -> None:
    with pytest.raises(TargetRefused) as caught:
        route_to_time(log_of(*entries), seconds(0.7))
    assert "Nothing is archived after 2026-11-20T14:05:00.700000Z." in caught.value.detail


def event(kind: int, body: bytes, *, second: float = 0, server: int = 1) -> bytes:
    length = HEADER.size + len(body) + 4
    raw = HEADER.pack(int(T.timestamp() + second), kind, server, length, 0, 0) + body
    return raw + struct.pack("<I", zlib.crc32(raw))


def gtid(sequence: int, *, flags: int = 0, server: int = 1, second: float = 0) -> bytes:
    return event(GTID, struct.pack("<QIB", sequence, 0, flags) + bytes(6), server=server, second=second)


def query(text: str) -> bytes:
    return event(QUERY, struct.pack("<IIBHH", 7, 0, 4, 0, 3) + b"\1\2\3" + b"shop\0" + text.encode())


def write_log(path: Path, *parts: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MAGIC + event(FORMAT, bytes(80)) + b"".join(parts))
    return path


def test_whole_transactions_are_told_from_cut_ones(tmp_path: Path) -> None:
    moment = seconds(0.123456)
    whole = [
        gtid(1, flags=STANDALONE), query("CREATE TABLE t (n int)"),
        gtid(2), query("INSERT INTO t VALUES (1)"), event(XID, bytes(8)),
        gtid(3), query("INSERT INTO m VALUES (1)"), query("COMMIT"),
        gtid(4, second=2), query(beat_statement(moment)), event(XID, bytes(8)),
        gtid(5), query(beat_statement(moment) + " -- not ours"), event(XID, bytes(8)),
    ]  # fmt: skip
    path = write_log(tmp_path / "binlog.000001", *whole, gtid(6), query("INSERT INTO t VALUES (2)"))
    found = list(transactions(path))
    assert [each.gtid.sequence for each in found] == [1, 2, 3, 4, 5]
    assert [each.beat_at for each in found] == [None, None, None, moment, None]
    assert (found[0].at, found[3].at, found[3].second) == (T, moment, int(T.timestamp()) + 2)
    path.write_bytes(path.read_bytes()[:-1])
    assert len(list(events(path))) == len(whole) + 2  # the format before, one more after, the last one cut


def test_damage_is_found_and_placed(tmp_path: Path) -> None:
    path = write_log(tmp_path / "binlog.000001", gtid(1), query("x"), event(XID, bytes(8)), gtid(2))
    content = bytearray(path.read_bytes())
    for at, value in ((-6, content[-6] ^ 1), (0, 0)):
        damaged = bytearray(content)
        damaged[at] = value
        path.write_bytes(damaged)
        with pytest.raises(TargetRefused, match="is damaged at byte"):
            list(transactions(path))
    second = len(MAGIC) + 9  # the length of the first event
    content[second : second + 4] = struct.pack("<I", 5)
    path.write_bytes(content)
    with pytest.raises(TargetRefused, match="at byte 4"):
        list(transactions(path))
    path.write_bytes(b"")
    assert list(transactions(path)) == []


def commit(sequence: int, server: int = 1) -> bytes:
    return gtid(sequence, server=server) + event(XID, bytes(8), server=server)


def test_the_fullest_copy_of_a_file_counts_and_diverged_ends_are_dropped(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "a")
    write_log(tmp_path / "0001-1" / "binlog.000001", commit(1), commit(2))
    write_log(tmp_path / "0002-1" / "binlog.000001", commit(1))
    write_log(tmp_path / "0002-1" / "binlog.000002", commit(3), commit(4))  # 4 was told to nobody
    write_log(tmp_path / "0003-2" / "binlog.000001", commit(3), commit(4, server=2), commit(5, server=2))
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").touch()
    assert [(each.server, sorted(each.files)) for each in epochs(archive)] == [(1, [1, 2]), (2, [1])]
    log = read_log(archive, Gtid(0, 1, 1))
    assert [str(each.gtid) for _, each in log.entries] == ["0-1-2", "0-1-3", "0-2-4", "0-2-5"]
    assert [str(leg.until) for leg in route_to_end(log).legs] == ["0-1-3", "0-2-5"]
    (tmp_path / "0003-2" / "binlog.000001").write_bytes(MAGIC)
    assert str(route_to_end(read_log(archive, None)).goal) == "0-1-4"


def test_a_gap_is_named_by_its_file_or_by_its_neighbour(tmp_path: Path) -> None:
    archive = Archive(tmp_path, "a")
    write_log(tmp_path / "0001-1" / "binlog.000001", commit(1))
    write_log(tmp_path / "0001-1" / "binlog.000003", commit(4))
    with pytest.raises(TargetRefused, match=r"lacks binlog.000002 of server 1: transactions 2 to 3"):
        route_to_end(read_log(archive, None))
    (tmp_path / "0001-1" / "binlog.000001").unlink()
    with pytest.raises(TargetRefused, match=r"lacks the log before binlog.000003"):
        route_to_end(read_log(archive, Gtid(0, 1, 2)))
    gap = read_log(archive, Gtid(0, 1, 2))
    with pytest.raises(TargetRefused, match="transactions 3 to 3 are missing"):
        route_to_time(gap, seconds(9))
    assert route_to_end(read_log(Archive(tmp_path / "nowhere", "n"), None)).goal is None


def test_transaction_ids_are_read_and_written() -> None:
    assert str(Gtid.parse(" 0-17-4 ")) == "0-17-4"
    assert last_gtid("0-1-5,0-2-7,0-3-6") == Gtid(0, 2, 7)
    assert last_gtid("") is None
    for text in ("0-1", "a-b-c", "0-1-2-3", ""):
        with pytest.raises(InputRefused, match="domain-server-sequence"):
            Gtid.parse(text)
    with pytest.raises(InputRefused, match="1-1-5"):
        last_gtid("0-1-5,1-1-5")
