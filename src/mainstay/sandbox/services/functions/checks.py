"""What Lambda refuses in a function's configuration.

Bounds: facts `limits`, botocore 1.44.5, service `lambda`; the texts of the refusals as seen from Lambda, not re-read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.services import iam, keys, sns
from mainstay.sandbox.services.ec2.records import GROUP, SUBNET
from mainstay.sandbox.services.functions.records import INVALID
from mainstay.sandbox.services.handler import Answer, Params, as_list, refuse_if, statements
from mainstay.sandbox.state import Transaction

SERVICE: Final = "lambda.amazonaws.com"
# Lambda developer guide, "Lambda runtimes": those of Python that are not deprecated (2026-11-21).
RUNTIMES: Final = ("python3.10", "python3.11", "python3.12", "python3.13", "python3.14")
ARCHITECTURES: Final = ("x86_64", "arm64")
# Lambda developer guide, "Defined runtime environment variables" (not re-read): these cannot be set.
RESERVED: Final = frozenset(
    {"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
     "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
     "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
     "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
     "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
)  # fmt: skip
_UNKNOWN: Final = ("FileSystemConfigs", "ImageConfig", "SnapStart", "CodeSigningConfigArn", "TenancyConfig",
                   "CapacityProviderConfig", "DurableConfig", "AcceleratorConfig", "Layers")  # fmt: skip


def check_configuration(tx: Transaction, params: Params, operation: str) -> None:
    """Refuse what a creation or an update of the configuration asks for and cannot be."""
    unknown = [name for name in _UNKNOWN if params.get(name)]
    if unknown or params.get("PackageType", "Zip") != "Zip":
        raise not_implemented("lambda", operation, ", ".join([*unknown] or ["images"]))
    if "Runtime" in params:
        _check_runtime(params["Runtime"], operation)
    for member, value, least, most in _bounds(params):
        refuse_if(
            value is not None and not least <= value <= most,
            INVALID,
            f"Value '{value}' at '{member}' failed to satisfy constraint: it must be from {least} to {most}.",
        )
    handler = params.get("Handler")
    refuse_if(handler is not None and not re.fullmatch(r"\S{1,128}", handler), INVALID, f"Invalid handler: {handler}")
    if "Role" in params:
        _check_role(tx, params["Role"])
    _check_environment(tx, params)
    _check_dead_letter(tx, params.get("DeadLetterConfig", {}).get("TargetArn"))


def check_architectures(wanted: list[str]) -> None:
    """Refuse any but exactly one architecture."""
    refuse_if(
        len(wanted) != 1 or wanted[0] not in ARCHITECTURES,
        INVALID,
        f"Architectures must be one of {', '.join(ARCHITECTURES)}, and exactly one: {', '.join(wanted) or 'none'}",
    )


def network(tx: Transaction, wanted: Mapping[str, Any]) -> Answer:
    """A function's place in a network, checked: subnets and groups of one VPC, or neither."""
    subnets, groups = wanted.get("SubnetIds", []), wanted.get("SecurityGroupIds", [])
    if not subnets and not groups:
        return {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}
    refuse_if(not subnets or not groups, INVALID, "SubnetIds and SecurityGroupIds must coexist or be both empty list.")
    vpcs = {_vpc_of(tx, SUBNET.name, each, "Subnet") for each in subnets}
    vpcs |= {_vpc_of(tx, GROUP.name, each, "SecurityGroup") for each in groups}
    refuse_if(len(vpcs) != 1, INVALID, f"The subnets and security groups are in different VPCs: {sorted(vpcs)}")
    return {"SubnetIds": list(subnets), "SecurityGroupIds": list(groups), "VpcId": vpcs.pop()}


def _vpc_of(tx: Transaction, kind: str, identifier: str, what: str) -> str:
    message = (
        f"Error occurred while describing {identifier}. EC2 Error Code: Invalid{what}ID.NotFound. "
        f"EC2 Error Message: The {what} '{identifier}' does not exist"
    )
    return str(tx.require(kind, identifier, ServiceError(INVALID, message))["VpcId"])


def _bounds(params: Params) -> list[tuple[str, int | None, int, int]]:
    limits = facts.load("limits").data["lambda"]
    disk = params.get("EphemeralStorage", {}).get("Size")
    return [
        ("timeout", params.get("Timeout"), 1, limits["most_timeout_s"]),
        ("memorySize", params.get("MemorySize"), limits["least_memory_mib"], limits["most_memory_mib"]),
        ("ephemeralStorage", disk, limits["least_disk_mib"], limits["most_disk_mib"]),
        ("description", len(params["Description"]) if "Description" in params else None, 0, 256),
    ]


def _check_runtime(runtime: str, operation: str) -> None:
    if runtime in RUNTIMES:
        return
    told = f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions."
    refuse_if(runtime.startswith("python"), INVALID, told)
    raise not_implemented("lambda", operation, f"the runtime {runtime}: only functions in Python run here")


def _check_role(tx: Transaction, arn: str) -> None:
    role = tx.get(iam.ROLE, arn.rsplit("/", 1)[-1])
    trusts = role is not None and any(
        statement["Effect"] == "Allow" and SERVICE in as_list(_services(statement.get("Principal")))
        for statement in statements(json.loads(role["AssumeRolePolicyDocument"]))
    )
    refuse_if(not trusts, INVALID, "The role defined for the function cannot be assumed by Lambda.")


def _services(principal: Any) -> Any:  # Any: an element of a policy
    return principal.get("Service") if isinstance(principal, dict) else None


def _check_environment(tx: Transaction, params: Params) -> None:
    variables: dict[str, str] = params.get("Environment", {}).get("Variables", {})
    taken = sorted(RESERVED & variables.keys())
    refuse_if(
        taken,
        INVALID,
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f"contains reserved keys that are currently not supported for modification. Reserved keys used in this "
        f"request: {', '.join(taken)}",
    )
    odd = [name for name in variables if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]+", name)]
    refuse_if(odd, INVALID, f"Environment variables cannot be named {', '.join(odd)}: a letter, then one more at least")
    size, most = len(json.dumps(variables).encode()), facts.limit("lambda", "environment_bytes")
    refuse_if(
        size > most,
        INVALID,
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f"exceeded the {most // 1024}KB limit. String measured: {size} bytes",
    )
    key = params.get("KMSKeyArn")
    if key:
        found = keys.find(tx, key)
        refuse_if(found is None or found["KeyState"] != "Enabled", INVALID, f"The KMS key {key} cannot be used.")


def _check_dead_letter(tx: Transaction, arn: str | None) -> None:
    if arn and not arn.startswith("arn:aws:sns:"):
        raise not_implemented("lambda", "CreateFunction", f"the dead letter target {arn}: only topics are told here")
    message = f"The provided execution role does not have permissions to call Publish on SNS: no topic {arn}"
    refuse_if(arn and tx.get(sns.TOPIC, arn) is None, INVALID, message)
