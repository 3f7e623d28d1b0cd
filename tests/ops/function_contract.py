"""Lambda and Secrets Manager as their APIs say, before the function's own code, which runs in this process.

Answers are written from the API references (Lambda 2015-03-31, Secrets Manager 2017-10-17; read 2026-11-21).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from tests.ops.contract import Contract, Refusal

import mainstay
from mainstay.functions import validation
from mainstay.ops.site import Site
from mainstay.ops.validation_function import ValidationFunction

NAME: Final = "shop-validation"
VPC: Final = "vpc-0a1b2c3d4e5f60718"
SUBNETS: Final = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1b2c3d4e5f60718"]
CODE: Final = "fjbXC2K1rqO2vp+N2tR2/fK11pKYsGICs3mX3T8kInw="


class Context:
    """What Lambda hands a handler beside its event."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass
class RecordedFunction:
    """The contract's handlers. `before` is what an Invoke answers in the place of the function, while it is set."""

    contract: Contract
    timeout_s: int = 300
    before: list[Any] = field(default_factory=list)
    secrets: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._other_secret = self.contract.answers.get("secretsmanager:GetSecretValue")
        self.contract.answers |= {
            "lambda:GetFunctionConfiguration": self.configuration,
            "lambda:Invoke": self.invoke,
            "secretsmanager:CreateSecret": self.create,
            "secretsmanager:DescribeSecret": self.describe,
            "secretsmanager:GetSecretValue": self.value,
            "secretsmanager:DeleteSecret": self.delete,
            "secretsmanager:ListSecrets": self.listed,
        }

    def run_here(self, monkeypatch: pytest.MonkeyPatch, host: str, port: int, ca_bundle: Path) -> None:
        """Give this process what Lambda would give the function."""
        told = {"SECRET": "shop-login", "ENGINE": "postgres", "HOST": host, "PORT": str(port), "DATABASE": "shop"}
        for name, value in {**told, "CA_BUNDLE": str(ca_bundle)}.items():
            monkeypatch.setenv(f"MAINSTAY_{name}", value)
        monkeypatch.setenv("LAMBDA_TASK_ROOT", str(Path(mainstay.__file__).parent.parent))
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", self.contract.session())

    def configuration(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "FunctionName": members["FunctionName"],
            "CodeSha256": CODE,
            "Timeout": self.timeout_s,
            "VpcConfig": {"VpcId": VPC, "SubnetIds": SUBNETS, "SecurityGroupIds": ["sg-0a1b2c3d4e5f60718"]},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{members['FunctionName']}"},
        }

    def invoke(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.before:
            step = self.before.pop(0)
            if isinstance(step, Refusal):
                raise step
            return {"StatusCode": 200, **step}
        answer = validation.handler(json.loads(members["Payload"]), Context())
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.dumps(answer).encode()}

    def create(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        self.secrets[members["Name"]] = members
        return {"ARN": self._arn(members["Name"]), "Name": members["Name"], "VersionId": "1" * 32}

    def describe(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        kept = self._kept(members)
        return {"ARN": self._arn(kept["Name"]), "Name": kept["Name"], "Tags": kept["Tags"]}

    def value(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        if members["SecretId"] not in self.secrets and self._other_secret is not None:
            return self._other_secret(members)
        kept = self._kept(members)
        return {"ARN": self._arn(kept["Name"]), "Name": kept["Name"], "SecretString": kept["SecretString"]}

    def listed(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        assert [rule["Key"] for rule in members["Filters"]] == ["tag-key", "tag-value"]
        kept = self.secrets.values()
        return {"SecretList": [{"Name": each["Name"], "Tags": each["Tags"]} for each in kept]}

    def delete(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        assert members["ForceDeleteWithoutRecovery"] is True
        kept = self._kept(members)
        del self.secrets[kept["Name"]]
        return {"ARN": self._arn(kept["Name"]), "Name": kept["Name"]}

    def _kept(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        if members["SecretId"] not in self.secrets:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
        return self.secrets[members["SecretId"]]

    def _arn(self, name: str) -> str:
        return f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-AbCdEf"


def function_of(site: Site) -> ValidationFunction:
    return ValidationFunction(site, NAME)
