"""`make compare`: the corpus, shown to `mainstay check` and to four other linters in one run.

python -m bench.checks ORACLES NODE      ORACLES has checkov's program, NODE the folder `node_modules`
python -m bench.checks                   `mainstay check` alone; of the others the results are kept

Writes `results.json`, and from it docs/checks-compared.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import mainstay
from bench.check import sixty
from bench.checks import measured, others, own, page, results
from bench.checks.case import Case, cases
from bench.checks.results import Results
from bench.checks.saying import CLOUDFORMATION, FORMS, OURS, TERRAFORM, Outcome, outcome
from bench.checks.terraform_form import NotHeld, twins_of


def written(found: Sequence[Case], folder: Path) -> dict[str, Path]:
    """Both twins of every case in a folder for each form, as `<part>.<slug>.<twin>.json`."""
    folders = {form: folder / form for form in FORMS}
    for one in folders.values():
        one.mkdir()
    for case in found:
        forms = {CLOUDFORMATION: case.twins}
        try:
            forms[TERRAFORM] = twins_of(case).plans
        except NotHeld as error:
            print(f"not in Terraform: {case.name}: {error}")
        for form, twins in forms.items():
            for twin, tree in twins.items():
                (folders[form] / _file(case, twin)).write_text(json.dumps(tree, indent=1), encoding="utf-8")
    return folders


def _file(case: Case, twin: str) -> str:
    return f"{case.part}.{case.slug}.{twin}.json"


def judged(tool: str, said: others.Sayings, found: Sequence[Case]) -> dict[str, Outcome]:
    """The outcome of each case whose twins a tool was shown."""
    return {
        case.name: outcome(tool, said[_file(case, "healthy")], said[_file(case, "defect")])
        for case in found
        if _file(case, "healthy") in said
    }


def ours(found: Sequence[Case], today: date, folder: Path) -> dict[tuple[str, str], Mapping[str, Outcome]]:
    """What `mainstay check` makes of every case."""
    return {(OURS, form): {case.name: own.outcome_in(form, case, folder, today) for case in found} for form in FORMS}


def theirs(
    found: Sequence[Case], oracles: Path, node: Path, folder: Path
) -> dict[tuple[str, str], Mapping[str, Outcome]]:
    """What the others make of every case, each in the forms that it reads."""
    folders = written(found, folder)
    templates = folders[CLOUDFORMATION]
    said = {
        ("cfn-lint", CLOUDFORMATION): others.cfn_lint(templates),
        ("checkov", CLOUDFORMATION): others.checkov(oracles, "cloudformation", templates),
        ("checkov", TERRAFORM): others.checkov(oracles, "terraform_plan", folders[TERRAFORM]),
    }
    for tool, sayings in others.cdk(node, templates, folder / "cdk.out").items():
        said[tool, CLOUDFORMATION] = sayings
    return {(tool, form): judged(tool, sayings, found) for (tool, form), sayings in said.items()}


def main(*tools: Path) -> None:
    """Ask every tool, or ourselves alone, keep what was said, and write the page."""
    found = cases()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if tools:
            oracles, node = tools
            site_packages = next(oracles.parent.glob("lib/python*/site-packages"))
            measured.save(measured.measured(found, sixty(), site_packages))
            run = Results(
                date=datetime.now(UTC).date(),
                versions={OURS: mainstay.__version__, **others.versions(oracles, node)},
                digests={case.name: case.digest for case in found},
                table=theirs(found, oracles, node, folder),
            )
        else:
            run = results.load()
        # Ours are as of the same day, so that a version that has left since makes no difference.
        results.save(replace(run, table={**run.table, **ours(found, run.date, folder)}))
    page.main()
    print(page.summary(results.load(), found))


if __name__ == "__main__":
    main(*(Path(word).absolute() for word in sys.argv[1:]))
