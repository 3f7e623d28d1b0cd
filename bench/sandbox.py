"""How long the sandbox takes until a whole database stands: primary, synchronous standby, replica and pooler.

No peer does this, so the figures stand alone; the target is 3 s once everything is installed.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from mainstay import sandbox

ROUNDS = 5
GOAL_S = 3.0
WAIT_S = 60.0
PACE_S = 0.01
USER, PASSWORD = "owner", "correct-horse-battery"
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def run() -> None:
    """Five runs in a sandbox each; every part counts from the first request on."""
    rounds = [_round() for _ in range(ROUNDS)]
    for part in rounds[0]:
        times = [each[part] for each in rounds]
        spread = f"min {min(times):6.3f}   max {max(times):6.3f}"
        print(f"{part:40} median {statistics.median(times):6.3f} s   {spread}")
    print(f"the goal for everything is {GOAL_S:g} s")


def _round() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "sandbox"
        sandbox.up(directory)
        try:
            return _Measured(directory, sandbox.session(directory, "us-east-1")).build()
        finally:
            sandbox.down(directory)


@dataclass(frozen=True)
class _Measured:
    """One sandbox, whose supervisor runs already."""

    directory: Path
    session: Any  # Any: boto3 publishes no types

    def build(self) -> dict[str, float]:
        """Seconds from the first request to each part's first answer."""
        rds, began = self.session.client("rds"), time.monotonic()
        self._begin(rds)
        _until(lambda: self._db(rds, "shop")["DBInstanceStatus"] == "available")
        parts = {"primary and synchronous standby": time.monotonic() - began}
        rds.create_db_instance_read_replica(DBInstanceIdentifier="shop-r1", SourceDBInstanceIdentifier="shop")
        rds.register_db_proxy_targets(DBProxyName="front", DBInstanceIdentifiers=["shop"])
        address = rds.describe_db_proxies(DBProxyName="front")["DBProxies"][0]["Endpoint"]
        _until(lambda: self._answers(address))
        parts["with the pooler"] = time.monotonic() - began
        _until(lambda: self._db(rds, "shop-r1")["DBInstanceStatus"] == "available")
        parts["with the replica: everything"] = time.monotonic() - began
        return parts

    def _begin(self, rds: Any) -> None:
        """Ask for the database, and for the proxy beside it."""
        rds.create_db_instance(
            DBInstanceIdentifier="shop", Engine="postgres", DBInstanceClass="db.m6g.large", AllocatedStorage=100,
            MasterUsername=USER, MasterUserPassword=PASSWORD, DBName="shop", MultiAZ=True,
        )  # fmt: skip
        ec2, zones = self.session.client("ec2"), ("us-east-1a", "us-east-1b")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for i, zone in enumerate(zones)
        ]
        group = ec2.create_security_group(GroupName="front", Description="front", VpcId=vpc)["GroupId"]
        everybody = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everybody])
        role = self.session.client("iam").create_role(RoleName="front", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        login = json.dumps({"username": USER, "password": PASSWORD})
        secret = self.session.client("secretsmanager").create_secret(Name="login", SecretString=login)["ARN"]
        rds.create_db_proxy(
            DBProxyName="front", EngineFamily="POSTGRESQL", RoleArn=role, VpcSubnetIds=subnets, RequireTLS=True,
            VpcSecurityGroupIds=[group], Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret}],
        )  # fmt: skip

    def _db(self, rds: Any, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
        return found

    def _answers(self, address: str) -> bool:
        try:
            with psycopg.connect(
                host=address, port=5432, user=USER, password=PASSWORD, dbname="shop", sslmode="verify-full",
                sslrootcert=str(self.directory / "ca.pem"), connect_timeout=5,
            ) as opened:  # fmt: skip
                return opened.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False


def _until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not there after {WAIT_S:g} s")
        time.sleep(PACE_S)
