"""NW005: circles of any length, and the rules that break them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import group, plan_of
from mainstay.checks.network.groups_in_a_circle import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import IngressRule, Resource, RulePeer
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]


def peer(key: str) -> RulePeer:
    return RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref(key))


def named(key: str, *others: str, **changes: object) -> Resource:
    return group(key=key, ingress=tuple(map(peer, others)), **changes)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ((named("A", "B"), named("B", "A")), "A names B names A in"),
        ((named("B", "A"), named("A", "B")), "A names B names A in"),
        ((named("A", "A"),), "A names A in"),
        ((named("A", "B"), named("B", "C"), named("C", "A")), "A names B names C names A in"),
        # the shortest of them
        ((named("A", "D", "B"), named("B", "C"), named("C", "A"), named("D", "A")), "A names D names A in"),
        ((named("A", "B", "C"), named("B", "C"), named("C")), None),
        ((named("X", "A"), named("A", "B"), named("B", "A")), "A names B names A in"),
        ((named("A", "B"), group(key="B", egress=(peer("A"),))), "A names B names A in"),
        ((named("A", "B"), named("B")), None),
        ((named("A", "Elsewhere"),), None),
        ((group(key="A", ingress=(Unknown("a list", is_list=True),)),), None),
        ((group(key="A", ingress=(RulePeer(protocol="-1", group=Param("Group")),)),), None),
    ],
)
def test_circles(groups: tuple[Resource, ...], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(*groups))
    assert [(said or "-") in each.detail for each in findings] == ([] if said is None else [True])


def test_a_rule_of_its_own_breaks_it(say: Say) -> None:
    back = IngressRule(key="Back", group=Ref("B"), protocol="tcp", from_port=1, to_port=1, source_group=Ref("A"))
    assert say(faults, plan_of(named("A", "B"), named("B"), back)) == []


def test_what_terraform_has_taken(say: Say) -> None:
    shown = [replace(one, address=f"aws_security_group.{one.key}") for one in (named("A", "A"), named("B", "B"))]
    assert say(faults, plan_of(*shown)) == []
