from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.engines import identity as identities
from mainstay.engines.identity import Identity, can_reach, data_home, engine_identity, private_directory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another user")
STRANGER = Identity("stranger", 54321, 54321, "/", is_dropped=True)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In place of /var/tmp."""
    root = tmp_path / "shared"
    root.mkdir()
    monkeypatch.delenv(identities.DATA_ROOT_VARIABLE, raising=False)
    monkeypatch.setattr(identities, "SHARED_ROOT", root)
    yield root
    shutil.rmtree(root)


@as_root
def test_root_drops_to_an_unprivileged_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(identities.USER_VARIABLE, raising=False)
    assert engine_identity().name == "nobody"
    assert engine_identity().is_dropped
    monkeypatch.setenv(identities.USER_VARIABLE, "daemon")
    assert engine_identity().name == "daemon"
    assert engine_identity("nobody").name == "nobody"


@as_root
def test_a_user_who_is_missing_or_root_is_refused() -> None:
    with pytest.raises(EnvironmentLacking, match="'no-such-user' does not exist"):
        engine_identity("no-such-user")
    with pytest.raises(InputRefused, match="uid 0"):
        engine_identity("root")


def test_anybody_else_runs_servers_as_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    assert engine_identity("ignored") == Identity("daemon", 1, os.getegid(), "/usr/sbin", is_dropped=False)


def test_a_user_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(EnvironmentLacking, match="uid 54321"):
        engine_identity()


@pytest.mark.parametrize(("mode", "expected"), [(0o711, True), (0o710, False), (0o700, False), (0o701, True)])
def test_a_directory_on_the_way_decides(mode: int, expected: bool) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as open_place:
        gate = Path(open_place)
        gate.chmod(mode)
        assert can_reach(gate / "not" / "there", STRANGER) == expected


def test_owner_and_group_have_bits_of_their_own(tmp_path: Path) -> None:
    state = tmp_path.stat()
    owner = Identity("owner", state.st_uid, 54321, "/", is_dropped=True)
    member = Identity("member", 54321, state.st_gid, "/", is_dropped=True)
    tmp_path.chmod(0o010)
    try:
        assert identities._may_enter(tmp_path, member)
        assert identities._may_enter(tmp_path, owner) == (state.st_uid == 0)
        tmp_path.chmod(0o700)
        assert identities._may_enter(tmp_path, owner)
        assert not identities._may_enter(tmp_path, member)
    finally:
        tmp_path.chmod(0o700)


@as_root
def test_data_lie_where_they_are_wished_if_the_user_can_get_there(shared: Path, identity: Identity) -> None:
    open_place = Path("/var/tmp") / f"mainstay-test-{os.getpid()}"
    try:
        home = data_home(open_place, identity)
        assert home == open_place
        assert (home.stat().st_uid, home.stat().st_mode & 0o777) == (identity.uid, 0o700)
        assert data_home(open_place, identity) == open_place
    finally:
        shutil.rmtree(open_place)


@as_root
def test_data_move_when_a_directory_on_the_way_is_closed(shared: Path, tmp_path: Path, identity: Identity) -> None:
    tmp_path.chmod(0o700)
    home = data_home(tmp_path / "closed", identity)
    assert home.parent == shared
    assert (home.stat().st_uid, home.stat().st_mode & 0o777) == (identity.uid, 0o700)
    assert data_home(tmp_path / "closed", identity) == home
    assert data_home(tmp_path / "another", identity) != home


@as_root
def test_a_directory_with_somebody_elses_files_is_left_alone(shared: Path, identity: Identity) -> None:
    wanted = Path("/var/tmp") / f"mainstay-test-{os.getpid()}"
    wanted.mkdir()
    try:
        (wanted / "precious").touch()
        assert data_home(wanted, identity).parent == shared
        assert wanted.stat().st_uid == 0
        (wanted / "precious").unlink()
        assert data_home(wanted, identity) == wanted
    finally:
        shutil.rmtree(wanted)


def test_a_name_that_was_taken_before_us_is_not_used(tmp_path: Path) -> None:
    us = Identity("us", os.geteuid(), os.getegid(), "/", is_dropped=False)
    target = tmp_path / "target"
    target.mkdir()
    link, file, loose, good = tmp_path / "link", tmp_path / "file", tmp_path / "loose", tmp_path / "good"
    link.symlink_to(target)
    file.touch()
    loose.mkdir()
    loose.chmod(0o777)
    for trap in (link, file, loose):
        with pytest.raises(EnvironmentLacking, match=str(trap)):
            private_directory(trap, us, 0o700)
    assert private_directory(good, us, 0o755) == good
    assert private_directory(good, us, 0o755) == good
    with pytest.raises(EnvironmentLacking, match="'stranger'"):
        private_directory(good, replace(STRANGER, is_dropped=False), 0o700)


def test_data_can_be_given_another_place(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o1777)
    monkeypatch.setattr(identities, "can_reach", lambda *_: False)
    monkeypatch.setenv(identities.DATA_ROOT_VARIABLE, str(other))
    found = identities.data_home(tmp_path / "closed" / "data", identities.engine_identity())
    assert found.parent == other
    monkeypatch.setenv(identities.DATA_ROOT_VARIABLE, "")
    assert identities.data_home(tmp_path / "closed" / "data", identities.engine_identity()).parent == shared


def test_a_directory_that_was_made_and_not_yet_given_away_is_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, int]] = []
    monkeypatch.setattr(os, "chown", lambda path, uid, gid, **_: given.append((str(path), uid)))
    made = tmp_path / "made"
    made.mkdir(mode=0o700)
    other = Identity("other", os.geteuid() + 1, os.getegid(), "/", is_dropped=True)
    assert private_directory(made, other, 0o700) == made
    assert given == [(str(made), other.uid)]
