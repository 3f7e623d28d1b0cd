"""DB038: where encryption is decided, and by whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.not_encrypted import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.values import If, Param, Ref

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"is_encrypted": None}, Severity.WARNING),
        ({"is_encrypted": False}, Severity.WARNING),
        ({"is_encrypted": True}, None),
        ({"is_encrypted": Param("Encrypted")}, None),
        ({"is_encrypted": None, "extras": {"StorageEncrypted": []}}, None),
        ({"is_encrypted": None, "extras": {"DBClusterIdentifier": "cluster"}}, None),
        ({"is_encrypted": None, "snapshot": "rds:old"}, None),
        ({"is_encrypted": False, "snapshot": "rds:old"}, Severity.WARNING),
        ({"is_encrypted": None, "key_id": Ref("Key")}, Severity.ERROR),
        ({"is_encrypted": False, "key_id": "alias/shop"}, Severity.ERROR),
        ({"is_encrypted": None, "key_id": If("IsProd", Ref("Key"), None)}, Severity.WARNING),
        ({"is_encrypted": True, "key_id": Ref("Key")}, None),
    ],
)
def test_encryption(changes: dict[str, object], severity: Severity | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes)))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


@pytest.mark.parametrize(("is_encrypted", "why"), [(None, "nothing is written"), (False, "StorageEncrypted is false")])
def test_why(is_encrypted: bool | None, why: str, say: Say) -> None:
    (finding,) = say(faults, plan_of(database(is_encrypted=is_encrypted)))
    assert why in finding.detail


def test_outside_production_it_is_a_choice(say: Say) -> None:
    dev = Intent(profile="dev")
    assert say(faults, plan_of(database(is_encrypted=None), intent=dev)) == []
    assert len(say(faults, plan_of(database(is_encrypted=None, key_id="alias/shop"), intent=dev))) == 1


def test_a_replica_is_as_its_source(say: Say) -> None:
    assert say(faults, plan_of(database(), replica())) == []
