"""One engine setting: from a share, a size, a duration or a number to the text RDS takes.

RDS takes whole numbers without a unit, each parameter in a unit of its own: 1048576 means 1 MiB in one and 8 GiB in
another. So a bare number is refused wherever a unit decides, and the message says what it would have meant.
"""

from __future__ import annotations

import re
from typing import Final

from mainstay import facts
from mainstay.core.naming import nearest
from mainstay.core.units import Bytes, Duration, Share

_MILLISECONDS: Final = {"ms": 1, "s": 1000}
_WITH_UNIT: Final = re.compile(r"\s*\d[\d.]*\s*(%|B|[KMGT]i?B?|ms|s|m|h|d)\s*", re.IGNORECASE)
_TRUE: Final = ("1", "on", "true", "yes")
_FALSE: Final = ("0", "off", "false", "no")
# The table of names is complete for this major; another one may have a parameter that it lacks.
_COMPLETE_FOR: Final = "17"


def compiled(engine: str, version: str, name: str, value: float | str, memory: Bytes) -> str:
    """The text for RDS; ValueError says in `detail; hint` what is wrong. `memory` is the class's, to try formulas."""
    fact = facts.parameter(engine, name)
    if fact is None:
        return _unknown(engine, version, name, value)
    if isinstance(value, str) and facts.is_formula(value):
        return _bounded(fact, value, facts.evaluate(value, {"DBInstanceClassMemory": memory}) if memory else None)
    if fact.kind == "boolean" or isinstance(value, bool):
        return _switch(fact, value)
    if fact.unit_bytes:
        return _size(fact, value, memory)
    return _time(fact, value) if fact.unit in _MILLISECONDS else _plain(fact, value)


def _unknown(engine: str, version: str, name: str, value: float | str) -> str:
    # Parameters of extensions (`pg_stat_statements.max`) and of RDS itself have a dot and stand in no list.
    if "." not in name and facts.major_of(engine, version) == _COMPLETE_FOR:
        near = nearest(name, facts.parameter_names(engine))
        hint = f"did you mean {near}?" if near else "look it up in the engine's manual"
        raise ValueError(f"{engine} {_COMPLETE_FOR} has no such parameter; {hint}")
    if isinstance(value, str) and _WITH_UNIT.fullmatch(value):
        raise ValueError(
            f"the unit in which {name} counts is not in the tables, and RDS takes no '{value}'; "
            "write a bare number in the unit of the engine's manual"
        )
    return str(int(value)) if isinstance(value, bool) else str(value)


def _switch(fact: facts.ParameterFact, value: float | str) -> str:
    if fact.kind not in ("boolean", "enum", "string"):
        raise ValueError(f"{fact.name} is no switch; write its value")
    text = str(value).lower()
    if text in _TRUE:
        return "1" if fact.kind == "boolean" else "on"
    if text in _FALSE:
        return "0" if fact.kind == "boolean" else "off"
    raise ValueError(f"{fact.name} is a switch, and '{value}' is neither on nor off; write true or false")


def _size(fact: facts.ParameterFact, value: float | str, memory: Bytes) -> str:
    unit = fact.unit_bytes or 1
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return _share(fact, Share.parse(value), unit, memory)
    if isinstance(value, str):
        size = Bytes.parse(value)
        if size % unit:
            raise ValueError(f"{size} is not a whole number of {Bytes(unit)}, in which {fact.name} counts; round it")
        return _bounded(fact, str(size // unit), size // unit)
    if value in (-1, 0):  # off, or the engine's own choice: no size
        return _bounded(fact, str(value), value)
    meant = Bytes(int(value) * unit)
    raise ValueError(f"{value} without a unit would count {Bytes(unit)} each, {meant} in all; write the size you mean")


def _share(fact: facts.ParameterFact, share: Share, unit: int, memory: Bytes) -> str:
    if not share:
        raise ValueError("0% of the memory is nothing; write more than 0%")
    # A formula instead of a number follows the class when it changes; RDS works it off from left to right in whole
    # numbers (RDS User Guide, USER_ParamValuesRef, 2026-11-20), so the multiplication comes first.
    factor = "" if share.numerator == 1 else f"*{share.numerator}"
    formula = f"{{DBInstanceClassMemory{factor}/{share.denominator * unit}}}"
    return _bounded(fact, formula, facts.evaluate(formula, {"DBInstanceClassMemory": memory}) if memory else None)


def _time(fact: facts.ParameterFact, value: float | str) -> str:
    unit = _MILLISECONDS[fact.unit or ""]
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d{1,12})\s*ms\s*", value)
        milliseconds = int(found[1]) if found else Duration.parse(value) * 1000
        if fact.kind == "real":
            return _bounded(fact, f"{milliseconds / unit:g}", milliseconds / unit)
        if milliseconds % unit:
            raise ValueError(f"{value} is not a whole number of seconds, in which {fact.name} counts; round it")
        return _bounded(fact, str(milliseconds // unit), milliseconds // unit)
    if value in (-1, 0):
        return _bounded(fact, str(value), value)
    raise ValueError(f"{value} without a unit would count {fact.unit}; write {value:g}{fact.unit}")


def _plain(fact: facts.ParameterFact, value: float | str) -> str:
    if fact.kind not in ("integer", "real"):
        if fact.values and str(value) not in fact.values:
            raise ValueError(f"{fact.name} has no value '{value}'; use one of {', '.join(fact.values)}")
        return str(value)
    try:
        number = float(value) if fact.kind == "real" else int(str(value))
    except ValueError as error:
        what = "number" if fact.kind == "real" else "whole number without a unit"
        raise ValueError(f"{fact.name} takes a {what}, not '{value}'; write digits") from error
    return _bounded(fact, str(value), number)


def _bounded(fact: facts.ParameterFact, text: str, number: float | None) -> str:
    low, high = fact.least, fact.most
    if number is not None and ((low is not None and number < low) or (high is not None and number > high)):
        unit = f" (counted in {fact.unit})" if fact.unit else ""
        raise ValueError(f"{number:g} is outside {_shown(low, high)} of {fact.name}{unit}; choose a value between them")
    return text


def _shown(low: float | None, high: float | None) -> str:
    return f"{'-∞' if low is None else f'{low:g}'} to {'∞' if high is None else f'{high:g}'}"
