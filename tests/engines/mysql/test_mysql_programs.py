"""Where MySQL's programs come from, with programs that only say their version."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines.identity import Identity
from mainstay.engines.mysql import programs
from mainstay.engines.mysql.programs import NEEDED, find_mysql


def fake(prefix: Path, says: str, *names: str) -> Path:
    for name in names:
        path = prefix / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{name}  Ver {says} for Linux'\n")
        path.chmod(0o755)
    return prefix


def test_an_explicit_place_is_the_only_one_that_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = fake(tmp_path / "my", "8.4.3", *NEEDED)
    found = find_mysql("8.4", prefix / "bin")
    assert (found.version, found.series, found.source, found.note) == ("8.4.3", "8.4", "explicit", None)
    assert found.command("mysqld") == [str(prefix / "bin" / "mysqld")]
    assert found.environment == {}
    other = find_mysql("8.0", prefix)
    assert other.note == "MySQL 8.4.3 (explicit) runs in place of 8.0, which is not installed here"
    monkeypatch.setenv("MAINSTAY_MYSQL_BIN", str(tmp_path / "nothing"))
    with pytest.raises(EnvironmentLacking, match="No `mysqld`; looked below") as refused:
        find_mysql()
    assert "make mysql" in refused.value.hint
    assert "MAINSTAY_SANDBOX_MYSQL=mariadb" in refused.value.hint


def test_a_mariadb_is_never_taken_for_mysql(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="is not MySQL"):
        find_mysql(explicit=fake(tmp_path / "usr", "10.11.6-MariaDB", *NEEDED))
    with pytest.raises(EnvironmentLacking, match=r"is 8.0.46, and 8.4 is the oldest"):
        find_mysql(explicit=fake(tmp_path / "old", "8.0.46", *NEEDED))
    assert find_mysql(explicit=fake(tmp_path / "least", "8.4.0", *NEEDED)).series == "8.4"
    with pytest.raises(EnvironmentLacking, match="`mysqlbinlog` is missing"):
        find_mysql(explicit=fake(tmp_path / "half", "8.4.3", "mysqld"))
    shut = fake(tmp_path / "shut", "8.4.3", *NEEDED)
    tmp_path.chmod(0o700)
    with pytest.raises(EnvironmentLacking, match="cannot enter"):
        find_mysql(explicit=shut, identity=Identity("stranger", 12345, 12345, "/", is_dropped=True))


def test_unpacked_packages_bring_their_own_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINSTAY_MYSQL_BIN", raising=False)
    monkeypatch.setattr(programs, "SYSTEM", tmp_path / "system")
    prefix = fake(tmp_path / "tree" / "usr", "9.7.4-2", *NEEDED)
    loader = prefix / "lib" / "x86_64-linux-gnu" / "ld-linux-x86-64.so.2"
    loader.parent.mkdir(parents=True)
    loader.write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    loader.chmod(0o755)
    monkeypatch.setattr(programs, "unpacked", lambda bundle: tmp_path / "tree")
    found = find_mysql()
    assert (found.version, found.source, found.loader, found.environment) == ("9.7.4", "packages", loader, {})
    assert found.command("mysqld")[:2] == [str(loader), "--library-path"]
    with pytest.raises(EnvironmentLacking, match="directory share/mysql is missing"):
        found.places()
    monkeypatch.setattr(programs, "unpacked", lambda bundle: None)
    with pytest.raises(EnvironmentLacking, match="No `mysqld`"):
        find_mysql()
