"""Every way out of the command line is a documented exit code, and `--json` stays one document."""

from __future__ import annotations

import json

import pytest

from mainstay import api, cli
from mainstay.core.errors import Busy, MainstayError


def test_an_unknown_option_is_refused_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--nope"]) == 2
    assert "--nope" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("mainstay 0.")


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 2
    told = capsys.readouterr()
    assert "drill" in told.out + told.err


def test_a_refused_file_is_told_to_a_person_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "nowhere.yaml"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "no such file" in told.err
    assert "hint" in told.err


def test_with_json_the_error_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "nowhere.yaml", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["kind"] == "InputRefused"
    assert document["error"]["exit_code"] == 2


def stop_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(api, "check", fail, raising=False)
    return cli.run(["check", "x.yaml"])


def test_each_kind_of_stop_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stop_with(monkeypatch, Busy("held")) == 5
    assert stop_with(monkeypatch, MainstayError("odd")) == 70
    assert stop_with(monkeypatch, KeyboardInterrupt()) == 130


def test_a_bug_is_confessed_and_can_be_traced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MAINSTAY_DEBUG", raising=False)
    assert stop_with(monkeypatch, ZeroDivisionError("by zero")) == 70
    quiet = capsys.readouterr().err
    assert "MAINSTAY_DEBUG=1" in quiet
    assert "Traceback" not in quiet
    monkeypatch.setenv("MAINSTAY_DEBUG", "1")
    assert stop_with(monkeypatch, ZeroDivisionError("by zero")) == 70
    assert "Traceback" in capsys.readouterr().err
