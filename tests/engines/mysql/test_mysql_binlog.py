"""What a log tells, in bytes as MySQL 9.7 wrote them, and sets of transactions: no server is needed."""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.mariadb.archive import Archive
from mainstay.engines.mysql.archive import HAS
from mainstay.engines.mysql.binlog import transactions
from mainstay.engines.mysql.gtid import Gtid, GtidSet
from mainstay.engines.mysql.timeline import read_log, route_to_end, route_to_time

OLD, NEW = "0ea5b0c0-e56c-11f1-90e7-02fc00000001", "18957cab-e56c-11f1-b7ad-02fc00000001"
START = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def event(kind: int, body: bytes) -> bytes:
    length = 19 + len(body) + 4
    whole = struct.pack("<IBIIIH", 1, kind, 7, length, 0, 0) + body
    return whole + struct.pack("<I", zlib.crc32(whole))


def query(text: bytes) -> bytes:
    return event(2, struct.pack("<IIBHH", 1, 0, 0, 0, 0) + b"\0" + text)


def committed(gtid: Gtid, at: datetime, *ends: bytes, received_s: int | None = None) -> bytes:
    """A transaction; one that was received from another server carries two times."""
    moment = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    times = moment.to_bytes(7, "little")
    if received_s is not None:
        times = (moment + received_s * 10**6 | 1 << 55).to_bytes(7, "little") + times
    body = b"\0" + uuid.UUID(gtid.server).bytes + struct.pack("<QBQQ", gtid.number, 2, 0, 1) + times
    return event(33, body) + b"".join(ends or (query(b"BEGIN"), event(16, b"12345678")))


def write(path: Path, *parts: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xfebin" + event(15, b"") + b"".join(parts))
    return path


def beats(server: str, numbers: Sequence[int]) -> list[bytes]:
    return [committed(Gtid(server, n), START + timedelta(seconds=n)) for n in numbers]


def test_transactions_tell_the_microsecond_of_their_first_commit(tmp_path: Path) -> None:
    at = START + timedelta(microseconds=123_456)
    path = write(
        tmp_path / "binlog.000001",
        committed(Gtid(OLD, 1), at),
        committed(Gtid(OLD, 2), at, query(b"CREATE TABLE t (id int)")),
        committed(Gtid(OLD, 3), at, query(b"BEGIN"), query(b"UPDATE t SET id = 1"), query(b"COMMIT"), received_s=9),
        committed(Gtid(OLD, 4), at, event(40, b"packed")),
        committed(Gtid(OLD, 5), at, query(b"BEGIN"), query(b"UPDATE t SET id = 2")),
    )
    assert [(str(each.gtid)[-2:], each.at) for each in transactions(path)] == [(f":{n}", at) for n in (1, 2, 3, 4)]
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(TargetRefused, match="archive is damaged"):
        list(transactions(path))


def archive(root: Path, *epochs: tuple[int, str, list[bytes]]) -> Archive:
    """Stretches: the server's number, what it had when its archive began, its transactions."""
    for number, (server, has, parts) in enumerate(epochs, 1):
        write(root / f"{number:04d}-{server}" / "binlog.000001", *parts)
        (root / f"{number:04d}-{server}" / HAS).write_text(has)
    return Archive(root, "a")


def test_a_moment_lies_between_two_commits(tmp_path: Path) -> None:
    after = GtidSet.parse(f"{OLD}:1-2")
    log = read_log(archive(tmp_path, (7, "", beats(OLD, range(1, 6)))), after)
    route = route_to_time(log, START + timedelta(seconds=4), after)
    assert (route.goal, route.reached_time) == (f"{OLD}:1-2,{OLD}:1-4", START + timedelta(seconds=4))
    assert [leg.until for leg in route.legs] == [f"{OLD}:1-4"]
    early = route_to_time(log, START + timedelta(seconds=2.5), after)
    assert (early.legs, early.goal, early.reached_time) == ((), f"{OLD}:1-2", None)
    with pytest.raises(TargetRefused, match="cannot be reached") as refused:
        route_to_time(log, START + timedelta(seconds=5), after)
    assert f"The last transaction is {OLD}:5" in refused.value.detail
    assert route_to_end(log, after).goal == f"{OLD}:1-2,{OLD}:1-5"


def test_a_gap_is_named_and_ends_what_can_be_reached(tmp_path: Path) -> None:
    log = read_log(archive(tmp_path, (7, "", beats(OLD, [1, 2, 5, 6]))), GtidSet())
    with pytest.raises(TargetRefused, match="archive has a gap") as refused:
        route_to_end(log, GtidSet())
    assert f"transactions 3 to 4 of {OLD} are missing" in refused.value.detail
    with pytest.raises(TargetRefused, match="cannot be reached"):
        route_to_time(log, START + timedelta(seconds=5), GtidSet())


def test_damage_ends_what_can_be_reached(tmp_path: Path) -> None:
    place = archive(tmp_path, (7, "", beats(OLD, [1, 2])))
    write(tmp_path / "0001-7" / "binlog.000002", *beats(OLD, [3]))
    path = tmp_path / "0001-7" / "binlog.000002"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(TargetRefused, match="damaged"):
        route_to_end(read_log(place, GtidSet()), GtidSet())


def test_what_the_new_primary_never_received_is_dropped(tmp_path: Path) -> None:
    """The old one committed 4 as it died; the new one had 1 to 3, of which its own log has the last."""
    new = [*beats(OLD, [3]), *(committed(Gtid(NEW, n), START + timedelta(seconds=10 + n)) for n in (1, 2))]
    log = read_log(archive(tmp_path, (7, "", beats(OLD, [1, 2, 3, 4])), (8, f"{OLD}:1-3", new)), GtidSet())
    assert [str(each.gtid) for _, each in log.entries] == [
        *(f"{OLD}:{n}" for n in (1, 2, 3)), f"{NEW}:1", f"{NEW}:2"
    ]  # fmt: skip
    route = route_to_time(log, START + timedelta(seconds=11.5), GtidSet())
    assert [leg.until for leg in route.legs] == [f"{OLD}:1-3", f"{NEW}:1"]


def test_sets_are_read_as_the_server_writes_them() -> None:
    some = GtidSet.parse(f"{OLD}:1-5:8,\n{NEW}:3")
    assert str(some) == f"{OLD}:1-5:8,{NEW}:3"
    assert (Gtid(OLD, 8) in some, Gtid(OLD, 6) in some, Gtid(NEW, 1) in some) == (True, False, False)
    assert (some.next_of(OLD), some.next_of(NEW), GtidSet().next_of(OLD)) == (6, 1, 1)
    with pytest.raises(InputRefused, match="not understood"):
        GtidSet.parse(f"{OLD}:x")
