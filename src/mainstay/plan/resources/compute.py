"""The bastion: an EC2 instance without inbound ports."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import InstanceProfile, Key
    from mainstay.plan.resources.network import SecurityGroup, Subnet


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataOptions:
    """The instance metadata service; `tokens` `required` is IMDSv2."""

    tokens: Value[str] | None = None
    endpoint: Value[str] | None = None
    hop_limit: Value[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDevice:
    """A volume of an instance; size in Bytes (whole GiB)."""

    device: Value[str]
    size: Value[Bytes] | None = None
    volume_type: Value[str] | None = None
    is_encrypted: Value[bool] | None = None
    key_id: Link[Key] | None = None
    deletes_on_termination: Value[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Resource):
    """An EC2 instance. `user_data` is plain text; a format encodes it."""

    image: Value[str]
    instance_type: Value[str] | None = None
    subnet: Link[Subnet] | None = None
    security_groups: tuple[Link[SecurityGroup], ...] = ()
    profile: Link[InstanceProfile] | None = None
    key_name: Value[str] | None = None
    metadata: MetadataOptions | None = None
    block_devices: tuple[BlockDevice, ...] = ()
    has_detailed_monitoring: Value[bool] | None = None
    is_ebs_optimized: Value[bool] | None = None
    user_data: Value[str] | None = None
    tags: Tags = field(default_factory=dict)
