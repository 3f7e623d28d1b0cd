"""What the installed cfn-lint and botocore say: resource schemas, lists that AWS publishes, models of the API."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from botocore.session import get_session
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

CFN_LINT: Final = "cfn-lint"
BOTOCORE: Final = "botocore"
_DATA: Final = files("cfnlint") / "data"
# Where regions differ, the one with the most services is the one to learn types from.
_REGION: Final = "us-east-1"


def carrier_version(carrier: str) -> str:
    """`1.58.0` of the installed package."""
    return version(carrier)


def schemas_date() -> str:
    """The day on which cfn-lint took its schemas from AWS, `2026-10-20`; botocore tells none of its models."""
    return str(_json("schemas/version.json")["schema_date"])[:10]


def schema(type_name: str) -> Mapping[str, Any]:  # Any: JSON
    """CloudFormation's schema of a resource type."""
    found: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, type_name).schema
    return found


def extension(type_name: str, name: str) -> Any:  # Any: JSON
    """A list that cfn-lint keeps beside a type's schema, such as the classes of every region."""
    return _json(f"schemas/extensions/{type_name}/{name}.json")


def additional(name: str) -> Any:  # Any: JSON
    """A list that cfn-lint keeps for all types."""
    return _json(f"AdditionalSpecs/{name}.json")


def shape(service: str, name: str) -> Any:  # Any: botocore publishes no types
    """A shape of a service's model, with `metadata` (bounds) and `enum`."""
    return _model(service).shape_for(name)


def documented(service: str, shape_name: str, member: str) -> str:
    """What the model says about a member of a structure, as plain text."""
    written = shape(service, shape_name).members[member].documentation
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", written)).strip()


def partitions() -> Sequence[Mapping[str, Any]]:  # Any: JSON
    """Partitions with their regions, as botocore resolves endpoints by them."""
    return list(get_session().get_data("endpoints")["partitions"])


@functools.cache
def _model(service: str) -> Any:  # Any: botocore publishes no types
    return get_session().get_service_model(service)


def _json(path: str) -> Any:  # Any: JSON
    return json.loads((_DATA / path).read_text(encoding="utf-8"))
