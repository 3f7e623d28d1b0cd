"""What the other tools say: each reads every file in one process, and its report is read here.

cfn-lint, cdk-nag and cdk-preflight read CloudFormation only; checkov reads templates and plans of Terraform.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.checks.saying import Saying
from bench.harness import BIN

_LIMIT_S: Final = 900
_SCRIPT: Final = Path(__file__).with_name("validate.js")
_LEVELS: Final = {"Error": "error", "Warning": "warning", "Informational": "info"}
# The plugins of the CDK's report. Who has cdk-preflight has the CDK's own check of templates too, and it leaves to that
# what that knows already.
_PLUGINS: Final = {
    "AwsSolutions": "cdk-nag",
    "cdk-preflight": "cdk-preflight",
    "CloudFormation Validate": "cdk-preflight",
}

Sayings = dict[str, list[Saying]]
"""By the file's name, `<part>.<slug>.<twin>.json`."""


class ReportNotUnderstood(Exception):
    """A report that does not show that the tool has looked at every file."""


def cfn_lint(folder: Path) -> Sayings:
    """With its default rules, which leave its informational ones out."""
    text = _run([BIN / "cfn-lint", "--format", "json", "--", *sorted(folder.glob("*.json"))], cwd=folder)
    return of_cfn_lint(text, _names(folder))


def of_cfn_lint(text: str, names: Sequence[str]) -> Sayings:
    """Its report in JSON."""
    said: Sayings = {name: [] for name in names}
    for one in json.loads(text):
        path = one["Location"]["Path"] or []
        place = path[1] if path[:1] == ["Resources"] and len(path) > 1 else ""
        said[Path(one["Filename"]).name].append(Saying(_LEVELS[one["Level"]], one["Rule"]["Id"], str(place)))
    return said


def checkov(bin_: Path, framework: str, folder: Path) -> Sayings:
    """All its checks; it is told to fetch nothing."""
    words = ["--framework", framework, "--output", "json", "--compact", "--skip-download", "--directory"]
    return of_checkov(_run([bin_ / "checkov", *words, folder], cwd=folder), _names(folder))


def of_checkov(text: str, names: Sequence[str]) -> Sayings:
    """Its report; a file of which it says neither good nor bad is one that it has not read."""
    report: Any = json.loads(text)  # Any: another tool's report
    said: Sayings = {name: [] for name in names}
    for one in report["results"]["failed_checks"]:
        said[Path(one["file_path"]).name].append(Saying("failed", one["check_id"], one["resource"].rpartition(".")[2]))
    read = {Path(one["file_path"]).name for kind in report["results"].values() for one in kind if "file_path" in one}
    if report["summary"]["parsing_errors"] or set(names) - read:
        raise ReportNotUnderstood(f"checkov has not read {', '.join(sorted(set(names) - read)) or 'every file'}")
    return said


def cdk(modules: Path, folder: Path, out: Path) -> Mapping[str, Sayings]:
    """cdk-nag's AwsSolutions pack and cdk-preflight over an app with one stack a template."""
    templates = sorted(folder.glob("*.json"))
    text = _run(["node", _SCRIPT, out, *templates], cwd=modules, NODE_PATH=str(modules / "node_modules"))
    report = out / "validation-report.json"
    return of_cdk(report.read_text(encoding="utf-8"), json.loads(text), [path.name for path in templates])


def of_cdk(text: str, refused: Mapping[str, str], names: Sequence[str]) -> Mapping[str, Sayings]:
    """The CDK's validation report. A template that the CDK cannot even include is refused, which is a finding too."""
    plugins: Any = json.loads(text)["pluginReports"]  # Any: another tool's report
    if lacking := set(_PLUGINS) - {plugin["pluginName"] for plugin in plugins}:
        raise ReportNotUnderstood(f"{', '.join(sorted(lacking))} has not looked at the templates")
    said: dict[str, Sayings] = {tool: {name: [] for name in names} for tool in _PLUGINS.values()}
    for plugin in plugins:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                stack, _, path = construct["constructPath"].partition("/")
                name = names[int(stack.removeprefix("Template"))]
                id_ = violation["ruleName"].removeprefix("AwsSolutions-")
                one = Saying(violation["severity"], id_, path.rpartition("/")[2])
                said[_PLUGINS[plugin["pluginName"]]][name].append(one)
    for name in refused:
        for sayings in said.values():
            sayings[Path(name).name].append(Saying("error", "refused", ""))
    return said


def versions(bin_: Path, modules: Path) -> dict[str, str]:
    """Which tools were asked."""
    cdk_nag, preflight, library = (_version(modules, name) for name in ("cdk-nag", "cdk-preflight", "aws-cdk-lib"))
    return {
        "cfn-lint": _run([BIN / "cfn-lint", "--version"], cwd=modules).split()[-1],
        "checkov": _run([bin_ / "checkov", "--version"], cwd=modules).split()[-1],
        "cdk-nag": f"{cdk_nag}, AwsSolutions",
        "cdk-preflight": f"{preflight}, with aws-cdk-lib {library}",
    }


def _version(modules: Path, name: str) -> str:
    package = modules / "node_modules" / name / "package.json"
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])


def _names(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.glob("*.json"))]


def _run(argv: Sequence[str | Path], *, cwd: Path, **variables: str) -> str:
    """What a tool prints; findings make its exit code another than 0, so its report is looked at instead."""
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1", "LOG_LEVEL": "ERROR", **variables}
    done = subprocess.run(
        argv, cwd=cwd, env={**os.environ, **quiet}, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    if not done.stdout.strip():
        sys.exit(f"{argv[0]} wrote no report, exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout
