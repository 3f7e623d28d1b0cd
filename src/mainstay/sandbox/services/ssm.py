"""SSM parameters: the sandbox's own, and the public ones that name current machine images."""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.state import Record, Transaction

PARAMETER: Final = "ssm:parameter"
_PUBLIC: Final = "/aws/service/ami-amazon-linux-latest/"
# Public parameters for Amazon Linux 2023: EC2 guide, "al2023 ec2 ssm parameter", checked 2026-11-21.
# The images exist in the sandbox only; services/ec2/instances.py describes them.
PUBLIC_IMAGES: Final = {
    f"{_PUBLIC}al2023-ami-kernel-default-x86_64": "ami-0a12023000000f864",
    f"{_PUBLIC}al2023-ami-kernel-default-arm64": "ami-0a120230000000a64",
    f"{_PUBLIC}al2023-ami-minimal-kernel-default-x86_64": "ami-0a12023111110f864",
    f"{_PUBLIC}al2023-ami-minimal-kernel-default-arm64": "ami-0a120231111100a64",
}


def get_parameter(tx: Transaction, params: Params) -> Answer:
    """One parameter by name; `aws/secretsmanager` references are not followed."""
    found = find(tx, params["Name"])
    if found is None:
        raise ServiceError("ParameterNotFound", f"Parameter {params['Name']} not found.")
    return {"Parameter": found}


def get_parameters(tx: Transaction, params: Params) -> Answer:
    """Several parameters by name; the unknown ones are listed."""
    found = {name: find(tx, name) for name in params["Names"]}
    return {
        "Parameters": [item for item in found.values() if item],
        "InvalidParameters": [name for name, item in found.items() if item is None],
    }


def put_parameter(tx: Transaction, params: Params) -> Answer:
    """Write a parameter; an existing one only with Overwrite."""
    name = params["Name"]
    refuse_if(
        name.lower().startswith(("/aws", "aws", "ssm", "/ssm")),
        "ValidationException",
        f'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive): {name}',
    )
    old = tx.get(PARAMETER, name)
    refuse_if(
        old and not params.get("Overwrite"),
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    )
    refuse_if(
        not old and "Type" not in params,
        "ValidationException",
        "A parameter type is required when you create a parameter.",
    )
    version = old["Version"] + 1 if old else 1
    kind = params.get("Type") or (old or {})["Type"]
    tx.put(PARAMETER, name, _record(tx, name, params["Value"], kind, version))
    return {"Version": version, "Tier": "Standard"}


def delete_parameter(tx: Transaction, params: Params) -> Answer:
    """Remove a parameter."""
    name = params["Name"]
    tx.require(PARAMETER, name, ServiceError("ParameterNotFound", f"Parameter {name} not found."))
    tx.delete(PARAMETER, name)
    return {}


def find(tx: Transaction, name: str) -> Record | None:
    """A parameter of the sandbox or a public one; None when there is none."""
    short = name.split(":parameter", 1)[-1] if name.startswith("arn:") else name
    image = PUBLIC_IMAGES.get(short)
    return _record(tx, short, image, "String", 1) if image else tx.get(PARAMETER, short)


def _record(tx: Transaction, name: str, value: str, kind: str, version: int) -> Record:
    return {
        "Name": name,
        "Type": kind,
        "Value": value,
        "Version": version,
        "LastModifiedDate": render_time(tx.now),
        "ARN": tx.arn("ssm", f"parameter/{name.removeprefix('/')}"),
        "DataType": "text",
    }


HANDLERS: Final[Table] = {
    "GetParameter": get_parameter,
    "GetParameters": get_parameters,
    "PutParameter": put_parameter,
    "DeleteParameter": delete_parameter,
}
