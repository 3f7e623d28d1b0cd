"""`mainstay check` against cfn-lint: of the blueprint, as a spec and as its template, and of 60 resources."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench.checks.case import cases
from bench.checks.joined import joined
from bench.harness import BIN, BLUEPRINT, Command, Comparison, compare
from mainstay import api


def run() -> None:
    """Goal: at most 0.15 on the templates."""
    sixty()
    with tempfile.TemporaryDirectory() as folder:
        written = api.synth(BLUEPRINT, out=Path(folder))
        template = str(Path(folder) / next(iter(written.files)))
        theirs = Command("cfn-lint TEMPLATE", (str(BIN / "cfn-lint"), template))
        # A finding is an answer too: what is measured is the time to it.
        compare(Command("mainstay check TEMPLATE", (str(BIN / "mainstay"), "check", template), (0, 1)), theirs)
        compare(Command("mainstay check SPEC", (str(BIN / "mainstay"), "check", str(BLUEPRINT)), (0, 1)), theirs)


def sixty() -> Comparison:
    """A template of 60 resources out of healthy twins of the corpus, whole process."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "sixty.json"
        source.write_text(json.dumps(joined(cases()), indent=1), encoding="utf-8")
        # Findings and warnings are answers too: what is measured is the time to them.
        argv = (sys.executable, "-m", "mainstay", "check", str(source))
        ours = Command("mainstay check of 60 resources", argv, (0, 1))
        theirs = Command("cfn-lint of 60 resources", (str(BIN / "cfn-lint"), str(source)), tuple(range(16)))
        return compare(ours, theirs)
