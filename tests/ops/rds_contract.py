"""RDS, as its API says it, before databases that are real: the restored copy is the sandbox's, its answers are AWS's.

What RDS does late it does late here: a new instance is not found at first, is `available` once and `modifying` again,
has no tags to begin with, and keeps a new password pending; a new parameter group has changes pending once, and one
that was in use is so a moment longer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError
from tests.ops.contract import Contract, Refusal
from tests.ops.drill.conftest import PASSWORD, Shop, wait_until

from mainstay.core.clock import SystemClock
from mainstay.ops.aws.rds import Placement, RestoreRequest
from mainstay.sandbox import session

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"
LOOKS: Final[Sequence[str | Refusal | None]] = (None, None, "creating", "backing-up", "available", "modifying")
Answer = Mapping[str, Any]
GROUP: Final = "shop-17"
# More than one call takes, on more than one page: what the source's own group sets.
SETS: Final = {
    "rds.logical_replication": "1",
    "shared_preload_libraries": "pg_stat_statements,pg_cron",
    "shared_buffers": "{DBInstanceClassMemory/32768}",
    **dict.fromkeys(("max_slot_wal_keep_size", "max_standby_archive_delay", "max_standby_streaming_delay"), "1000"),
    **{f"enable_{name}": "1" for name in (
        "bitmapscan", "gathermerge", "hashagg", "hashjoin", "incremental_sort", "indexonlyscan", "indexscan",
        "material", "memoize", "mergejoin", "nestloop", "parallel_append", "parallel_hash", "partition_pruning",
        "seqscan", "sort", "tidscan",
    )},
}  # fmt: skip
PENDING: Final = Refusal("InvalidDBParameterGroupState", "Parameter group has pending changes")
IN_USE: Final = Refusal("InvalidDBParameterGroupState", "One or more database instances are still members of it")


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
            "rds:CreateDBParameterGroup": self.create_group,
            "rds:DescribeDBParameterGroups": self.groups,
            "rds:DescribeDBParameters": self.parameters,
            "rds:ListTagsForResource": self.tags,
            "rds:DescribeEvents": lambda _: {"Events": []},
            "secretsmanager:GetSecretValue": self.secret,
            "secretsmanager:ListSecrets": lambda _: {"SecretList": []},
            "sts:GetCallerIdentity": lambda _: {
                "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:role/operator", "UserId": "AROA:mainstay",
            },
        }  # fmt: skip
        self.contract.answers.update(answers)
        self.client = session(self.shop.sandbox, REGION).client("rds")
        self.contract.then("rds:ModifyDBParameterGroup", [PENDING], self.change_group)
        self.contract.then("rds:DeleteDBParameterGroup", [IN_USE], self.delete_group)

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
            "DBParameterGroups": [
                {"DBParameterGroupName": asked["DBParameterGroupName"], "ParameterApplyStatus": "in-sync"}
            ],
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
            "DBParameterGroups": [{"DBParameterGroupName": GROUP, "ParameterApplyStatus": "in-sync"}],
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
        group = members["DBParameterGroupName"]
        place = Placement(subnet_group=None, security_group_ids=(), parameter_group=group)
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

    def create_group(self, members: Answer) -> Answer:
        """The call is AWS's; the sandbox has the group too, so that the copy's server runs with it."""
        return self._asked("create_db_parameter_group", members)

    def groups(self, members: Answer) -> Answer:
        known = self._group(GROUP, f"{self.shop.engine}17", "The shop's own")
        name = members.get("DBParameterGroupName")
        if name == GROUP:
            return {"DBParameterGroups": [known]}
        made = self._asked("describe_db_parameter_groups", members)
        return {"DBParameterGroups": [*([] if name else [known]), *made["DBParameterGroups"]]}

    def parameters(self, members: Answer) -> Answer:
        if members["DBParameterGroupName"] != GROUP:
            return self._asked("describe_db_parameters", members)
        assert members["Source"] == "user"
        shown = [
            {"ParameterName": name, "ParameterValue": value, "Source": "user", "ApplyType": "static"}
            for name, value in SETS.items()
        ]
        start = int(members.get("Marker", 0))
        more = {"Marker": str(start + 10)} if start + 10 < len(shown) else {}
        return {"Parameters": shown[start : start + 10], **more}

    def change_group(self, members: Answer) -> Answer:
        return self._asked("modify_db_parameter_group", members)

    def delete_group(self, members: Answer) -> Answer:
        self._asked("delete_db_parameter_group", members)
        return {}

    def tags(self, members: Answer) -> Answer:
        return self._asked("list_tags_for_resource", members)

    def _asked(self, operation: str, members: Answer) -> Answer:
        try:
            return self._answered(getattr(self.client, operation)(**members))
        except ClientError as error:
            raise Refusal(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error

    def _answered(self, answer: dict[str, Any]) -> Answer:
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def _group(self, name: str, family: str, description: str) -> Answer:
        arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:pg:{name}"
        return {
            "DBParameterGroupName": name, "DBParameterGroupFamily": family, "Description": description,
            "DBParameterGroupArn": arn,
        }  # fmt: skip

    def secret(self, members: Answer) -> Answer:
        return {
            "ARN": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{members['SecretId']}-AbCdEf",
            "Name": members["SecretId"],
            "VersionId": "11111111-2222-3333-4444-555555555555",
            "SecretString": json.dumps({"username": "app", "password": PASSWORD, "dbname": "shop"}),
            "VersionStages": ["AWSCURRENT"],
        }
