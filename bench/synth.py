"""`mainstay synth` of the blueprint against cfn-lint reading the result, until there is a CDK construct to compare."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.harness import BIN, BLUEPRINT, Command, compare
from mainstay import api


def run() -> None:
    """Whole process, Python's start included."""
    with tempfile.TemporaryDirectory() as folder:
        written = api.synth(BLUEPRINT, out=Path(folder))
        template = str(Path(folder) / next(iter(written.files)))
        compare(
            Command("mainstay synth SPEC", (str(BIN / "mainstay"), "synth", str(BLUEPRINT), "--out", folder)),
            Command("cfn-lint TEMPLATE", (str(BIN / "cfn-lint"), template)),
        )
