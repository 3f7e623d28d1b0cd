"""The bastion in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags, user_data
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, gib, integer, text
from mainstay.formats.table import Row, Table, block, blocks
from mainstay.plan.resources import BlockDevice, Instance, MetadataOptions

_BLOCK_DEVICES = blocks(
    BlockDevice,
    Row("device", "DeviceName", text),
    Row("size", "Ebs.VolumeSize", gib),
    Row("volume_type", "Ebs.VolumeType", text),
    Row("is_encrypted", "Ebs.Encrypted", boolean),
    Row("key_id", "Ebs.KmsKeyId", link("arn", "id", "key_id")),
    Row("deletes_on_termination", "Ebs.DeleteOnTermination", boolean),
)

INSTANCE = Table(
    "AWS::EC2::Instance",
    Instance,
    (
        Row("image", "ImageId", text),
        Row("instance_type", "InstanceType", text),
        Row("subnet", "SubnetId", link("id")),
        Row("security_groups", "SecurityGroupIds", links("id", "group_id")),
        Row("profile", "IamInstanceProfile", link("name")),
        Row("key_name", "KeyName", text),
        Row(
            "metadata",
            "MetadataOptions",
            block(
                MetadataOptions,
                Row("tokens", "HttpTokens", text),
                Row("endpoint", "HttpEndpoint", text),
                Row("hop_limit", "HttpPutResponseHopLimit", integer),
            ),
        ),
        Row("block_devices", "BlockDeviceMappings", _BLOCK_DEVICES),
        Row("has_detailed_monitoring", "Monitoring", boolean),
        Row("is_ebs_optimized", "EbsOptimized", boolean),
        Row("user_data", "UserData", user_data),
        Row("tags", "Tags", tags),
    ),
    attributes={"private_ip": "PrivateIp", "public_ip": "PublicIp", "private_dns_name": "PrivateDnsName"},
    ref_attributes=("InstanceId",),
)

TABLES = (INSTANCE,)
