"""Handlers of RDS on a state of their own: no supervisor, no server. Every answer is held against RDS's own shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from mainstay.core.clock import parse_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds.records import INSTANCE, OPERATION, SNAPSHOT
from mainstay.sandbox.services import HANDLERS
from mainstay.sandbox.state import State

REGION = "eu-west-1"
PASSWORD = "correct-horse-battery"

Record = dict[str, Any]


@cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def typed(value: Any, shape: Any) -> Any:
    """Times as datetimes, as the seam gives them; a member that the shape does not have fails the test."""
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{shape.name} has no {sorted(unknown)}"
        return {name: typed(item, shape.members[name]) for name, item in value.items()}
    if shape.type_name == "list":
        return [typed(item, shape.member) for item in value]
    if shape.type_name == "timestamp" and isinstance(value, str):
        return parse_time(value)
    return value


@dataclass(frozen=True)
class Desk:
    """Calls handlers as the seam does."""

    state: State

    def call(self, operation: str, service: str = "rds", **params: Any) -> Record:
        described = model(service).operation_model(operation)
        report = ParamValidator().validate(params, described.input_shape)
        assert not report.has_errors(), report.generate_report()
        with self.state.transaction(REGION) as tx:
            answer = HANDLERS[service, operation](tx, params)
        if described.output_shape is None:
            return {}
        shown: Record = typed(answer, described.output_shape)
        report = ParamValidator().validate(shown, described.output_shape)
        assert not report.has_errors(), report.generate_report()
        return shown

    def refused(self, operation: str, **params: Any) -> tuple[str, str]:
        """The code and message with which a call is refused."""
        with pytest.raises(ServiceError) as refused:
            self.call(operation, **params)
        return refused.value.code, refused.value.message

    def create(self, identifier: str = "shop", *, is_ready: bool = True, **members: Any) -> Record:
        answer = self.call("CreateDBInstance", **{**new(identifier), **members})
        if is_ready:
            self.make_ready(identifier)
        created: Record = answer["DBInstance"]
        return created

    def make_ready(self, identifier: str) -> None:
        """What the supervisor writes when the servers stand."""
        with self.state.transaction(REGION) as tx:
            record = tx.get(INSTANCE, identifier) or {}
            record |= {
                "DBInstanceStatus": "available",
                "Endpoint": {"Address": "127.0.0.9", "Port": 5432},
                "InstanceCreateTime": "2026-11-20T10:00:00.000000Z",
                "_earliest": "2026-11-20T10:00:05.000000Z",
                "LatestRestorableTime": "2026-11-20T11:00:00.000000Z",
                "PendingModifiedValues": {},
            }
            tx.put(INSTANCE, identifier, record)
            for operation in tx.all(OPERATION):
                tx.delete(OPERATION, operation["id"])

    def finish_snapshot(self, identifier: str) -> None:
        with self.state.transaction(REGION) as tx:
            record = tx.get(SNAPSHOT, identifier) or {}
            tx.put(SNAPSHOT, identifier, record | {"Status": "available"})

    def operations(self) -> list[Record]:
        with self.state.reading(REGION) as tx:
            return sorted(tx.all(OPERATION), key=lambda each: str(each["id"]))

    def find(self, identifier: str) -> Record:
        found: Record = self.call("DescribeDBInstances", DBInstanceIdentifier=identifier)["DBInstances"][0]
        return found

    def network(self) -> tuple[str, list[str], str]:
        """A VPC with a subnet in each of two zones and a security group: their ids."""
        vpc = self.call("CreateVpc", "ec2", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made = [
            self.call("CreateSubnet", "ec2", VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + zone)
            for i, zone in enumerate("ab")
        ]
        group = self.call("CreateSecurityGroup", "ec2", GroupName="db", Description="database", VpcId=vpc)
        return vpc, [each["Subnet"]["SubnetId"] for each in made], group["GroupId"]


def new(identifier: str = "shop") -> Record:
    return {
        "DBInstanceIdentifier": identifier,
        "Engine": "postgres",
        "EngineVersion": "17.9",
        "DBInstanceClass": "db.m6g.large",
        "AllocatedStorage": 100,
        "MasterUsername": "master",
        "MasterUserPassword": PASSWORD,
    }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(State(tmp_path))


@pytest.fixture
def template() -> Callable[..., Record]:
    return new


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC)
