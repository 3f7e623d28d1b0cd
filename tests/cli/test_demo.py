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
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb

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


MARIADB = """
name: maria
region: eu-central-1
project: maria
cost_center: "1000"
database: {engine: mariadb, version: "10.11", class: db.t4g.small, name: shop}
storage: {size: 20 GiB}
credentials: {username: owner}
network: {cidr: 10.4.0.0/16}
protection: {backups: {keep: 1d}, deletion_protection: false, on_delete: destroy}
drill:
  every: 7d
  checks:
    - {name: orders are there, sql: SELECT 1 FROM orders LIMIT 1, rows: 1}
    - {name: table of nobody, sql: SELECT 1 FROM somewhere_else, rows: 1}
alerts: {subscribers: [ops@example.com]}
environments: {dev: {profile: dev}}
"""


def test_a_spec_of_ones_own_for_mariadb_is_proven(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        find_mariadb(identity=engine_identity())
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    spec = tmp_path / "database.yaml"
    spec.write_text(MARIADB, encoding="utf-8")
    assert cli.run(["demo", "--blueprint", str(spec), "--out", str(tmp_path / "demo"), "--seconds", "1", "--json"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document["drill"]["verdict"]["level"] == "P5"
    assert document["drill"]["evidence"]["source"]["engine_build"].startswith("MariaDB ")
    assert "left out, because the demo's shop does not answer it: table of nobody" in said.err
    assert processes_below(tmp_path) == []


def test_a_spec_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--blueprint", str(tmp_path / "none.yaml"), "--out", str(tmp_path / "demo")]) == 2
    assert "none.yaml" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()
