"""BK030: who may restore, for tests and in earnest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
    role,
)
from mainstay.checks.backup.role_cannot_restore import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    Resource,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]

BACKUP, RESTORES = (f"service-role/AWSBackupServiceRolePolicyFor{name}" for name in ("Backup", "Restores"))


def found(say: Say, **parts: Resource | None) -> list[tuple[str, Severity]]:
    return [(each.subject, each.severity) for each in say(faults, backed_up(intent=None, **parts))]


def test_a_role_for_both(say: Say) -> None:
    assert found(say, BackupRole=role(BACKUP)) == [("Selection", Severity.INFO), ("TestedDatabase", Severity.ERROR)]
    assert found(say, BackupRole=role(BACKUP, RESTORES)) == []


def test_another_role_restores(say: Say) -> None:
    other = role(RESTORES, key="Restorer")
    assert found(say, BackupRole=role(BACKUP), Restorer=other, TestedDatabase=None) == []
    assert found(say, BackupRole=role(BACKUP), TestedDatabase=restore_test(role=Ref("Restorer")), Restorer=other) == []


@pytest.mark.parametrize("kind", ["EBS", Param("Type")])
def test_tests_of_something_else(kind: object, say: Say) -> None:
    tested = restore_test(resource_type=kind)
    assert found(say, BackupRole=role(BACKUP), TestedDatabase=tested, Selection=None) == []


def test_rights_of_their_own(say: Say) -> None:
    statement = Statement(actions=("rds:Restore*",), resources=("*",))
    own = role(managed_policies=(), policies=(InlinePolicy("Own", Policy((statement,))),))
    assert found(say, BackupRole=own) == []
    assert found(say, BackupRole=role(managed_policies=())) == [("TestedDatabase", Severity.ERROR)]


def test_roles_elsewhere(say: Say) -> None:
    assert found(say, BackupRole=None) == []
