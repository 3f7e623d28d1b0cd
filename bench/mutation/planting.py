"""Put a mutant into modules that are loaded already, under everybody who holds something of theirs.

Loading the rules anew for each mutant would take longer than the tests. So the changed code is run in the namespace of
its own module, and what others took from there is changed where it is: functions get the new code, records the new
values; what is neither is exchanged by name.
"""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any


def plant(module: ModuleType, code: CodeType, holders: tuple[str, ...]) -> None:
    """Run the changed code of a module, for it and for the modules whose names begin with one of `holders`.

    Whatever the code raises comes through: a file that cannot be loaded. There is no way back but to end the process.
    """
    names: dict[str, Any] = vars(module)  # Any: whatever a module holds
    before = dict(names)
    exec(code, names)  # our own source
    for name, was in before.items():
        now = names[name]
        if now is was or name.startswith("__"):
            continue
        if _graft(was, now):
            names[name] = was
        else:
            _exchange(name, was, now, holders)


def _graft(was: object, now: object) -> bool:
    """Make the old one as the new one is, if it is of a kind for which that can be done."""
    was, now = getattr(was, "__wrapped__", was), getattr(now, "__wrapped__", now)
    if isinstance(was, FunctionType) and isinstance(now, FunctionType):
        was.__code__, was.__defaults__, was.__kwdefaults__ = now.__code__, now.__defaults__, now.__kwdefaults__
        return True
    if isinstance(was, type) and isinstance(now, type):
        for name, member in vars(now).items():
            old = vars(was).get(name)
            _graft(getattr(old, "fget", old), getattr(member, "fget", member))
        return True
    if is_dataclass(was) and not isinstance(was, type) and type(was).__qualname__ == type(now).__qualname__:
        for each in fields(was):
            object.__setattr__(was, each.name, getattr(now, each.name))  # records are frozen
        return True
    return False


def _exchange(name: str, was: object, now: object, holders: tuple[str, ...]) -> None:
    for other, module in list(sys.modules.items()):
        if other.startswith(holders) and vars(module).get(name) is was:
            setattr(module, name, now)
