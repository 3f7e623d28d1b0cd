"""What `mainstay generation` refuses before it asks anybody anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.cli import run

SPEC = """
name: shop
environment: dev
profile: dev
region: eu-central-1
database: {engine: postgres, version: "17", class: db.t4g.medium, name: tap}
storage: {size: 20 GiB}
credentials: {username: shop_owner}
alerts: {subscribers: [ops@example.com]}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "database.yaml"
    path.write_text(SPEC)
    return str(path)


@pytest.mark.parametrize("command", [("reconcile",), ("reconcile", "--to", "cdk"), ("discard",)])
def test_without_a_sandbox_there_is_nothing_to_look_at(
    spec: str, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["generation", command[0], spec, "--sandbox", *command[1:]]) == 4
    assert "no sandbox" in capsys.readouterr().err


def test_files_are_not_confirmed(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generation", "reconcile", spec, "--sandbox", "--to", "terraform", "--confirm", "shop-dev"]) == 2
    assert "there is nothing to confirm" in capsys.readouterr().err
