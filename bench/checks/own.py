"""What `mainstay check` says of both twins of a case, in process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bench.checks.case import Case
from bench.checks.saying import CLOUDFORMATION, OURS, TERRAFORM, Outcome, Saying, outcome
from bench.checks.terraform_form import NotHeld, twins_of
from mainstay import api


def outcomes(case: Case, folder: Path, today: date) -> dict[str, Outcome]:
    """Both forms; the twins are written into the folder."""
    return {CLOUDFORMATION: _outcome(case.twins, folder, today), TERRAFORM: _of_terraform(case, folder, today)}


def _of_terraform(case: Case, folder: Path, today: date) -> Outcome:
    try:
        plans = twins_of(case).plans
    except NotHeld as error:
        return Outcome(reason=str(error))
    return _outcome(plans, folder, today)


def _outcome(twins: Mapping[str, Mapping[str, Any]], folder: Path, today: date) -> Outcome:  # Any: JSON
    said = {twin: sayings(tree, folder / f"{twin}.json", today) for twin, tree in twins.items()}
    return outcome(OURS, said["healthy"], said["defect"])


def sayings(tree: Mapping[str, Any], path: Path, today: date) -> list[Saying]:  # Any: JSON
    """All findings of a file, whatever their severity."""
    path.write_text(json.dumps(tree), encoding="utf-8")
    found = api.check(path, today=today).findings
    return [Saying(one.severity.value, one.id, one.subject.rpartition(".")[2]) for one in found]
