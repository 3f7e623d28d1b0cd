"""Every way out of the command line is a documented exit code, and `--json` stays one document."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mainstay import api, cli
from mainstay.core.errors import Busy, MainstayError

SOURCE = Path(__file__).parents[2] / "src"


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "Did you mean 'check'?"),
        (["check", "--nope"], "No such option: --nope"),
        (["plan", "a", "b"], "unexpected extra argument"),
        (["check", "--fail-on", "terrible"], "'terrible' is not one of"),
        (["demo", "--seconds", "x"], "--seconds"),
        (["sandbox", "sideways"], "No such command 'sideways'"),
    ],
)
def test_with_json_misuse_is_one_document(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*arguments, "--json"]) == 2
    told = capsys.readouterr()
    error = json.loads(told.out)["error"]
    assert error["kind"] == "InputRefused"
    assert said in error["detail"]
    assert "--help" in error["hint"]
    assert "arguments not understood" in told.err


@pytest.mark.parametrize(
    ("stop", "kind", "code"),
    [(KeyboardInterrupt(), "Interrupted", 130), (ZeroDivisionError("by zero"), "MainstayError", 70)],
)
def test_with_json_a_stop_of_any_kind_is_one_document(
    stop: BaseException, kind: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stop_with(monkeypatch, stop, "--json") == code
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["kind"], error["exit_code"]) == (kind, code)


def test_sigterm_stops_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def be_ended(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr(api, "check", be_ended, raising=False)
    assert cli.run(["check", "x.yaml"]) == 130
    assert "run the same command again" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_refused_spec_tells_each_fault_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("nmae: shop\n", encoding="utf-8")
    assert cli.run(["check", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.count("nmae: there is no such key here.") == 1
    assert "5 faults" in told


def test_a_name_that_no_encoding_has_is_still_told(tmp_path: Path) -> None:
    name = os.fsdecode(b"b\xffd.yaml")
    done = subprocess.run(
        [sys.executable, "-c", "from mainstay.cli import main; main()", "check", name, "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["detail"] == f"{name} does not exist."
    assert "b\\udcffd.yaml" in done.stderr


@pytest.mark.parametrize("seconds", ["nan", "0.5", "601", "-1"])
def test_a_demo_writes_for_a_time_that_can_be(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--seconds", seconds]) == 2
    assert "1 to 600" in capsys.readouterr().err


def stop_with(monkeypatch: pytest.MonkeyPatch, error: BaseException, *options: str) -> int:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(api, "check", fail, raising=False)
    return cli.run(["check", "x.yaml", *options])


def test_each_kind_of_stop_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stop_with(monkeypatch, Busy("held")) == 5
    assert stop_with(monkeypatch, MainstayError("odd")) == 70
    assert stop_with(monkeypatch, KeyboardInterrupt()) == 130


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOTDIR])
def test_a_place_that_cannot_be_written_is_no_bug(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stop_with(monkeypatch, OSError(number, os.strerror(number), "/full/place")) == 6
    told = capsys.readouterr().err
    assert f"/full/place: {os.strerror(number)}." in told
    assert stop_with(monkeypatch, OSError(errno.EBADF, "Bad file descriptor")) == 70


def test_a_sandbox_where_a_file_stands_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".mainstay").write_text("mine", encoding="utf-8")
    assert cli.run(["sandbox", "up"]) == 6
    assert ".mainstay" in capsys.readouterr().err
    assert Path(".mainstay").read_text(encoding="utf-8") == "mine"


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
