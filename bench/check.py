"""`mainstay check` of the blueprint, as a spec and as its template, against cfn-lint on that template."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.harness import BIN, BLUEPRINT, Command, compare
from mainstay import api


def run() -> None:
    """Goal: at most 0.15 on the template."""
    with tempfile.TemporaryDirectory() as folder:
        written = api.synth(BLUEPRINT, out=Path(folder))
        template = str(Path(folder) / next(iter(written.files)))
        theirs = Command("cfn-lint TEMPLATE", (str(BIN / "cfn-lint"), template))
        # A finding is an answer too: what is measured is the time to it.
        compare(Command("mainstay check TEMPLATE", (str(BIN / "mainstay"), "check", template), (0, 1)), theirs)
        compare(Command("mainstay check SPEC", (str(BIN / "mainstay"), "check", str(BLUEPRINT)), (0, 1)), theirs)
