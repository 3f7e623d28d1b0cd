"""`make oracles`: every golden template, judged by tools that others wrote. Exits 1 on a finding without an answer.

python -m bench.oracles FOLDER      the folder has the oracles' `python` and `checkov`
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.oracles.answers import answers, stale, unanswered
from bench.oracles.finding import NESTED, Finding, of_cdk, of_checkov, place
from bench.oracles.provider import TOOL as PROVIDER
from bench.oracles.provider import judged
from bench.oracles.provider_tables import rows
from mainstay.formats import cloudformation, terraform

ROOT = Path(__file__).parents[2]
_LIMIT_S = 600


def templates() -> list[Path]:
    """The golden templates, which are those of every blueprint in every environment and region."""
    return sorted((ROOT / "tests" / "golden").glob("*/*/*.template.json"))


def run(argv: Sequence[str | Path], *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A tool's run; findings make its exit code 1, so that is looked for in its report instead."""
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1", "LOG_LEVEL": "ERROR"}
    return subprocess.run(
        argv, cwd=cwd, env={**os.environ, **quiet}, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )


def checkov(bin_: Path, paths: Sequence[Path]) -> set[Finding]:
    """What checkov says; it is told to fetch nothing."""
    argv: list[str | Path] = [
        bin_ / "checkov",
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--compact",
        "--skip-download",
    ]
    done = run([*argv, *(word for path in paths for word in ("--file", path))], cwd=ROOT)
    if not done.stdout.startswith("{"):
        sys.exit(f"checkov wrote no report, exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return of_checkov(done.stdout, paths)


def cdk(bin_: Path, paths: Sequence[Path]) -> set[Finding]:
    """What cdk-nag and the CDK's template check say."""
    stacks = {f"Template{index}": path for index, path in enumerate(paths)}
    with tempfile.TemporaryDirectory() as folder:
        app: list[str | Path] = [bin_ / "python", Path(__file__).with_name("nag_app.py"), folder]
        done = run([*app, *(f"{name}={path}" for name, path in stacks.items())], cwd=Path(folder))
        report = Path(folder, "validation-report.json")
        if not report.exists():
            sys.exit(f"cdk-nag wrote no report, exit code {done.returncode}:\n{done.stderr[-2000:]}")
        return of_cdk(report.read_text(encoding="utf-8"), stacks)


def module(folder: Path) -> dict[str, str]:
    """The Terraform module of a golden case, from its templates."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.template.json"))}
    return terraform.render(cloudformation.read_regions(texts))


def main(bin_: Path) -> int:
    """Ask every tool that can run here, hold what they say against the answers, and print the difference."""
    paths, given, tools = templates(), answers(), ["checkov", PROVIDER]
    findings = checkov(bin_, paths)
    if shutil.which("node"):
        tools += ["cdk-nag", "cdk"]
        findings |= cdk(bin_, paths)
    else:
        print("no Node.js here: cdk-nag and the CDK's template check were not asked", file=sys.stderr)
    # The nested form is CloudFormation's own; a module is made from the whole.
    whole = sorted({path.parent for path in paths if not path.parent.name.endswith(NESTED)})
    modules = {place(folder / "module"): module(folder) for folder in whole}
    site_packages = next(bin_.parent.glob("lib/python*/site-packages"))
    findings |= judged(modules, site_packages) | rows(site_packages)
    lacking, needless = unanswered(findings, given), stale(findings, given, tools)
    for finding in lacking:
        print(f"unanswered  {finding}")
    for answer in needless:
        print(f"stale       {answer}: nothing says this any more; take the answer out")
    print(f"{len(paths)} templates, {', '.join(tools)}: {len(findings)} findings, {len(lacking)} without an answer")
    return int(bool(lacking or needless))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
