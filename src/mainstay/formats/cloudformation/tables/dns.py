"""Names in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.lists import link, texts
from mainstay.formats.scalars import seconds_text, text
from mainstay.formats.table import Row, Table, blocks
from mainstay.plan.resources import HostedZone, RecordSet, ZoneNetwork

HOSTED_ZONE = Table(
    "AWS::Route53::HostedZone",
    HostedZone,
    (
        Row("name", "Name", text),
        Row(
            "networks",
            "VPCs",
            blocks(ZoneNetwork, Row("vpc", "VPCId", link("id")), Row("region", "VPCRegion", text)),
        ),
        Row("comment", "HostedZoneConfig.Comment", text),
        Row("tags", "HostedZoneTags", tags),
    ),
    ref_attributes=("Id",),
)

RECORD_SET = Table(
    "AWS::Route53::RecordSet",
    RecordSet,
    (
        Row("zone", "HostedZoneId", link("id")),
        Row("name", "Name", text),
        Row("type", "Type", text),
        Row("ttl", "TTL", seconds_text),
        Row("values", "ResourceRecords", texts),
    ),
    ref_is="name",
)

TABLES = (HOSTED_ZONE, RECORD_SET)
