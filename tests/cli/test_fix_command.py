"""`mainstay check --fix` and `--diff`: what they say, what they write, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mainstay import cli

FAULTY = "  deletion_protection: false # for now\n"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec in the working directory, with one fault that has a patch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT_SUFFIX", raising=False)
    path = tmp_path / "database.yaml"
    path.write_text(
        "name: shop\nregion: us-east-1\nstorage: {size: 100 GiB}\nalerts: {subscribers: [a@example.org]}\n"
        'database: {engine: postgres, version: "17", class: db.m7g.large, name: shop}\n'
        f"protection:\n{FAULTY}"
    )
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.run(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_answer_shows_what_changed_and_what_remains(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = spec.read_text()
    code, out, _ = told(capsys, "--diff", "--fail-on", "warning")
    assert (code, spec.read_text()) == (1, before)
    assert "-  deletion_protection: false # for now\n+  deletion_protection: true # for now\n" in out
    assert "would fix DB006 deletion protection is off" in out
    code, out, _ = told(capsys, "--fix", "--fail-on", "warning")
    assert (code, spec.read_text()) == (0, before.replace("false", "true"))
    assert "\nfixed DB006 deletion protection is off" in out
    assert out.rstrip().endswith("database.yaml: no findings")
    code, out, _ = told(capsys, "--fix", "--why", "--cost")
    assert out.startswith("nothing to fix: ")
    assert "Not counted: " in out


def test_both_together_write_nothing(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "--fix", "--diff", "--json")
    document = json.loads(out)
    assert (document["is_written"], len(document["fixed"]), document["left"]) == (False, 1, [])
    assert document["fixed"][0]["patch"]["changes"][0]["path"] == "/protection/deletion_protection"
    assert FAULTY in spec.read_text()


def test_what_was_left_is_said_with_its_reason(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proxy = "access: {proxy: {max_connections: 100%}, bastion: {}}\n"
    spec.write_text(spec.read_text() + proxy + "environments:\n  dev: {}\n  idle: {access: {proxy: {max_idle: 95%}}}\n")
    _, out, _ = told(capsys, "--fix")
    assert "left PX010 the proxy may take every connection: the spec would be refused: " in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["template.yaml", "--fix"], "only a spec is fixed"),
        (["template.yaml", "--diff"], "template.yaml is a template"),
        (["database.yaml", "database.yaml", "--fix"], "one spec at a time"),
        (["database.yaml", "--fix", "--format", "sarif"], "--format sarif was given"),
        (["database.yaml", "--fix", "--parameter", "A=1"], "--parameter A was given"),
        (["missing.yaml", "--fix"], "no such file"),
    ],
)
def test_what_has_no_answer_is_refused(
    spec: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    spec.with_name("template.yaml").write_text("Resources: {}\n")
    code, _, error = told(capsys, *arguments)
    assert code == 2
    assert said in error
    assert FAULTY in spec.read_text()
