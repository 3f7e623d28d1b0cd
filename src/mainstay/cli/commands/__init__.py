"""Every command, in the order in which `mainstay --help` lists them. One file a command, loaded when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Final

COMMANDS: Final = (
    "demo",
    "init",
    "check",
    "plan",
    "synth",
    "deploy",
    "verify",
    "status",
    "drill",
    "restore",
    "failover",
    "destroy",
    "rules",
    "explain",
    "facts",
    "prices",
    "schema",
)

GROUPS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "evidence": ("What drills left, and whether it is as they left it.", ("verify", "show")),
    "generation": (
        "What comes after a swap: the stack's own record of its database, and the generation that was kept.",
        ("reconcile", "discard"),
    ),
    "sandbox": (
        "Real database servers on this machine, behind AWS's own clients.",
        ("up", "down", "status"),
    ),
}


def load(name: str, *, group: str = "") -> Callable[..., None]:
    """The function of a command: from the file of its own name, or from that of its group."""
    command: Callable[..., None] = getattr(importlib.import_module(f"{__name__}.{group or name}"), name)
    return command
