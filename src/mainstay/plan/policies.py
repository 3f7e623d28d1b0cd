"""Policies as typed statements, so that a rule can ask who may do what, instead of walking dictionaries."""

from __future__ import annotations

from typing import Literal

from mainstay.core.records import dataclass
from mainstay.plan.values import Value


@dataclass(frozen=True, slots=True)
class Principal:
    """Who: a service (`rds.amazonaws.com`), an AWS principal (an ARN or account), or anybody (`*`)."""

    kind: Literal["Service", "AWS", "Federated", "CanonicalUser", "*"]
    value: Value[str] = "*"


ANYBODY = Principal("*")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a statement: `Condition("Bool", "aws:SecureTransport", ("false",))`."""

    operator: str
    key: str
    values: tuple[Value[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; a role's own policies have no principals, a resource's policies have some."""

    sid: str = ""
    effect: Literal["Allow", "Deny"] = "Allow"
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    actions: tuple[Value[str], ...] = ()
    not_actions: tuple[Value[str], ...] = ()
    resources: tuple[Value[str], ...] = ()
    not_resources: tuple[Value[str], ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document."""

    statements: tuple[Statement, ...]
    version: str = "2012-10-17"


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """A policy that lives inside a role, under its name."""

    name: Value[str]
    document: Policy
