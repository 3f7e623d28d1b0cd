"""A template as the sandbox takes it: read by `formats`, its parameters settled, its capabilities demanded."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mainstay import facts
from mainstay.core.errors import InputRefused
from mainstay.formats import cloudformation
from mainstay.plan.graph import faults
from mainstay.plan.plan import Parameter, Plan, RegionPlan
from mainstay.plan.resources import InstanceProfile, Opaque, Role
from mainstay.sandbox.cloudformation.records import INVALID
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import s3_objects, ssm
from mainstay.sandbox.services.handler import Params, refuse_if
from mainstay.sandbox.state import Transaction

MASK: Final = "****"
Settled = dict[str, str]


def text_of(tx: Transaction, params: Params) -> str | None:
    """The template that a request carries or points at; None when it does neither."""
    refuse_if(
        "TemplateBody" in params and "TemplateURL" in params,
        INVALID,
        "Specify only one of TemplateBody and TemplateURL.",
    )
    if "TemplateURL" in params:
        return _from_bucket(tx, params["TemplateURL"])
    if "TemplateBody" not in params:
        return None
    body: str = params["TemplateBody"]
    size, most = len(body.encode()), facts.limit("cloudformation", "inline_bytes")
    refuse_if(
        size > most,
        INVALID,
        f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length "
        f"less than or equal to {most} (it has {size} bytes)",
    )
    return body


def read(text: str, resolved: Mapping[str, str] | None = None) -> Plan:
    """The template's plan; with parameters (as `looked_up` gives them) they are settled and conditions decided.

    A template that cannot be read is refused as CloudFormation refuses it.
    """
    return _read(text, None if resolved is None else tuple(sorted(resolved.items())))


@functools.lru_cache(maxsize=32)
def _read(text: str, resolved: tuple[tuple[str, str], ...] | None) -> Plan:
    try:
        plan = cloudformation.read(text, file="template", parameters=None if resolved is None else dict(resolved))
    except InputRefused as error:
        told = [error.detail, *(finding.detail for finding in error.findings)]
        message = f"Template format error: {'; '.join(filter(None, told)) or error.summary}"
        raise ServiceError(INVALID, message) from error
    region = plan.primary
    broken = faults(region)
    refuse_if(broken, INVALID, f"Template format error: Unresolved resource dependencies: {'; '.join(broken)}")
    refuse_if(not region.resources, INVALID, "At least one Resources member must be defined.")
    return plan


def region_of(text: str, resolved: Mapping[str, str] | None = None) -> RegionPlan:
    """The one region that a template is for."""
    return read(text, resolved).primary


def written(text: str, resolved: Mapping[str, str]) -> Mapping[str, Any]:  # Any: a template's JSON
    """The template in its one normal form, to be compared property by property."""
    return _written(text, tuple(sorted(resolved.items())))


@functools.lru_cache(maxsize=32)
def _written(text: str, resolved: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:  # Any: see written
    plan = _read(text, resolved)
    return cloudformation.write(plan.primary, plan.intent)


def settle(
    tx: Transaction, text: str, given: Sequence[Mapping[str, Any]], previous: Mapping[str, str] | None
) -> Settled:
    """The value of every parameter: given, previous, or default; all that is wrong with them is refused."""
    region = region_of(text)
    names = {parameter.name: parameter for parameter in region.parameters}
    keys = [item["ParameterKey"] for item in given]
    strange = sorted(set(keys) - names.keys())
    refuse_if(strange, INVALID, f"Parameters: [{', '.join(strange)}] do not exist in the template")
    twice = sorted({key for key in keys if keys.count(key) > 1})
    refuse_if(twice, INVALID, f"Parameters: [{', '.join(twice)}] are given more than once")
    values: Settled = {name: item.default for name, item in names.items() if item.default is not None}
    for item in given:
        key = item["ParameterKey"]
        if item.get("UsePreviousValue"):
            refuse_if(
                "ParameterValue" in item,
                INVALID,
                f"Invalid input for parameter key {key}. "
                "Cannot specify usePreviousValue as true and non empty value for a parameter",
            )
            unknown = previous is None or key not in previous
            refuse_if(unknown, INVALID, f"Invalid input for parameter key {key}. There is no previous value.")
            values[key] = (previous or {})[key]
        elif "ParameterValue" in item:
            values[key] = item["ParameterValue"]
    missing = sorted(names.keys() - values.keys())
    refuse_if(missing, INVALID, f"Parameters: [{', '.join(missing)}] must have values")
    for name, parameter in names.items():
        _check(parameter, values[name])
    return values


def looked_up(tx: Transaction, text: str, values: Mapping[str, str]) -> Settled:
    """The parameters as resources see them: SSM types are replaced by what they point at."""
    resolved = dict(values)
    for parameter in region_of(text).parameters:
        if parameter.type.startswith("AWS::SSM::Parameter::Value<"):
            found = ssm.find(tx, values[parameter.name])
            message = f"Unable to fetch parameters [{values[parameter.name]}] from parameter store for this account."
            if found is None:
                raise ServiceError(INVALID, message)
            resolved[parameter.name] = found["Value"]
    return resolved


def shown_parameters(tx: Transaction, text: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters as answers show them: a NoEcho value never."""
    resolved = looked_up(tx, text, values)
    shown = []
    for parameter in region_of(text).parameters:
        value = values[parameter.name]
        item = {"ParameterKey": parameter.name, "ParameterValue": MASK if parameter.is_secret else value}
        if resolved[parameter.name] != value:
            item["ResolvedValue"] = resolved[parameter.name]
        shown.append(item)
    return shown


