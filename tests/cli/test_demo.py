"""The demo for real: proven and gone, also when Ctrl-C comes while it takes things down."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from mainstay import api, cli, sandbox
from mainstay.cli.progress import ConsoleProgress
from mainstay.cli.views.demo import demo_view
from mainstay.core.errors import EnvironmentLacking

pytestmark = pytest.mark.xdist_group("cli-demo")

SOURCE = Path(__file__).parents[2] / "src"
MAIN = [sys.executable, "-c", "from mainstay.cli import main; main()"]


def start(directory: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*MAIN, "demo", "--seconds", "1"],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def processes_below(directory: Path) -> list[str]:
    return [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline"])
        if any(str(directory) in argument for argument in process.info["cmdline"] or ())
    ]


def test_the_demo_proves_its_restore_and_leaves_only_what_it_shows(tmp_path: Path) -> None:
    told, shown = io.StringIO(), tmp_path / "shown here"
    progress = ConsoleProgress(Console(file=told, soft_wrap=True))
    result = api.demo(out=shown, seconds=1, progress=progress)
    document = json.loads(json.dumps(result.as_json()))
    assert (result.exit_code, document["drill"]["verdict"]["word"]) == (0, "PROVEN")
    assert list(document["seconds"]) == ["design", "compile", "deploy", "verify", "disaster", "drill", "take down"]
    assert "DISASTER: table" in told.getvalue()
    assert sorted(path.name for path in shown.iterdir()) == ["evidence", "shop-dev.eu-central-1.template.json"]
    assert processes_below(tmp_path) == []

    answer = io.StringIO()
    demo_view(Console(file=answer, soft_wrap=True), result)
    assert "PROVEN  the database of postgres-ecommerce was restored" in answer.getvalue()
    assert "sandbox" in answer.getvalue()
    for name in ("evidence_file", "report_file"):
        assert Path(document["drill"][name]).is_file()
        assert document["drill"][name] in answer.getvalue()


def test_a_place_that_cannot_be_written_stops_the_demo_before_any_server(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(EnvironmentLacking, match="cannot be written") as refused:
        api.demo(out=tmp_path / "taken")
    assert "another directory" in refused.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_ctrl_c_while_it_takes_things_down_still_takes_them_down(tmp_path: Path) -> None:
    sandbox.up(tmp_path / "mainstay-demo" / "sandbox")  # as a demo that was killed leaves it
    demo = start(tmp_path)
    assert demo.stderr
    said = []
    for line in demo.stderr:
        said.append(line)
        if "[7/7]" in line:
            demo.send_signal(signal.SIGINT)
            break
    out, rest = demo.communicate(timeout=60)
    assert demo.returncode == 130, rest
    assert "PROVEN" not in out
    assert "a sandbox of an earlier demo is still there" in "".join(said)
    assert "nothing is left" in "".join(said) + rest
    assert not (tmp_path / "mainstay-demo" / "sandbox").exists()
    assert processes_below(tmp_path) == []


def test_a_blueprint_for_another_engine_is_refused_before_anything_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo"
    assert cli.run(["demo", "--blueprint", "mysql-proxy", "--out", str(out)]) == 2
    assert "for mysql" in capsys.readouterr().err
    assert not out.exists()
