"""LA001: a function that Lambda does not create: a runtime that is gone, or a setting out of bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from mainstay import facts
from mainstay.checks.examples import plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Function

_MIB = 2**20


def _plan(runtime: str) -> Plan:
    return plan_of(Function(key="App", role="arn:aws:iam::123456789012:role/app", runtime=runtime))


def _bad() -> Plan:
    """python3.7, with which Lambda has created nothing since 2024"""
    return _plan("python3.7")


def _good() -> Plan:
    """python3.13"""
    return _plan("python3.13")


@rule(
    id="LA001",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the function is refused",
    source="Lambda Developer Guide, lambda-runtimes and gettingstarted-limits; cfn-lint 1.58.0 (2026-10-20)",
    applies_to=(Function,),
    field="runtime",
    bad=_bad,
    good=_good,
)
def faults(function: Function, scene: Scene) -> Iterator[Fault]:
    """A runtime out of support is patched no more; some months later Lambda creates no function with it, and the stack
    that ran for years cannot be set up again in another region. The other bounds are refused at once.
    """
    yield from _runtime(function, scene)
    # On instances of its own a function may run longer and be larger (botocore 1.44.5, model of Lambda).
    if not hides(function, "capacityprovider") and not hides(function, "capacity_provider"):
        yield from _sizes(function)
    used = sum(len(name.encode()) + len(_text(value).encode()) for name, value in function.environment.items())
    room = facts.limit("lambda", "environment_bytes")
    if used > room:
        detail = f"The environment of {function.key} has {used:,} bytes; Lambda takes {room:,}."
        yield Fault(function, detail, "read what is long from a parameter or a secret", field="environment")


def _sizes(function: Function) -> Iterator[Fault]:
    timeout, most = literal(function.timeout, Duration), facts.limit("lambda", "most_timeout_s")
    if timeout is not None and not 1 <= timeout <= most:
        yield Fault(
            function,
            f"{function.key} may run for {int(timeout)} s.",
            f"write 1 to {most} s",
            field="timeout",
            mend=(replace(function, timeout=Duration(min(max(timeout, 1), most))),),
        )
    for name, value in (("memory", function.memory), ("disk", function.disk)):
        size = literal(value, Bytes)
        low, high = (facts.limit("lambda", f"{end}_{name}_mib") for end in ("least", "most"))
        if size is not None and not low * _MIB <= size <= high * _MIB:
            detail = f"{function.key} is given {size // _MIB} MiB of {name}."
            nearest = Bytes(min(max(size, low * _MIB), high * _MIB))
            mended = replace(function, memory=nearest) if name == "memory" else replace(function, disk=nearest)
            yield Fault(function, detail, f"write {low} to {high:,} MiB", field=name, mend=(mended,))


def _runtime(function: Function, scene: Scene) -> Iterator[Fault]:
    name = literal(function.runtime, str) or ""
    row = facts.load("lambda_runtimes").data.get(name)
    if row is None:
        return
    hint = f"move to {row['successor']}" if row["successor"] else "move to a newer runtime"
    if row["create_block"] and date.fromisoformat(row["create_block"]) <= scene.today:
        detail = f"Lambda has created nothing with {name} since {row['create_block']}, and {function.key} wants it."
        yield Fault(function, detail, hint)
    elif date.fromisoformat(row["deprecated"]) <= scene.today:
        detail = f"{name}, which {function.key} runs on, has not been patched since {row['deprecated']}."
        yield Fault(function, detail, hint, Severity.WARNING)


def _text(value: object) -> str:
    # What only the target knows is taken for nothing.
    return value if isinstance(value, str) else ""
