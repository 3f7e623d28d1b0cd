"""DB026: a parameter value that RDS refuses: with a unit, out of bounds, no number, a formula that is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.naming import nearest
from mainstay.plan.plan import Plan
from mainstay.plan.resources import ParameterGroup
from mainstay.plan.values import Ref

_UNITS = {"k": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_WHOLE = ("postgres", "mariadb")


def _bad() -> Plan:
    """work_mem = 16MB"""
    return plan_of(database(parameter_group=Ref("Settings")), settings(work_mem="16MB"))


def _good() -> Plan:
    """work_mem = 64, the least that PostgreSQL takes, in KiB"""
    return plan_of(database(parameter_group=Ref("Settings")), settings(work_mem="64"))


@rule(
    id="DB026",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="RDS refuses a parameter's value",
    source="RDS User Guide, USER_ParamValuesRef; PostgreSQL 17.10 --describe-config (2026-11-20)",
    applies_to=(ParameterGroup,),
    field="parameters",
    bad=_bad,
    good=_good,
)
def faults(group: ParameterGroup, scene: Scene) -> Iterator[Fault]:
    """RDS takes bare numbers in the parameter's own unit; `256MB`, which postgresql.conf allows, fails the update. A
    name that no engine knows fails the whole group.
    """
    engine = _engine(group)
    if engine is None:
        return
    for name, value in group.parameters.items():
        text, fact = literal(value, str), facts.parameter(engine, name)
        if fact is None:
            yield from _misspelt(group, engine, name)
        elif text is not None and fact.kind in ("integer", "real") and (wrong := _wrong(fact, text.strip())):
            unit = f" It counts {fact.unit}." if fact.unit else ""
            hint = f"write {name} as a bare number within its bounds"
            yield Fault(group, f"{name} = {text}: {wrong}.{unit}", hint, mend=_converted(group, fact, text))


def _engine(group: ParameterGroup) -> str | None:
    family = literal(group.family, str) or ""
    return next((engine for engine in facts.ENGINES if re.fullmatch(rf"{engine}\d[\d.]*", family)), None)


def _wrong(fact: facts.ParameterFact, text: str) -> str | None:
    if facts.is_formula(text):
        try:
            facts.evaluate(text, {})
        except ValueError as error:
            return str(error)
        return None
    pattern = r"-?\d+" if fact.kind == "integer" else r"-?\d+(\.\d*)?(e-?\d+)?"
    if not re.fullmatch(pattern, text):
        return f"'{text}' is not a bare number ({fact.kind})"
    number = float(text)
    if (fact.least is not None and number < fact.least) or (fact.most is not None and number > fact.most):
        return f"it has to lie within {fact.least or 0:g} and {fact.most or float('inf'):,.12g}"
    return None


def _converted(group: ParameterGroup, fact: facts.ParameterFact, text: str) -> tuple[ParameterGroup, ...]:
    """The group with a size such as `256MB` in the parameter's own unit, where it comes out even and within bounds."""
    found = re.fullmatch(r"(\d{1,15})\s*([kMGT])i?B?", text.replace("K", "k"))
    if found is None or not fact.unit_bytes:
        return ()
    # PostgreSQL's MB are 1,024 kB (its manual, "Setting Parameters", 2026-11-21), and so are MySQL's M.
    number, rest = divmod(int(found[1]) * _UNITS[found[2]], fact.unit_bytes)
    if rest or _wrong(fact, str(number)):
        return ()
    return (replace(group, parameters={**group.parameters, fact.name: str(number)}),)


def _misspelt(group: ParameterGroup, engine: str, name: str) -> Iterator[Fault]:
    # These two tables are whole, so what only another engine's knows is refused.
    if engine in _WHOLE and (others := [one for one in facts.ENGINES if facts.parameter(one, name)]):
        detail = f"{engine} has no parameter '{name}'; it is one of {' and '.join(others)}."
        yield Fault(group, detail, f"leave {name} out, or write the parameter of {engine} that does this")
        return
    # The table is no list of everything, so only what looks like a slip of the finger is named.
    known = nearest(name, facts.parameter_names(engine))
    if known is not None and sorted(known.replace("_", "")) == sorted(name.replace("_", "").replace("-", "")):
        hint = f"write {known}, if that is what is meant"
        renamed = {known if one == name else one: value for one, value in group.parameters.items()}
        mend = (replace(group, parameters=renamed),) if known not in group.parameters else ()
        detail = f"{engine} has no parameter '{name}' that is known here."
        yield Fault(group, detail, hint, Severity.WARNING, mend=mend)
