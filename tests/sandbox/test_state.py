from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mainstay.core.errors import Busy, EnvironmentLacking, TargetRefused
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.state import FILE, LONGEST_PATH_BYTES, State

REGION = "eu-central-1"
_KILLED = """
import os, signal, sys
from pathlib import Path
from mainstay.sandbox.state import State
state = State(Path(sys.argv[1]))
with state.transaction("eu-central-1") as tx:
    tx.put("rds:db", "shop", {"status": "half done"})
    tx.put("rds:db", "other", {})
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "sandbox")


def test_a_record_is_found_by_region_kind_and_id(state: State) -> None:
    with state.transaction(REGION) as tx:
        tx.put("rds:db", "shop", {"a": [1]})
        tx.put("rds:dbx", "shop", {"b": 1})
    with state.transaction("us-east-1") as tx:
        assert tx.get("rds:db", "shop") is None
        tx.put("rds:db", "far", {"a": 2})
        assert tx.all("rds:db") == [{"a": 2}]
        assert tx.all("rds:db", every_region=True) == [{"a": [1]}, {"a": 2}]
    assert state.regions() == ["eu-central-1", "us-east-1"]


def test_global_services_live_in_no_region(state: State) -> None:
    with state.transaction(REGION) as tx:
        tx.put("s3:bucket", "files", {"Name": "files"})
    with state.transaction("us-east-1") as tx:
        assert tx.get("s3:bucket", "files") == {"Name": "files"}


def test_records_keep_their_order_and_are_narrowed_by_prefix(state: State) -> None:
    with state.transaction(REGION) as tx:
        for key in ("b/2", "a/1", "b/1", "b"):
            tx.put("x", key, {"key": key})
        tx.put("x", "b/2", {"key": "b/2 again"})
        assert [item["key"] for item in tx.all("x")] == ["b/2 again", "a/1", "b/1", "b"]
        assert [item["key"] for item in tx.all("x", prefix="b/")] == ["b/2 again", "b/1"]
        tx.delete("x", "b/1")
        assert len(tx.all("x")) == 3


def test_require_raises_what_it_is_given(state: State) -> None:
    with state.transaction(REGION) as tx, pytest.raises(ServiceError, match="Gone: no"):
        tx.require("x", "y", ServiceError("Gone", "no"))


def test_a_transaction_that_raises_changes_nothing(state: State) -> None:
    def fail() -> None:
        with state.transaction(REGION) as tx:
            tx.put("x", "y", {})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with state.transaction(REGION) as tx:
        assert tx.get("x", "y") is None


def test_a_savepoint_is_undone_on_its_own(state: State) -> None:
    with state.transaction(REGION) as tx:
        tx.put("x", "kept", {})
        with contextlib.suppress(LookupError), tx.savepoint():
            tx.put("x", "lost", {})
            raise LookupError
        with tx.savepoint():
            tx.put("x", "also kept", {})
    with state.transaction(REGION) as tx:
        assert tx.get("x", "kept") == tx.get("x", "also kept") == {}
        assert tx.get("x", "lost") is None


def test_kill_in_the_middle_of_a_transaction_leaves_the_old_state(state: State) -> None:
    with state.transaction(REGION) as tx:
        tx.put("rds:db", "shop", {"status": "available"})
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(state.directory)], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    with state.transaction(REGION) as tx:
        assert tx.all("rds:db") == [{"status": "available"}]


def test_a_second_writer_waits_and_then_says_busy(state: State) -> None:
    other = State(state.directory, busy_timeout_s=0.05)
    with state.transaction(REGION):
        with pytest.raises(Busy) as told, other.transaction(REGION):
            pass
        with other.reading(REGION) as tx:
            assert tx.all("x") == []
    assert "state.db" in told.value.detail


def test_transactions_of_threads_follow_each_other(state: State) -> None:
    def count() -> None:
        for _ in range(25):
            with state.transaction(REGION) as tx:
                tx.put("n", "n", {"n": (tx.get("n", "n") or {"n": 0})["n"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with state.reading(REGION) as tx:
        assert tx.get("n", "n") == {"n": 100}


def test_a_transaction_inside_another_is_refused(state: State) -> None:
    with state.transaction(REGION), pytest.raises(RuntimeError), state.transaction(REGION):
        pass


def test_reading_cannot_write(state: State) -> None:
    with pytest.raises(EnvironmentLacking), state.reading(REGION) as tx:
        tx.put("x", "y", {})
    with state.transaction(REGION) as tx:
        tx.put("x", "y", {})


def test_the_version_moves_with_every_commit_and_only_then(state: State) -> None:
    first = state.version()
    assert state.version() == first
    with state.transaction(REGION) as tx:
        tx.put("x", "y", {})
        assert state.version() == first
    second = state.version()
    with State(state.directory).transaction(REGION) as tx:
        tx.put("x", "y", {"a": 1})
    assert len({first, second, state.version()}) == 3


def test_a_full_disk_is_said_and_loses_nothing(state: State) -> None:
    with state.transaction(REGION) as tx:
        tx.put("x", "kept", {})
    state._connect().execute("PRAGMA max_page_count = 20")
    with pytest.raises(EnvironmentLacking, match="cannot be written"), state.transaction(REGION) as tx:
        tx.put("x", "big", {"text": "y" * 1_000_000})
    with state.transaction(REGION) as tx:
        assert tx.all("x") == [{}]


def test_file_and_directory_are_closed_to_others(state: State) -> None:
    assert state.directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in state.directory.iterdir()} == {0o600}


def test_an_open_directory_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    State(tmp_path)
    assert tmp_path.stat().st_mode & 0o066 == 0


def test_a_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentLacking, match="cannot be used"):
        State(tmp_path / "file")


def test_a_path_that_is_too_long_for_sqlite_is_told_as_such(tmp_path: Path) -> None:
    left = LONGEST_PATH_BYTES - len(f"{tmp_path}/{FILE}") - len("/" + 200 * "m" + "/")
    State(tmp_path / (200 * "m") / (left * "m"))
    with pytest.raises(EnvironmentLacking, match="cannot be used") as refused:
        State(tmp_path / (200 * "m") / ((left + 1) * "m"))
    assert "500" in refused.value.detail
    assert "shorter path" in refused.value.hint


def test_a_damaged_file_is_refused_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is no database at all, and long enough to be seen as none" * 20)
    with pytest.raises(TargetRefused, match="damaged") as told:
        State(tmp_path)
    assert "sandbox down" in told.value.hint


def test_a_file_of_another_version_is_refused(state: State) -> None:
    state.close()
    with sqlite3.connect(state.path) as connection:
        connection.execute("UPDATE meta SET schema = 99")
    connection.close()
    with pytest.raises(TargetRefused, match="another version") as told:
        State(state.directory)
    assert "99" in told.value.detail


def test_ids_are_in_the_form_of_ec2(state: State) -> None:
    with state.transaction(REGION) as tx:
        made = {tx.random_id("vpc-") for _ in range(20)}
        assert tx.arn("iam", "role/x", region=False) == "arn:aws:iam::123456789012:role/x"
    assert len(made) == 20
    assert all(len(item) == 21 for item in made)
