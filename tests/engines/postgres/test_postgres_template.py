from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mainstay.core.errors import TargetRefused
from mainstay.engines.binaries import Binaries
from mainstay.engines.identity import Identity
from mainstay.engines.postgres import template
from mainstay.engines.process import run


def test_two_at_once_build_one_template(
    place: Path, binaries: Binaries, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "SHARED_ROOT", place)
    both = [
        threading.Thread(target=template.clone_template, args=(binaries, identity, place / name)) for name in ("a", "b")
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    (cache,) = place.glob("mainstay-templates-*")
    assert len(list(cache.iterdir())) == 1
    told = [controls(binaries, identity, data) for data in (place / "a", place / "b", next(cache.iterdir()))]
    assert len({control["Database system identifier"] for control in told}) == 3
    assert {control["Database cluster state"] for control in told} == {"shut down"}
    assert {control["Data page checksum version"] for control in told} == {"1"}


def controls(binaries: Binaries, identity: Identity, data: Path) -> dict[str, str]:
    told = run([binaries.program("pg_controldata"), str(data)], identity=identity, timeout_s=10)
    assert "WARNING" not in told.stdout + told.stderr  # it checks the checksum
    return {name: value.strip() for name, _, value in (line.partition(":") for line in told.stdout.splitlines())}


def test_a_template_that_cannot_be_built_leaves_nothing(
    place: Path, binaries: Binaries, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "SHARED_ROOT", place)
    monkeypatch.setattr(template, "TEMPLATE_SQL", ("CREATE NONSENSE",))
    with pytest.raises(TargetRefused, match="NONSENSE"):
        template.clone_template(binaries, identity, place / "a")
    assert [list(cache.iterdir()) for cache in place.glob("mainstay-templates-*")] == [[]]
    assert not (place / "a").exists()


def test_the_checksum_is_that_of_the_standard() -> None:
    assert template.crc32c(b"123456789") == 0xE306_9283  # RFC 3720, appendix B.4 (CRC-32C check value)


def test_a_control_file_without_its_checksum_is_refused(tmp_path: Path) -> None:
    (tmp_path / "global").mkdir()
    (tmp_path / template.CONTROL).write_bytes(bytes(range(1, 251)) * 40)
    with pytest.raises(TargetRefused, match="not understood"):
        template._give_identifier(tmp_path)
