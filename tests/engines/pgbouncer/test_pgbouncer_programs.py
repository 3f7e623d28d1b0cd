"""Where PgBouncer comes from, what is said without it, and the files that it gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.engines.certificates import ServerCertificate
from mainstay.engines.identity import Identity
from mainstay.engines.pgbouncer import programs
from mainstay.engines.pgbouncer.configuration import PoolWish, render_ini, render_userlist
from mainstay.engines.pgbouncer.programs import find_pgbouncer

STRANGER = Identity("stranger", 4242, 4242, "/", is_dropped=True)
WISH = PoolWish(
    server=("127.0.0.1", 5432), server_ca=Path("/ca.crt"),
    tls=ServerCertificate(Path("/s.crt"), Path("/s.key"), Path("/ca.crt")),
    max_connections=1, borrow_timeout_s=1, idle_timeout_s=1,
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINSTAY_PGBOUNCER_BIN", raising=False)
    monkeypatch.setattr(programs, "SYSTEM", tmp_path / "system")
    monkeypatch.setattr(programs, "unpacked", lambda bundle: tmp_path / "tree")


def fake(prefix: Path, says: str) -> Path:
    path = prefix / "sbin" / "pgbouncer"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_the_setting_comes_before_the_system_and_the_system_before_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fake(tmp_path / "tree" / "usr", "PgBouncer 1.18.0")
    library = tmp_path / "tree" / "usr" / "lib" / "x86_64-linux-gnu"
    library.mkdir(parents=True)
    (library / "libcares.so.2").touch()
    found = find_pgbouncer()
    assert (found.path, found.version, found.source) == (path, "1.18.0", "packages")
    assert found.environment == {"LD_LIBRARY_PATH": str(library)}
    fake(tmp_path / "system", "PgBouncer 1.24.1")
    assert (find_pgbouncer().version, find_pgbouncer().source) == ("1.24.1", "system")
    fake(tmp_path / "own", "PgBouncer 1.25.0")
    monkeypatch.setenv("MAINSTAY_PGBOUNCER_BIN", str(tmp_path / "own" / "sbin"))
    assert (find_pgbouncer().version, find_pgbouncer().source) == ("1.25.0", "explicit")


def test_what_is_missing_and_what_to_do_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="not found below") as caught:
        find_pgbouncer()
    assert "make pgbouncer" in caught.value.hint
    fake(tmp_path / "system", "nothing")
    with pytest.raises(EnvironmentLacking, match="does not say which version"):
        find_pgbouncer()
    fake(tmp_path / "system", "PgBouncer 1.18.0")
    tmp_path.chmod(0o700)
    with pytest.raises(EnvironmentLacking, match="'stranger' cannot enter"):
        find_pgbouncer(identity=STRANGER)


def test_a_limit_of_none_is_refused_and_one_of_one_is_not() -> None:
    text = render_ini(WISH, "127.0.0.1", 6432, Path("/u.txt"))
    assert "max_db_connections = 1\n" in text
    assert "client_tls_sslmode = require\n" in text
    endless = {
        "max_connections": replace(WISH, max_connections=0),
        "borrow_timeout_s": replace(WISH, borrow_timeout_s=0),
        "idle_timeout_s": replace(WISH, idle_timeout_s=0),
    }
    for name, wish in endless.items():
        with pytest.raises(InputRefused, match=f"{name} is 0"):
            render_ini(wish, "127.0.0.1", 6432, Path("/u.txt"))
    assert "auth_type = md5\n" in render_ini(replace(WISH, takes_md5=True), "127.0.0.1", 6432, Path("/u.txt"))


def test_a_password_is_quoted_and_never_told() -> None:
    assert render_userlist({"b": 'x"y', "a": "z"}) == '"a" "z"\n"b" "x""y"\n'
    with pytest.raises(InputRefused) as caught:
        render_userlist({"a": "secret\n"})
    assert "secret" not in str(caught.value)
    with pytest.raises(InputRefused, match="user name"):
        render_userlist({"a\n": "z"})
