"""EC2 instances as records: nothing runs, but nothing is accepted either that EC2 would refuse."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2.records import (
    GROUP,
    INSTANCE,
    SUBNET,
    found_page,
    new_tags,
    put,
    require,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, public, refuse_if, with_token
from mainstay.sandbox.services.ssm import PUBLIC_IMAGES
from mainstay.sandbox.state import Record, Transaction

CODES: Final = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
INVALID: Final = "InvalidParameterValue"


def run_instances(tx: Transaction, params: Params) -> Answer:
    """Instances of a known image in a subnet; a token that was used before gives the same ones."""
    token = params.get("ClientToken")
    known = [item for item in tx.all(INSTANCE.name) if token and item["_token"] == token]
    if not known:
        known = [_start(tx, params) for _ in range(params["MinCount"])]
    return _reservation(tx, known)


def describe_instances(tx: Transaction, params: Params) -> Answer:
    """Instances by id or filter, one a reservation."""
    found, token = found_page(tx, params, INSTANCE, "InstanceIds")
    return with_token({"Reservations": [_reservation(tx, [machine]) for machine in found]}, token)


def describe_instance_status(tx: Transaction, params: Params) -> Answer:
    """The health of running instances."""
    found, token = found_page(tx, params, INSTANCE, "InstanceIds")
    fine = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    statuses = [
        {
            "InstanceId": machine["InstanceId"],
            "AvailabilityZone": machine["Placement"]["AvailabilityZone"],
            "InstanceState": machine["State"],
            "InstanceStatus": fine,
            "SystemStatus": fine,
        }
        for machine in found
        if machine["State"]["Name"] == "running"
    ]
    return with_token({"InstanceStatuses": statuses}, token)


def terminate_instances(tx: Transaction, params: Params) -> Answer:
    """End instances; they stay visible as terminated."""
    changed = []
    for identifier in params["InstanceIds"]:
        machine = require(tx, INSTANCE, identifier)
        before = machine["State"]
        machine["State"] = _state("terminated")
        put(tx, INSTANCE, machine)
        now = _state("shutting-down" if before["Name"] != "terminated" else "terminated")
        changed.append({"InstanceId": identifier, "PreviousState": before, "CurrentState": now})
    return {"TerminatingInstances": changed}


def describe_images(tx: Transaction, params: Params) -> Answer:
    """The machine images that the public SSM parameters name."""
    images = [_image(name, identifier) for name, identifier in PUBLIC_IMAGES.items()]
    wanted = params.get("ImageIds")
    for identifier in wanted or []:
        _check_image(identifier)
    del tx
    return {"Images": [image for image in images if wanted is None or image["ImageId"] in wanted]}


def modify_instance_attribute(tx: Transaction, params: Params) -> Answer:
    """Other security groups."""
    machine = require(tx, INSTANCE, params["InstanceId"])
    if "Groups" in params:
        machine["SecurityGroups"] = _groups(tx, params["Groups"], machine["VpcId"])
    put(tx, INSTANCE, machine)
    return {}


def _start(tx: Transaction, params: Params) -> Record:
    image = params.get("ImageId", "")
    _check_image(image)
    kind = params.get("InstanceType", "m1.small")
    message = f"Invalid value '{kind}' for InstanceType."
    refuse_if(
        not re.fullmatch(r"[a-z][a-z0-9-]*\.(\d*x?large|nano|micro|small|medium|metal(-\d+xl)?)", kind),
        INVALID,
        message,
    )
    refuse_if("SubnetId" not in params, "VPCIdNotSpecified", "No default VPC for this user")
    subnet = require(tx, SUBNET, params["SubnetId"])
    machine: Record = {
        "InstanceId": tx.random_id(INSTANCE.prefix),
        "ImageId": image,
        "InstanceType": kind,
        "State": _state("running"),
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "Placement": {"AvailabilityZone": subnet["AvailabilityZone"], "Tenancy": "default"},
        "PrivateIpAddress": _address(tx, subnet),
        "LaunchTime": render_time(tx.now),
        "Architecture": "arm64" if "arm64" in _name_of(image) else "x86_64",
        "RootDeviceType": "ebs",
        "SecurityGroups": _groups(tx, params.get("SecurityGroupIds", []), subnet["VpcId"]),
        "Monitoring": {"State": "enabled" if params.get("Monitoring", {}).get("Enabled") else "disabled"},
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": "optional",
            "HttpPutResponseHopLimit": 1,
            "HttpEndpoint": "enabled",
            **params.get("MetadataOptions", {}),
        },
        "EbsOptimized": params.get("EbsOptimized", False),
        "Tags": new_tags(params, INSTANCE),
        "_token": params.get("ClientToken"),
    }
    if "IamInstanceProfile" in params:
        machine["IamInstanceProfile"] = _profile(tx, params["IamInstanceProfile"])
    put(tx, INSTANCE, machine)
    return machine


def _profile(tx: Transaction, given: Answer) -> Answer:
    name = given.get("Name") or given.get("Arn", "").rsplit("/", 1)[-1]
    missing = f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
    profile = tx.require("iam:profile", name, ServiceError(INVALID, missing))
    return {"Arn": profile["Arn"], "Id": profile["InstanceProfileId"]}


def _groups(tx: Transaction, identifiers: list[str], vpc: str) -> list[Answer]:
    groups = [require(tx, GROUP, identifier) for identifier in identifiers]
    strange = [group["GroupId"] for group in groups if group["VpcId"] != vpc]
    message = f"Security group {', '.join(strange)} and the subnet belong to different networks."
    refuse_if(strange, INVALID, message)
    return [{"GroupId": group["GroupId"], "GroupName": group["GroupName"]} for group in groups]


def _address(tx: Transaction, subnet: Record) -> str:
    taken = {machine["PrivateIpAddress"] for machine in tx.all(INSTANCE.name)}
    hosts = list(ipaddress.IPv4Network(subnet["CidrBlock"]).hosts())[3:]
    free = next((str(host) for host in hosts if str(host) not in taken), None)
    if free is None:
        raise ServiceError("InsufficientFreeAddressesInSubnet", f"{subnet['SubnetId']} has no free address.")
    return free


def _check_image(identifier: str) -> None:
    code = "InvalidAMIID.NotFound" if re.fullmatch(r"ami-[0-9a-f]{8,17}", identifier) else "InvalidAMIID.Malformed"
    known = identifier in PUBLIC_IMAGES.values()
    refuse_if(not known, code, f"The image id '[{identifier}]' does not exist")


def _name_of(image: str) -> str:
    return next((name for name, identifier in PUBLIC_IMAGES.items() if identifier == image), "")


def _image(name: str, identifier: str) -> Answer:
    return {
        "ImageId": identifier,
        "Name": name.rsplit("/", 1)[-1],
        "State": "available",
        "Architecture": "arm64" if "arm64" in name else "x86_64",
        "OwnerId": "137112412989",  # Amazon's account for Amazon Linux: EC2 guide, checked 2026-11-21
        "Public": True,
        "RootDeviceType": "ebs",
        "VirtualizationType": "hvm",
    }


def _reservation(tx: Transaction, machines: list[Record]) -> Answer:
    shown = [public(machine) for machine in machines]
    number = machines[0]["InstanceId"].removeprefix("i-") if machines else ""
    return {"ReservationId": f"r-{number}", "OwnerId": tx.account, "Groups": [], "Instances": shown}


def _state(name: str) -> Answer:
    return {"Code": CODES[name], "Name": name}


HANDLERS: Final[Table] = {
    "RunInstances": run_instances,
    "DescribeInstances": describe_instances,
    "DescribeInstanceStatus": describe_instance_status,
    "TerminateInstances": terminate_instances,
    "ModifyInstanceAttribute": modify_instance_attribute,
    "DescribeImages": describe_images,
}
