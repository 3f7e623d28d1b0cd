"""What one format takes for granted and the other wants said, and what was written but could not be read."""

from __future__ import annotations

import dataclasses
from typing import Final

from mainstay.formats import cloudformation, terraform
from mainstay.formats.scalars import text
from mainstay.plan.policies import Policy
from mainstay.plan.resources import (
    BackupVault,
    DbProxyTargetGroup,
    EventRule,
    Fate,
    FlowLog,
    HostedZone,
    Key,
    LogGroup,
    Resource,
    SecretAttachment,
)
from mainstay.plan.values import REGION, Unknown

DEFAULT_GROUP: Final = "default"
"""The name of a proxy's one target group (Template Reference, AWS::RDS::DBProxyTargetGroup, 2026-11-21)."""
_LEFT_ALONE: Final = "aws_cloudwatch_log_group.skip_destroy"
_NOTHING: Final = Unknown("not written")
# Terraform does not show who must not be destroyed, and CloudFormation deletes by default.
_PRECIOUS: Final = (Key, BackupVault)


def with_what_is_granted(one: Resource) -> Resource:
    """A resource with the words that CloudFormation wants and Terraform has no argument for."""
    if isinstance(one, DbProxyTargetGroup) and text.is_silent(one.name):
        return dataclasses.replace(one, name=DEFAULT_GROUP)
    if isinstance(one, LogGroup) and one.extras.get(_LEFT_ALONE) is True and one.on_delete is None:
        extras = {path: value for path, value in one.extras.items() if path != _LEFT_ALONE}
        return dataclasses.replace(one, on_delete=Fate.RETAIN, on_replace=Fate.RETAIN, extras=extras)
    if isinstance(one, _PRECIOUS) and one.address and one.on_delete is None:
        return dataclasses.replace(one, on_delete=Fate.RETAIN, on_replace=Fate.RETAIN)
    if isinstance(one, FlowLog) and text.is_silent(one.resource_type) and one.vpc is not None:
        return dataclasses.replace(one, resource_type="VPC")
    if isinstance(one, HostedZone):  # the provider fills in its own region where a network's is not written
        networks = (
            dataclasses.replace(each, region=REGION) if text.is_silent(each.region) else each for each in one.networks
        )
        return dataclasses.replace(one, networks=tuple(networks))
    return one


def unreadable(one: Resource) -> str | None:
    """The field that a resource cannot be without, and that was written in a way that no table reads; None if none is.

    A secret's version is an attachment only where its value says so.
    """
    if isinstance(one, SecretAttachment) and (text.is_silent(one.secret) or text.is_silent(one.target)):
        return "target"
    if isinstance(one, EventRule) and text.is_silent(one.schedule or _NOTHING) and _was_written(one, "pattern"):
        return "pattern"
    for spec in dataclasses.fields(one):
        is_needed = spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING
        if is_needed and _is_silent(getattr(one, spec.name)) and _was_written(one, spec.name):
            return spec.name
    return None


def _is_silent(value: object) -> bool:
    return value in ((), Policy(())) or text.is_silent(value)


def _was_written(one: Resource, field: str) -> bool:
    tables = (cloudformation.TABLES.get(type(one)), terraform.TABLES.get(type(one)))
    paths = [row.path for table in tables if table for row in table.rows if row.field == field]
    return any(written == path or written.startswith(f"{path}.") for written in one.extras for path in paths)