def capabilities_of(text: str) -> list[str]:
    """What the caller has to acknowledge: IAM resources, and those with names of their own."""
    region = region_of(text)
    made: list[Role | InstanceProfile] = [*region.of(Role), *region.of(InstanceProfile)]
    opaque = [item for item in region.of(Opaque) if item.type.startswith("AWS::IAM::")]
    if not made and not opaque:
        return []
    is_named = any(item.name is not None for item in made)
    return ["CAPABILITY_NAMED_IAM"] if is_named else ["CAPABILITY_IAM"]


def demand_capabilities(text: str, given: Sequence[str]) -> None:
    """Refuse a template whose IAM resources the caller has not acknowledged."""
    needed = capabilities_of(text)
    enough = {"CAPABILITY_NAMED_IAM"} | ({"CAPABILITY_IAM"} if needed == ["CAPABILITY_IAM"] else set())
    message = f"Requires capabilities : [{', '.join(needed)}]"
    refuse_if(needed and not enough & set(given), "InsufficientCapabilitiesException", message)


def _from_bucket(tx: Transaction, url: str) -> str:
    """A template from a bucket of the sandbox, by any of S3's three forms of a URL."""
    host_form = re.fullmatch(r"https://([a-z0-9.-]+)\.s3[.-][a-z0-9.-]*amazonaws\.com/([^?]+)(\?.*)?", url)
    path_form = re.fullmatch(r"https://s3[.a-z0-9-]*\.amazonaws\.com/([^/]+)/([^?]+)(\?.*)?", url)
    found = host_form or path_form or re.fullmatch(r"s3://([^/]+)/([^?]+)(\?.*)?", url)
    message = "TemplateURL must be a supported URL."
    if found is None:
        raise ServiceError(INVALID, message)
    try:
        content: bytes = s3_objects.get_object(tx, {"Bucket": found[1], "Key": found[2]})["Body"]
    except ServiceError as error:
        raise ServiceError(INVALID, f"S3 error: {error.message}") from error
    most = facts.limit("cloudformation", "bucket_bytes")
    refuse_if(len(content) > most, INVALID, f"Template may not exceed {most} bytes in size.")
    return content.decode()


def _check(parameter: Parameter, value: str) -> None:
    name = parameter.name
    allowed = parameter.allowed
    message = f"Parameter '{name}' must be one of AllowedValues: [{', '.join(allowed)}]"
    refuse_if(allowed and value not in allowed, INVALID, message)
    matches = parameter.pattern is None or re.fullmatch(parameter.pattern, value)
    refuse_if(not matches, INVALID, f"Parameter '{name}' must match pattern {parameter.pattern}")
    is_number = parameter.type != "Number" or re.fullmatch(r"-?\d+(\.\d+)?", value)
    refuse_if(
        not is_number, INVALID, f"Parameter '{name}' must be a number, not '{MASK if parameter.is_secret else value}'"
    )
    most = facts.limit("cloudformation", "parameter_value_bytes")
    refuse_if(len(value.encode()) > most, INVALID, f"Parameter '{name}' is longer than {most} bytes")
