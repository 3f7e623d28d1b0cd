"""Names in Terraform."""

from __future__ import annotations

from mainstay.formats.lists import link, texts
from mainstay.formats.scalars import seconds, text
from mainstay.formats.table import Row, blocks
from mainstay.formats.terraform.blocks import Blocks
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import HostedZone, RecordSet, ZoneNetwork

HOSTED_ZONE = Blocks(
    "aws_route53_zone",
    HostedZone,
    (
        Row("name", "aws_route53_zone.name", text),
        Row(
            "networks",
            "aws_route53_zone.vpc",
            blocks(ZoneNetwork, Row("vpc", "vpc_id", link("id")), Row("region", "vpc_region", text)),
        ),
        Row("comment", "aws_route53_zone.comment", text),
        tags("aws_route53_zone"),
    ),
    ref_attributes=("zone_id",),
)

RECORD_SET = Blocks(
    "aws_route53_record",
    RecordSet,
    (
        Row("zone", "aws_route53_record.zone_id", link("id")),
        Row("name", "aws_route53_record.name", text),
        Row("type", "aws_route53_record.type", text),
        Row("ttl", "aws_route53_record.ttl", seconds),
        Row("values", "aws_route53_record.records", texts),
    ),
    ref_is="name",
    needs=("aws_route53_record.zone_id",),
)

TABLES: tuple[Blocks, ...] = (HOSTED_ZONE, RECORD_SET)
