"""`mainstay synth` of the blueprint against a CDK app's synthesis of the same stack, and against our construct in one.

The app is the CDK's own work alone: it includes the template that `mainstay synth` has written.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bench.harness import BIN, BLUEPRINT, Command, compare
from mainstay import api

# `make bench` puts it there.
CDK = Path(__file__).parents[1] / ".venv-cdk" / "bin" / "python"
APP = Path(__file__).with_name("cdk_app.py")


def run() -> None:
    """Whole process, Python's start included; goal: at most 0.06 of the CDK's."""
    if not CDK.exists():
        sys.exit("the CDK is not installed here: `make cdk` installs it")
    os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        written = api.synth(BLUEPRINT, out=Path(folder))
        template, out = str(Path(folder) / next(iter(written.files))), str(Path(folder) / "out")
        spec = str(BLUEPRINT)
        ours = Command("mainstay synth SPEC", (str(BIN / "mainstay"), "synth", spec, "--out", folder))
        compare(ours, Command("CDK app, template included", (str(CDK), str(APP), out, "include", template)))
        compare(ours, Command("CDK app, our construct", (str(CDK), str(APP), out, "construct", spec)))
