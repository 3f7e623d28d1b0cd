"""The library: one function a command, and the only place that puts the rooms together.

    from pathlib import Path
    from mainstay import api

    result = api.check(Path("database.yaml"))
    assert result.exit_code == 0, result.as_json()

Each function is loaded when it is first named, so that checking a template never pays for AWS's clients,
a driver or a report.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstay.api._check import check
    from mainstay.api._check_all import check_all
    from mainstay.api._compare import compare
    from mainstay.api._demo import demo
    from mainstay.api._deploy import deploy
    from mainstay.api._destroy import destroy
    from mainstay.api._discard import generation_discard
    from mainstay.api._drill import drill, reap
    from mainstay.api._evidence import evidence_show, evidence_verify
    from mainstay.api._facts import facts
    from mainstay.api._failover import failover
    from mainstay.api._fix import fix
    from mainstay.api._generation import restore_verified, undo_restore
    from mainstay.api._init import init
    from mainstay.api._plan import plan
    from mainstay.api._prices import prices
    from mainstay.api._reconcile import generation_files, generation_reconcile
    from mainstay.api._restore import restore
    from mainstay.api._rules import explain, rules
    from mainstay.api._sandbox import sandbox_down, sandbox_status, sandbox_up
    from mainstay.api._schema import schema
    from mainstay.api._self_test import self_test
    from mainstay.api._status import status
    from mainstay.api._synth import synth
    from mainstay.api._takeover import takeover
    from mainstay.api._verify import verify

_ROOMS = {
    "evidence_show": "evidence",
    "evidence_verify": "evidence",
    "explain": "rules",
    "generation_discard": "discard",
    "generation_files": "reconcile",
    "generation_reconcile": "reconcile",
    "reap": "drill",
    "restore_verified": "generation",
    "sandbox_down": "sandbox",
    "sandbox_status": "sandbox",
    "sandbox_up": "sandbox",
    "undo_restore": "generation",
}

__all__ = [
    "check",
    "check_all",
    "compare",
    "demo",
    "deploy",
    "destroy",
    "drill",
    "evidence_show",
    "evidence_verify",
    "explain",
    "facts",
    "failover",
    "fix",
    "generation_discard",
    "generation_files",
    "generation_reconcile",
    "init",
    "plan",
    "prices",
    "reap",
    "restore",
    "restore_verified",
    "rules",
    "sandbox_down",
    "sandbox_status",
    "sandbox_up",
    "schema",
    "self_test",
    "status",
    "synth",
    "takeover",
    "undo_restore",
    "verify",
]


def __getattr__(name: str) -> Any:  # Any: whichever function was named
    if name not in __all__:
        raise AttributeError(f"module 'mainstay.api' has no function '{name}'")
    # Lazy on purpose: see the docstring.
    function = getattr(importlib.import_module(f"mainstay.api._{_ROOMS.get(name, name)}"), name)
    globals()[name] = function
    return function
