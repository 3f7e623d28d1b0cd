"""What `mainstay check` says of both twins of a case, in process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bench.checks.case import Case
from bench.checks.saying import CLOUDFORMATION, OURS, Outcome, Saying, outcome
from bench.checks.terraform_form import NotHeld, twins_of
from mainstay import api


def outcome_in(form: str, case: Case, folder: Path, today: date) -> Outcome:
    """What we make of a case in one form; the twins are written into the folder."""
    try:
        twins = case.twins if form == CLOUDFORMATION else twins_of(case).plans
    except NotHeld as error:
        return Outcome(reason=str(error))
    said = {twin: sayings(tree, folder / f"{twin}.json", today) for twin, tree in twins.items()}
    return outcome(OURS, said["healthy"], said["defect"])


def sayings(tree: Mapping[str, Any], path: Path, today: date) -> list[Saying]:  # Any: JSON
    """All findings of a file, whatever their severity."""
    path.write_text(json.dumps(tree), encoding="utf-8")
    found = api.check(path, today=today).findings
    return [Saying(one.severity.value, one.id, one.subject.rpartition(".")[2]) for one in found]
