"""Roles with another managed policy."""

from __future__ import annotations

import pytest

from mainstay.checks.giving import with_policy
from mainstay.plan.policies import Policy
from mainstay.plan.resources import Role
from mainstay.plan.values import PARTITION, Param, join

OWN = "arn:aws:iam::123456789012:policy/own"
OLD = "arn:aws:iam::aws:policy/service-role/Old"
NEW = join("arn:", PARTITION, ":iam::aws:policy/", "service-role/New")


@pytest.mark.parametrize(("wrong", "kept"), [("", (OWN, OLD, Param("P"))), ("Old", (OWN, Param("P")))])
def test_only_the_wrong_policy_gives_way(wrong: str, kept: tuple[object, ...]) -> None:
    role = Role(key="R", trust=Policy(()), managed_policies=(OWN, OLD, Param("P")))
    assert with_policy(role, "service-role/New", instead_of=wrong).managed_policies == (*kept, NEW)
