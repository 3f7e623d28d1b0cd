"""DB036: pairs, keys and days."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.backups_not_replicated import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.values import ACCOUNT, PARTITION, Param, join

Say = Callable[..., list[Finding]]
KEY = "arn:aws:kms:us-west-2:123456789012:key/1"
SOUND = {"backup_replica_region": "us-west-2", "backup_replica_key": KEY}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        (
            {"backup_replica_region": "me-south-1", "backup_replica_key": KEY.replace("us-west-2", "me-south-1")},
            ["from us-east-1 to me-south-1"],
        ),
        (
            {"backup_replica_region": "us-east-1", "backup_replica_key": KEY.replace("us-west-2", "us-east-1")},
            ["from us-east-1 to us-east-1"],
        ),
        ({"backup_replica_region": Param("Region")}, []),
        ({"backup_replica_region": None}, []),
        ({"backup_replica_key": None}, ["no key is named for its backups in us-west-2"]),
        ({"backup_replica_key": None, "is_encrypted": None}, []),
        ({"backup_replica_key": Param("Key")}, []),
        ({"backup_replica_key": KEY.replace("us-west-2", "us-east-1")}, ["but their key is one of us-east-1"]),
        (
            {"backup_replica_key": join("arn:", PARTITION, ":kms:us-east-1:", ACCOUNT, ":key/1")},
            ["but their key is one of us-east-1"],
        ),
        ({"backup_replica_key": join("arn:", PARTITION, ":kms:us-west-2:", ACCOUNT, ":key/1")}, []),
        ({"backup_replica_key": join("arn:aws:kms:", Param("Region"), ":", ACCOUNT, ":key/1")}, []),
        ({"backup_replica_key": "arn:aws"}, []),
        ({"backup_replica_key": "alias/shop"}, []),
        ({"backup_replica_retention": Duration.days(1)}, []),
        ({"backup_replica_retention": Duration.days(35)}, []),
        ({"backup_replica_retention": Duration(0)}, ["for 0 days"]),
        ({"backup_replica_retention": Duration.days(36)}, ["for 36 days"]),
        ({"backup_retention": Duration(0)}, ["but they are off"]),
    ],
)
def test_replication(changes: dict[str, object], said: list[str], say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_of(database(**{**SOUND, **changes})))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


def test_a_region_that_is_not_known(say: Say) -> None:
    db = database(**{**SOUND, "backup_replica_region": "xx-north-1", "backup_replica_key": None, "is_encrypted": None})
    assert say(faults, plan_of(db, region="")) == []
