from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.exceptions
import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.sandbox import faults, seam
from mainstay.sandbox.seam import session as sandbox_session
from mainstay.sandbox.services import HANDLERS

REGION = "eu-central-1"


def test_answers_errors_and_validation_are_botocores(site: Any) -> None:
    secrets = site.client("secretsmanager")
    secrets.create_secret(Name="a", SecretString="v")
    assert secrets.get_secret_value(SecretId="a")["SecretString"] == "v"
    with pytest.raises(secrets.exceptions.ResourceExistsException) as told:
        secrets.create_secret(Name="a")
    assert told.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(botocore.exceptions.ParamValidationError):
        secrets.create_secret(Nme="a")


def test_an_operation_without_handler_names_itself_and_stays_here(site: Any) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match="does not answer dynamodb ListTables") as told:
        site.client("dynamodb").list_tables()
    assert told.value.response["Error"]["Code"] == "SandboxNotImplemented"


def test_what_would_be_sent_all_the_same_is_stopped(site: Any) -> None:
    client = site.client("sts")
    operation = client.meta.service_model.operation_model("GetCallerIdentity")
    request = {"url": "https://sts.amazonaws.com/", "url_path": "/", "query_string": "", "method": "POST",
               "headers": {}, "body": b"", "context": {"client_region": REGION}}  # fmt: skip
    with pytest.raises(RuntimeError, match="about to send"):
        client._endpoint.make_request(operation, request)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_PROFILE", "nobody"),
        ("AWS_DEFAULTS_MODE", "auto"),
        ("AWS_ENDPOINT_URL", "http://192.0.2.1:1"),
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_CONFIG_FILE", "/nonexistent/x"),
        ("AWS_REGION", "mars-1"),
    ],
)
def test_the_users_environment_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    client = sandbox_session(tmp_path / "s", REGION).client("sts")
    assert client.get_caller_identity()["Account"] == "123456789012"
    assert client.meta.region_name == REGION


def test_credentials_are_dummies(site: Any) -> None:
    assert site.session.get_credentials().access_key == "SANDBOX"


def test_regions_are_apart_and_global_services_are_not(site: Any) -> None:
    site.client("kms").create_alias(AliasName="alias/x", TargetKeyId=_key(site))
    far = site.client("kms", "us-east-1")
    assert [item for item in far.list_aliases()["Aliases"] if item["AliasName"] == "alias/x"] == []
    trust = '{"Statement": []}'
    site.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)
    assert site.client("iam", "us-east-1").get_role(RoleName="r")["Role"]["RoleName"] == "r"


def _key(site: Any) -> str:
    key: str = site.client("kms").create_key()["KeyMetadata"]["KeyId"]
    return key


def test_state_outlives_the_session(site: Any) -> None:
    key = _key(site)
    again = sandbox_session(site.directory, REGION).client("kms")
    assert again.describe_key(KeyId=key)["KeyMetadata"]["Enabled"] is True


def test_faults_come_in_order_and_only_as_often_as_told(site: Any) -> None:
    with site.state.transaction(REGION) as tx:
        faults.order(tx, "kms", "ListKeys", ["ThrottlingException", "KMSInternalException"], http_status=500)
    client, seen = site.client("kms"), []
    for _ in range(3):
        try:
            client.list_keys()
            seen.append("fine")
        except botocore.exceptions.ClientError as error:
            seen.append(error.response["Error"]["Code"])
    assert seen == ["ThrottlingException", "KMSInternalException", "fine"]


def test_a_refused_call_changes_nothing(site: Any) -> None:
    ec2 = site.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    rules = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": cidr}]}
             for cidr in ("10.0.0.0/8", "nonsense")]  # fmt: skip
    with pytest.raises(botocore.exceptions.ClientError, match="malformed"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"] == []


def test_paginators_and_waiters_work(site: Any) -> None:
    logs = site.client("logs")
    for number in range(7):
        logs.create_log_group(logGroupName=f"g{number}")
    pages = list(logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["logGroups"]) for page in pages] == [3, 3, 1]
    vpc = site.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    site.client("ec2").get_waiter("vpc_available").wait(VpcIds=[vpc])


def _minimal(shape: Any, depth: int = 0) -> Any:
    """The least that botocore lets through for a shape."""
    match shape.type_name:
        case "structure":
            return {name: _minimal(shape.members[name], depth + 1) for name in shape.required_members if depth < 6}
        case "list":
            return [_minimal(shape.member, depth + 1)] * max(1, shape.metadata.get("min", 0))
        case "map":
            return {}
        case "boolean":
            return True
        case "integer" | "long" | "float" | "double":
            return max(1, shape.metadata.get("min", 1))
        case "blob":
            return b"x"
        case "timestamp":
            return "2026-11-21T00:00:00Z"
    return (shape.enum[0] if getattr(shape, "enum", None) else "x" * max(3, shape.metadata.get("min", 0)))[:200]


@pytest.mark.parametrize("service", sorted({service for service, _ in HANDLERS}))
def test_every_operation_answers_or_refuses_and_nothing_leaves(site: Any, service: str) -> None:
    """Sockets are refused by a fixture, answers are checked against their shapes by another."""
    client = site.client(service)
    methods = {client.meta.method_to_api_mapping[name]: name for name in client.meta.method_to_api_mapping}
    operations = [operation for own, operation in HANDLERS if own == service]
    assert operations
    for operation in operations:
        shape = client.meta.service_model.operation_model(operation).input_shape
        params = _minimal(shape) if shape else {}
        told = _error_of(getattr(client, methods[operation]), params)
        if told:
            code, status, message = told
            assert code != "SandboxNotImplemented" or " with " in message
            assert 400 <= status < 600


def _error_of(call: Any, params: dict[str, Any]) -> tuple[str, int, str] | None:
    try:
        call(**params)
    except botocore.exceptions.ClientError as error:
        found = error.response
        return found["Error"]["Code"], found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Message"]
    return None


def test_work_on_a_full_disk_is_said_to_whoever_waits_for_it(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Path] = []
    monkeypatch.setattr(seam, "_call_supervisor", called.append)
    place = os.statvfs(site.directory)
    free = SimpleNamespace(f_bavail=seam.LEAST_FREE_BYTES // place.f_frsize, f_frsize=place.f_frsize)
    monkeypatch.setattr(os, "statvfs", lambda _: free)
    rds = site.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="a",
        Engine="postgres",
        DBInstanceClass="db.m7g.large",
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword="long-enough-1",
    )
    assert called == [site.directory]
    free.f_bavail -= 1
    with pytest.raises(EnvironmentLacking, match="no space left") as told:
        rds.describe_db_instances()
    assert str(site.directory) in told.value.detail
    assert site.client("sts").get_caller_identity()["Account"]
