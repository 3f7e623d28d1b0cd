"""RDS, as its API says it, before databases that are real: the restored copy is the sandbox's, its answers are AWS's.

What RDS does late it does late here: a new instance is not found at first, is `available` once and `modifying` again,
has no tags to begin with, and keeps a new password pending.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from tests.ops.contract import Contract, Refusal
from tests.ops.drill.conftest import PASSWORD, Shop, wait_until

from mainstay.core.clock import SystemClock
from mainstay.ops.aws.rds import Placement, RestoreRequest

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"
LOOKS: Final[Sequence[str | Refusal | None]] = (None, None, "creating", "backing-up", "available", "modifying")
Answer = Mapping[str, Any]


class HurriedClock(SystemClock):
    """The machine's clock, whose waits take a moment, and count in full."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return super().monotonic() + sum(self.sleeps)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        super().sleep(0.1 if seconds >= 30 else min(seconds, 0.01))


@dataclass
class Copy:
    """A restored instance: how it was asked for, and what the next looks at it see, then `status` for ever."""

    asked: Answer
    resource_id: str
    looks: list[str | Refusal | None]
    status: str = "available"
    is_pending: int = 0
    is_deleted: bool = False


@dataclass
class RecordedRds:
    """The contract's handlers. `looks` are what the first looks at a new instance see; None is not found."""

    shop: Shop
    contract: Contract = field(default_factory=Contract)
    looks: Sequence[str | Refusal | None] = LOOKS
    copies: dict[str, Copy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        answers = {
            "rds:DescribeDBInstances": self.describe,
            "rds:DescribeDBInstanceAutomatedBackups": self.backups,
            "rds:RestoreDBInstanceToPointInTime": self.restore,
            "rds:ModifyDBInstance": self.modify,
            "rds:DeleteDBInstance": self.delete,
            "rds:DescribeDBSnapshots": lambda _: {"DBSnapshots": []},
            "rds:DescribeEvents": lambda _: {"Events": []},
            "secretsmanager:GetSecretValue": self.secret,
            "sts:GetCallerIdentity": lambda _: {
                "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:role/operator", "UserId": "AROA:mainstay",
            },
        }  # fmt: skip
        self.contract.answers.update(answers)

    def describe(self, members: Answer) -> Answer:
        name = members.get("DBInstanceIdentifier")
        if name is None:
            return {"DBInstances": [self.source(), *(self.shown(one) for one in self.copies if self.is_there(one))]}
        if name == "shop-db":
            return {"DBInstances": [self.source()]}
        copy = self.copies.get(name)
        look = copy.looks.pop(0) if copy and copy.looks else copy.status if copy and not copy.is_deleted else None
        if isinstance(look, Refusal):
            raise look
        if look is None:
            raise Refusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
        return {"DBInstances": [self.shown(name, look)]}

    def is_there(self, name: str) -> bool:
        return not self.copies[name].is_deleted

    def source(self) -> dict[str, Any]:
        known = self.shop.site.doors.rds.instance("shop-db")
        return {
            **self._instance("shop-db", "db-SOURCE000000000000000000", "available"),
            "Endpoint": {"Address": known.address, "Port": known.port, "HostedZoneId": "Z1RLNUO7B9Q6NB"},
            "BackupRetentionPeriod": 7,
            "LatestRestorableTime": self.shop.site.doors.rds.restorable_window("shop-db").latest,
            "DeletionProtection": True,
        }

    def shown(self, name: str, status: str | None = None) -> dict[str, Any]:
        copy = self.copies[name]
        asked, status = copy.asked, status or copy.status
        answer = self._instance(name, copy.resource_id, status) | {
            "BackupRetentionPeriod": asked["BackupRetentionPeriod"],
            "DeletionProtection": asked["DeletionProtection"],
            "TagList": [] if status == "creating" else asked["Tags"],
        }
        if status != "creating":
            real = self.shop.site.doors.rds.instance(name)
            answer["Endpoint"] = {"Address": real.address, "Port": real.port, "HostedZoneId": "Z1RLNUO7B9Q6NB"}
        if copy.is_pending and status == "available":
            copy.is_pending -= 1
            answer["PendingModifiedValues"] = {"MasterUserPassword": "****"}
        return answer

    def _instance(self, name: str, resource_id: str, status: str) -> dict[str, Any]:
        return {
            "DBInstanceIdentifier": name,
            "DbiResourceId": resource_id,
            "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}",
            "DBInstanceStatus": status,
            "DBInstanceClass": "db.t4g.micro",
            "Engine": self.shop.engine,
            "EngineVersion": "17.6",
            "MasterUsername": "app",
            "DBName": "shop",
            "AllocatedStorage": 20,
            "StorageType": "gp3",
            "StorageEncrypted": True,
            "MultiAZ": False,
            "PubliclyAccessible": False,
            "DBSubnetGroup": {"DBSubnetGroupName": "shop-subnets", "VpcId": "vpc-0a1b2c3d4e5f60718"},
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0a1b2c3d4e5f60718", "Status": "active"}],
            "DBParameterGroups": [{"DBParameterGroupName": "shop-17", "ParameterApplyStatus": "in-sync"}],
            "PendingModifiedValues": {},
        }

    def backups(self, members: Answer) -> Answer:
        assert members == {"DBInstanceIdentifier": "shop-db"}
        window = self.shop.site.doors.rds.restorable_window("shop-db")
        assert window.earliest is not None
        assert window.latest is not None
        return {
            "DBInstanceAutomatedBackups": [
                {
                    "DBInstanceIdentifier": "shop-db",
                    "DbiResourceId": "db-SOURCE000000000000000000",
                    "Status": "active",
                    "RestoreWindow": {"EarliestTime": window.earliest - timedelta(days=1), "LatestTime": window.latest},
                    "BackupRetentionPeriod": 7,
                }
            ]
        }

    def restore(self, members: Answer) -> Answer:
        """The call is AWS's; the sandbox makes what it would have made."""
        name = members["TargetDBInstanceIdentifier"]
        rds = self.shop.site.doors.rds
        place = Placement(subnet_group=None, security_group_ids=(), parameter_group=None)
        source = members["SourceDBInstanceIdentifier"]
        rds.restore_to_time(RestoreRequest(source=source, target=name, placement=place, time=members["RestoreTime"]))
        wait_until(lambda: rds.instance(name).is_available)
        self.copies[name] = Copy(members, f"db-COPY{len(self.copies):022}", list(self.looks))
        return {"DBInstance": self.shown(name, "creating")}

    def modify(self, members: Answer) -> Answer:
        name = members["DBInstanceIdentifier"]
        rds = self.shop.site.doors.rds
        rds.set_password(name, members["MasterUserPassword"])
        wait_until(lambda: rds.instance(name).is_available and not rds.instance(name).pending)
        self.copies[name].is_pending = 2
        return {"DBInstance": self.shown(name)}

    def delete(self, members: Answer) -> Answer:
        name = members["DBInstanceIdentifier"]
        answer = {"DBInstance": self.shown(name, "deleting")}
        self.shop.site.doors.rds.delete_without_snapshot(name)
        wait_until(lambda: self.shop.site.doors.rds.find_instance(name) is None)
        copy = self.copies[name]
        copy.looks, copy.is_deleted = [], True
        return answer

    def secret(self, members: Answer) -> Answer:
        return {
            "ARN": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{members['SecretId']}-AbCdEf",
            "Name": members["SecretId"],
            "VersionId": "11111111-2222-3333-4444-555555555555",
            "SecretString": json.dumps({"username": "app", "password": PASSWORD, "dbname": "shop"}),
            "VersionStages": ["AWSCURRENT"],
        }
