"""The demo for real, in a process of its own: proven and gone, also when Ctrl-C comes while it takes things down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.xdist_group("cli-demo")

SOURCE = Path(__file__).parents[2] / "src"
MAIN = [sys.executable, "-c", "from mainstay.cli import main; main()"]


def start(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*MAIN, "demo", "--seconds", "1", *arguments],
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
    demo = start(tmp_path, "--json", "--out", "shown here")
    out, err = demo.communicate(timeout=120)
    assert demo.returncode == 0, err
    document = json.loads(out)
    assert document["drill"]["verdict"]["word"] == "PROVEN"
    assert list(document["seconds"]) == ["design", "compile", "deploy", "verify", "disaster", "drill", "take down"]
    assert "DISASTER: table" in err
    shown = tmp_path / "shown here"
    assert sorted(path.name for path in shown.iterdir()) == ["evidence", "shop-dev.eu-central-1.template.json"]
    assert all((tmp_path / document["drill"][name]).is_file() for name in ("evidence_file", "report_file"))
    assert processes_below(tmp_path) == []


def test_ctrl_c_while_it_takes_things_down_still_takes_them_down(tmp_path: Path) -> None:
    killed = start(tmp_path)
    assert killed.stderr
    for line in killed.stderr:
        if "[4/7]" in line:
            break
    killed.kill()
    killed.communicate(timeout=30)
    assert (tmp_path / "mainstay-demo" / "sandbox").is_dir()

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
