"""The rule of a composite alarm: alarms by name in a state, joined by AND, OR and NOT.

Grammar: CloudWatch API reference, PutCompositeAlarm, AlarmRule (not re-read). AND binds closer than OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_TOKEN: Final = re.compile(r"""\s*(?:([()])|"([^"]*)"|'([^']*)'|([^\s()"']+))""")
_STATES: Final = ("ALARM", "OK", "INSUFFICIENT_DATA")
LONGEST: Final = 10_240
# Our own bound: no person writes a rule that nests deeper, and reading one goes as deep as it does.
_DEEPEST: Final = 100

StateOf = Callable[[str], str]


class RuleFault(ValueError):
    """What is wrong with a rule."""


def alarms_in(rule: str) -> list[str]:
    """The names of the alarms that a rule asks, in the order of the text. RuleFault when it cannot be read."""
    named: list[str] = []

    def note(name: str) -> str:
        named.append(name)
        return "OK"

    holds(rule, note)
    return list(dict.fromkeys(named))


def holds(rule: str, state_of: StateOf) -> bool:
    """Whether the rule is true, by the state of each alarm it names. RuleFault when it cannot be read."""
    reading = _Reading(rule, state_of)
    found = reading.either()
    if reading.has_more:
        raise RuleFault(f"unexpected '{reading.here}'")
    return found


class _Reading:
    """A descent through the tokens of one rule; both sides of AND and OR are always read."""

    def __init__(self, rule: str, state_of: StateOf) -> None:
        # A quoted name keeps its quote in front, so that an alarm called OR is no operator.
        self._tokens = ['"' + (quoted or single) if quoted or single else sign or plain
                        for sign, quoted, single, plain in _TOKEN.findall(rule)]  # fmt: skip
        self._at = 0
        self._depth = 0
        self._state_of = state_of

    @property
    def has_more(self) -> bool:
        """Whether anything is left to read."""
        return self._at < len(self._tokens)

    @property
    def here(self) -> str:
        """The token that comes next; empty at the end."""
        return self._tokens[self._at] if self.has_more else ""

    def either(self) -> bool:
        """A whole rule, or what stands in parentheses."""
        found = self._all_of()
        while self.here == "OR":
            self._next()
            right = self._all_of()
            found = found or right
        return found

    def _all_of(self) -> bool:
        found = self._one()
        while self.here == "AND":
            self._next()
            right = self._one()
            found = found and right
        return found

    def _one(self) -> bool:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RuleFault(f"it nests deeper than {_DEEPEST}")
        found = self._inner()
        self._depth -= 1
        return found

    def _inner(self) -> bool:
        word = self._next()
        if word == "NOT":
            return not self._one()
        if word == "(":
            found = self.either()
            self._expect(")")
            return found
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if word in _STATES:
            self._expect("(")
            name = self._next()
            self._expect(")")
            return self._state_of(name.removeprefix('"')) == word
        raise RuleFault(f"'{word}' is neither a state, TRUE, FALSE, NOT nor a parenthesis")

    def _next(self) -> str:
        word, self._at = self.here, self._at + 1
        if not word:
            raise RuleFault("it ends too early")
        return word

    def _expect(self, wanted: str) -> None:
        if self._next() != wanted:
            raise RuleFault(f"a '{wanted}' is missing")
