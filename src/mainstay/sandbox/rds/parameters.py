"""What may stand in a parameter group as RDS judges it; names, kinds, bounds and formulas are those of the facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from mainstay import facts
from mainstay.facts import ParameterFact
from mainstay.sandbox.rds import faults
from mainstay.sandbox.rds.versions import STAND_IN

BOOLEANS: Final = ("0", "1")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
NUMBERS: Final = ("integer", "real")


def allowed(parameter: ParameterFact) -> str:
    """The allowed values as RDS writes them, or nothing."""
    if parameter.kind == "boolean":
        return ",".join(BOOLEANS)
    if parameter.least is None or parameter.most is None:
        return ""
    return f"{parameter.least:.15g}-{parameter.most:.15g}"


def admits(parameter: ParameterFact, value: str) -> bool:
    """Whether RDS takes this text; a formula is taken as it is."""
    if parameter.kind in NUMBERS:
        return facts.is_formula(value) or _is_within(parameter, value)
    return parameter.kind != "boolean" or value in BOOLEANS


def _is_within(parameter: ParameterFact, value: str) -> bool:
    if not _NUMBER.fullmatch(value) or (parameter.kind == "integer" and "." in value):
        return False
    least, most = parameter.least, parameter.most
    return (least is None or least <= float(value)) and (most is None or float(value) <= most)


@cache
def known_parameters(engine: str = "postgres") -> Mapping[str, ParameterFact]:
    """Every parameter of an engine's families, by name, in order.

    The facts have a selection for MySQL; the rest are the variables of the MariaDB engine that runs in its place.
    """
    names = dict.fromkeys(facts.parameter_names(engine), engine)
    if engine == "mysql":
        names = dict.fromkeys(facts.parameter_names(STAND_IN), STAND_IN) | names
    found = {name: facts.parameter(of, name) for name, of in names.items()}
    return {name: parameter for name, parameter in sorted(found.items()) if parameter is not None}


def engine_of(family: str) -> str:
    """The engine of a parameter group family: `mariadb` of `mariadb10.11`."""
    return family.rstrip(".0123456789")


def require_parameter(family: str, name: str) -> ParameterFact:
    """The parameter, or RDS's refusal of a name that the family does not have."""
    engine = engine_of(family)
    found = known_parameters(engine).get(name)
    if found is None and facts.is_of_extension(engine, name):
        return ParameterFact(name=name, engine=engine, kind="string")
    if found is None:
        raise faults.invalid_value(f"Could not find parameter with name: {name}")
    return found


def evaluate(value: str, variables: Mapping[str, int]) -> str:
    """A parameter's value with its formula worked out: `{DBInstanceClassMemory/32768}` becomes a number of pages.

    ValueError when it is meant as a formula and is none, or needs a variable that is not given.
    """
    if not facts.is_formula(value):
        return value
    number = facts.evaluate(value, variables)
    if number is None:
        raise ValueError(f"'{value}' needs more than the sandbox knows: {', '.join(variables)}")
    return str(number)
