"""BK028: trust policies of roles for backups and for restore tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    role,
    selection,
)
from mainstay.checks.backup.role_not_assumed import faults
from mainstay.core.findings import Finding
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    Role,
)
from mainstay.plan.values import (
    Param,
    Pseudo,
    Ref,
    join,
)

Say = Callable[..., list[Finding]]


def trusting(*statements: Statement) -> Role:
    return role(trust=Policy(statements))


ASSUME = ("sts:AssumeRole",)


@pytest.mark.parametrize(
    ("wearer", "count"),
    [
        (role(), 0),
        (role(service="events.amazonaws.com"), 2),
        (
            trusting(
                Statement(principals=(Principal("Service", join("backup.", Pseudo("url_suffix"))),), actions=ASSUME)
            ),
            0,
        ),
        (trusting(Statement(principals=(Principal("AWS", "arn:aws:iam::123456789012:root"),), actions=ASSUME)), 2),
        (
            trusting(
                Statement(principals=(Principal("Service", "backup.amazonaws.com"),), actions=("sts:TagSession",))
            ),
            2,
        ),
        (trusting(), 0),  # nothing could be read
        (role(service="events.amazonaws.com", extras={"AssumeRolePolicyDocument": "odd"}), 0),
        (None, 0),
    ],
)
def test_roles(wearer: Role | None, count: int, say: Say) -> None:
    assert len(say(faults, backed_up(BackupRole=wearer))) == count


@pytest.mark.parametrize("link", ["arn:aws:iam::123456789012:role/backup", Param("Role"), Ref("Vault")])
def test_roles_elsewhere(link: object, say: Say) -> None:
    parts = {"Selection": selection(role=link), "TestedDatabase": None, "BackupRole": role(service="rds.amazonaws.com")}
    assert say(faults, backed_up(intent=None, **parts)) == []
