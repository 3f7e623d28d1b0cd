from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused
from mainstay.engines.certificates import ServerCertificate
from mainstay.engines.postgres.configuration import SERVER_SETTINGS, Wanted, quoted, render_hba, render_settings

TLS = ServerCertificate(Path("/c/server.crt"), Path("/c/server.key"), Path("/c/ca.crt"))


def test_the_same_wishes_give_the_same_bytes() -> None:
    text = render_settings({"work_mem": "4MB", "application_name": "o'hara \\ x"})
    assert text.splitlines()[1:] == ["application_name = 'o''hara \\\\ x'", "work_mem = '4MB'"]
    assert text == render_settings({"application_name": "o'hara \\ x", "work_mem": "4MB"})


@pytest.mark.parametrize("name", ["", "Work_mem", "a b", "a=1\nfsync", "include '/etc/x' #", "a.b.c"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputRefused):
        render_settings({name: "1"})


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_a_value_cannot_bring_a_line_of_its_own(value: str) -> None:
    with pytest.raises(InputRefused):
        quoted(value)


def test_wishes_win_over_ours_but_not_over_the_clusters_own() -> None:
    wanted = Wanted({"wal_keep_size": "1GB", "port": "1"}, TLS)
    text = wanted.configuration({"port": "5432"})
    assert "wal_keep_size = '1GB'" in text
    assert "port = '5432'" in text
    assert "ssl_key_file = '/c/server.key'" in text
    assert f"wal_level = '{SERVER_SETTINGS['wal_level']}'" in text
    assert "ssl" not in Wanted({}).configuration({})


@pytest.mark.parametrize("wanted", [Wanted({}), Wanted({"a": "b"}, TLS, force_ssl=False)])
def test_wishes_survive_their_file(wanted: Wanted, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert Wanted.load(path) == Wanted({})
    path.write_text(wanted.as_json())
    assert Wanted.load(path) == wanted


def rules(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if not line.startswith("#")]


def test_plain_connections_are_refused_when_tls_is_forced() -> None:
    assert ["hostnossl", "all", "all", "all", "reject"] in rules(render_hba(has_tls=True, force_ssl=True))
    for has_tls, force_ssl in ((True, False), (False, True), (False, False)):
        relaxed = rules(render_hba(has_tls=has_tls, force_ssl=force_ssl))
        assert relaxed[-1] == ["host", "all", "all", "all", "scram-sha-256"]


def test_nobody_is_trusted() -> None:
    for has_tls in (True, False):
        assert "trust" not in render_hba(has_tls=has_tls, force_ssl=True)
