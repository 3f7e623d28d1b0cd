"""The bastion in Terraform."""

from __future__ import annotations

from typing import Final, cast

from mainstay.formats.differences.alike import ROOT_DEVICE
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, gib, integer, text
from mainstay.formats.table import Row, block, blocks
from mainstay.formats.terraform.blocks import Blocks, Doc, Place, body
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import BlockDevice, Instance, MetadataOptions
from mainstay.plan.values import Json

# The provider knows the root by its own block, without a name.
_ROOT: Final = ROOT_DEVICE


def _root_apart(doc: Doc, place: Place) -> None:
    instance = body(doc, "aws_instance")
    devices = cast("list[Json]", instance.pop("ebs_block_device", []))
    root = [one for one in devices if isinstance(one, dict) and one.get("device_name") == _ROOT]
    others = [one for one in devices if one not in root]
    if root:
        instance["root_block_device"] = {name: item for name, item in root[0].items() if name != "device_name"}
    if others:
        instance["ebs_block_device"] = others


def _root_inward(doc: Doc, place: Place) -> None:
    instance = body(doc, "aws_instance")
    root, others = instance.pop("root_block_device", None), instance.pop("ebs_block_device", [])
    devices: list[Json] = [{"device_name": _ROOT, **root}] if isinstance(root, dict) else []
    devices += others if isinstance(others, list) else []
    if devices:
        instance["ebs_block_device"] = devices


INSTANCE = Blocks(
    "aws_instance",
    Instance,
    (
        Row("image", "aws_instance.ami", text),
        Row("instance_type", "aws_instance.instance_type", text),
        Row("subnet", "aws_instance.subnet_id", link("id")),
        Row("security_groups", "aws_instance.vpc_security_group_ids", links("id", "group_id")),
        Row("profile", "aws_instance.iam_instance_profile", link("name")),
        Row("key_name", "aws_instance.key_name", text),
        Row(
            "metadata",
            "aws_instance.metadata_options",
            block(
                MetadataOptions,
                Row("tokens", "http_tokens", text),
                Row("endpoint", "http_endpoint", text),
                Row("hop_limit", "http_put_response_hop_limit", integer),
            ),
        ),
        Row(
            "block_devices",
            "aws_instance.ebs_block_device",
            blocks(
                BlockDevice,
                Row("device", "device_name", text),
                Row("size", "volume_size", gib),
                Row("volume_type", "volume_type", text),
                Row("is_encrypted", "encrypted", boolean),
                Row("key_id", "kms_key_id", link("arn", "id", "key_id")),
                Row("deletes_on_termination", "delete_on_termination", boolean),
            ),
        ),
        Row("has_detailed_monitoring", "aws_instance.monitoring", boolean),
        Row("is_ebs_optimized", "aws_instance.ebs_optimized", boolean),
        Row("user_data", "aws_instance.user_data", text),
        tags("aws_instance"),
    ),
    attributes={"private_dns_name": "private_dns"},
    outward=_root_apart,
    inward=_root_inward,
)

TABLES: tuple[Blocks, ...] = (INSTANCE,)
