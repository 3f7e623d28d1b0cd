"""Where MariaDB's programs come from, and what is said when there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused
from mainstay.engines.identity import Identity
from mainstay.engines.mariadb import programs
from mainstay.engines.mariadb.configuration import quoted, render_settings
from mainstay.engines.mariadb.programs import NEEDED, Programs, find_mariadb
from mainstay.engines.mariadb.server_log import trouble
from mainstay.engines.mariadb.wire import MARIADB_WIRE

STRANGER = Identity("stranger", 4242, 4242, "/", is_dropped=True)


def fake(prefix: Path, version: str, *names: str) -> Path:
    """An installation whose programs only tell their version."""
    for name in names:
        path = prefix / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{name}  Ver {version} for Linux'\n")
        path.chmod(0o755)
    return prefix


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAINSTAY_MARIADB_BIN", "MAINSTAY_MYSQL_BIN"):
        monkeypatch.delenv(name, raising=False)


def test_an_explicit_directory_or_its_prefix_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = fake(tmp_path / "usr", "11.4.2-MariaDB", *NEEDED)
    library = prefix / "lib" / "x86_64-linux-gnu"
    library.mkdir(parents=True)
    (library / "libaio.so.1").touch()
    for setting in (prefix, prefix / "bin"):
        found = find_mariadb("11.4", setting)
        assert (found.version, found.series, found.source, found.note) == ("11.4.2", "11.4", "explicit", None)
    assert found.environment == {"LD_LIBRARY_PATH": str(library)}
    assert found.program("mariadb-binlog") == str(prefix / "bin" / "mariadb-binlog")
    monkeypatch.setenv("MAINSTAY_MARIADB_BIN", str(prefix))
    note = find_mariadb("10.11").note
    assert note == "MariaDB 11.4.2 (explicit) runs in place of 10.11, which is not installed here"
    for missing in ("no-such-program", "no/such/directory"):
        with pytest.raises(EnvironmentLacking, match=missing):
            found.program(missing) if "/" not in missing else found.directory(missing)


def test_what_is_missing_and_what_to_do_is_said(tmp_path: Path) -> None:
    prefix = fake(tmp_path / "usr", "11.4.2-MariaDB", "mariadbd", "mariadb-install-db", "mariadb-binlog")
    with pytest.raises(EnvironmentLacking) as caught:
        find_mariadb(explicit=prefix)
    assert caught.value.detail.startswith("MariaDB engine: mariadb-backup not found")
    assert "make mariadb" in caught.value.hint
    fake(prefix, "11.4.2-MariaDB", "mariadb-backup")
    tmp_path.chmod(0o700)
    with pytest.raises(EnvironmentLacking, match="'stranger' cannot enter"):
        find_mariadb(explicit=prefix, identity=STRANGER)
    fake(prefix, "nothing", "mariadbd")
    with pytest.raises(EnvironmentLacking, match="does not say which version"):
        find_mariadb(explicit=prefix)


def test_the_system_and_unpacked_packages_complete_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = fake(tmp_path / "system", "10.11.6-MariaDB", "mariadbd", "mariadb-install-db", "mariadb-binlog")
    monkeypatch.setattr(programs, "SYSTEM", system)
    monkeypatch.setattr(programs, "unpacked", lambda bundle: None)
    with pytest.raises(EnvironmentLacking, match="mariadb-backup not found"):
        find_mariadb()
    fake(tmp_path / "tree" / "usr", "10.11.6-MariaDB", "mariadb-backup")
    monkeypatch.setattr(programs, "unpacked", lambda bundle: tmp_path / "tree")
    found = find_mariadb()
    assert found.source == "system"
    assert found.program("mariadb-backup") == str(tmp_path / "tree" / "usr" / "bin" / "mariadb-backup")
    monkeypatch.setattr(programs, "SYSTEM", tmp_path / "nothing")
    fake(tmp_path / "tree" / "usr", "10.11.6-MariaDB", *NEEDED)
    assert find_mariadb().source == "packages"


def test_option_files_are_quoted_and_sorted() -> None:
    assert render_settings({"port": "3306", "init_connect": "SET x='#1\\n'"}) == (
        "# Written by mainstay; changes made here are lost.\n[mariadbd]\n"
        'init_connect = "SET x=\'#1\\\\n\'"\nport = "3306"\n'
    )
    for value in ("a\nb", 'a"b', "a\0b"):
        with pytest.raises(InputRefused, match="line break or a double quote"):
            quoted(value)
    with pytest.raises(InputRefused, match="not the name of a MariaDB setting"):
        render_settings({"Port=1\n[x]": "1"})


@pytest.mark.parametrize(
    ("line", "kind", "summary"),
    [
        ("[ERROR] InnoDB: Write to file failed: No space left on device", EnvironmentLacking, "no space left"),
        ("[ERROR] Can't start server: Bind on TCP/IP port: Address already in use", EnvironmentLacking, "port in use"),
        ("[ERROR] unknown variable 'x=1'", TargetRefused, "it failed"),
        ("Killed", TargetRefused, "it failed"),
    ],
)
def test_the_log_of_a_failed_start_is_sorted_by_its_reason(line: str, kind: type[Exception], summary: str) -> None:
    error = trouble("it failed", "here", f"[Note] starting\n{line}\n")
    assert (type(error), error.summary) == (kind, summary)
    assert line in error.detail


def test_a_refusal_is_an_error_packet_in_place_of_the_greeting() -> None:
    step = MARIADB_WIRE.refusal(b"", "no", is_temporary=True, can_encrypt=True)
    assert step.answer == b"\x05\0\0\0\xff\x10\x04no"
    assert (step.used, step.is_last, MARIADB_WIRE.speaks_first) == (0, True, True)
    long = MARIADB_WIRE.refusal(b"", "x" * 5000, is_temporary=False, can_encrypt=False)
    assert len(long.answer) == 4 + 3 + 511


def test_programs_of_this_machine_know_their_series() -> None:
    assert Programs((Path("/usr"),), "10.11.19", "system").series == "10.11"
