"""LA001: runtimes by day, and bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mainstay.checks.examples import plan_of
from mainstay.checks.functions.function_refused import faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.plan.resources import Function, Resource
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]
MIB = 2**20


def function(**changes: object) -> Resource:
    return Function(**{"key": "App", "role": "role", **changes})  # type: ignore[arg-type]  # whatever a case wants


@pytest.mark.parametrize(
    ("runtime", "day", "severity"),
    [
        # deprecated on 2026-04-30, nothing created from 2027-02-01 on
        ("nodejs20.x", date(2026, 4, 29), None),
        ("nodejs20.x", date(2026, 4, 30), Severity.WARNING),
        ("nodejs20.x", date(2027, 1, 31), Severity.WARNING),
        ("nodejs20.x", date(2027, 2, 1), Severity.ERROR),
        ("dotnet9", date(2027, 2, 1), Severity.WARNING),  # no day is announced
        ("python3.7", date(2026, 11, 20), Severity.ERROR),
        ("python9.9", date(2026, 11, 20), None),
        (None, date(2026, 11, 20), None),
        (Param("Runtime"), date(2026, 11, 20), None),
    ],
)
def test_runtimes(runtime: object, day: date, severity: Severity | None, say: Say) -> None:
    findings = say(faults, plan_of(function(runtime=runtime)), today=day)
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(finding.hint.startswith("move to ") for finding in findings)


def test_a_runtime_without_a_successor(say: Say) -> None:
    (finding,) = say(faults, plan_of(function(runtime="dotnet10")), today=date(2030, 1, 1))
    assert finding.hint == "move to a newer runtime"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timeout": Duration(0)}, "for 0 s"),
        ({"timeout": Duration(1)}, None),
        ({"timeout": Duration(900)}, None),
        ({"timeout": Duration(901)}, "for 901 s"),
        ({"memory": Bytes(127 * MIB)}, "127 MiB of memory"),
        ({"memory": Bytes(128 * MIB)}, None),
        ({"memory": Bytes(10_240 * MIB)}, None),
        ({"memory": Bytes(10_241 * MIB)}, "10241 MiB of memory"),
        ({"disk": Bytes(511 * MIB)}, "511 MiB of disk"),
        ({"disk": Bytes(512 * MIB)}, None),
        ({"environment": {"A": "x" * 4095}}, None),
        ({"environment": {"A": "x" * 4096}}, "has 4,097 bytes"),
        ({"environment": {"A": "x" * 2000, "B": "é" * 1050}}, "has 4,102 bytes"),
        ({"environment": {"A": Param("Long")}, "timeout": Param("Timeout"), "memory": Param("Memory")}, None),
    ],
)
def test_bounds(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(function(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


@pytest.mark.parametrize("path", ["CapacityProviderConfig", "capacity_provider_config"])
def test_a_function_on_instances_of_its_own_may_be_larger(path: str, say: Say) -> None:
    large = {"timeout": Duration(3_600), "memory": Bytes(32_768 * MIB)}
    assert (
        say(faults, plan_of(function(**large, extras={path: {"LambdaManagedInstancesCapacityProviderConfig": {}}})))
        == []
    )
    assert len(say(faults, plan_of(function(**large)))) == 2


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({"timeout": Duration(0)}, {"timeout": Duration(1)}),
        ({"timeout": Duration(901)}, {"timeout": Duration(900)}),
        ({"memory": Bytes(127 * MIB)}, {"memory": Bytes(128 * MIB)}),
        ({"disk": Bytes(511 * MIB)}, {"disk": Bytes(512 * MIB)}),
        ({"disk": Bytes(10_241 * MIB), "memory": Bytes(512 * MIB)}, {"disk": Bytes(10_240 * MIB)}),
    ],
)
def test_the_nearest_that_is_taken(changes: dict[str, Any], right: dict[str, Any], mends: Mends) -> None:
    # Any: fields of many types
    wrong = function(**changes)
    assert mends(faults, plan_of(wrong)) == [(replace(wrong, **right),)]
