from __future__ import annotations

from typing import Any

import pytest

GROUP = {"LogGroupName": "g", "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/r"}
BUCKET = {"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::b"}


@pytest.fixture
def ec2(site: Any) -> Any:
    return site.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def create(ec2: Any, vpc: str, **more: Any) -> str:
    made = ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", **{"TrafficType": "ALL", **more})
    return str(made["FlowLogIds"][0])


def test_a_network_s_traffic_may_go_to_two_places(ec2: Any, vpc: str, refuses: Any) -> None:
    first = create(
        ec2, vpc, **GROUP, TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}]
    )
    create(ec2, vpc, **BUCKET, MaxAggregationInterval=60)
    with refuses("FlowLogAlreadyExists", vpc):
        create(ec2, vpc, **GROUP)
    found = ec2.describe_flow_logs(Filters=[{"Name": "log-group-name", "Values": ["g"]}])["FlowLogs"]
    assert [(item["FlowLogId"], item["MaxAggregationInterval"], item["Tags"]) for item in found] == [
        (first, 600, [{"Key": "a", "Value": "b"}])
    ]
    ec2.delete_flow_logs(FlowLogIds=[first])
    assert len(ec2.describe_flow_logs()["FlowLogs"]) == 1
    with refuses("InvalidFlowLogId.NotFound"):
        ec2.delete_flow_logs(FlowLogIds=[first])


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ({**GROUP, "MaxAggregationInterval": 61}, "InvalidParameter", "60 and 600"),
        ({"LogGroupName": "g"}, "InvalidParameter", "DeliverLogsPermissionArn"),
        ({"DeliverLogsPermissionArn": "arn:r"}, "InvalidParameter", "exactly one"),
        ({**BUCKET, "LogDestination": "b"}, "InvalidParameter", "ARN of a bucket"),
        ({**BUCKET, "LogGroupName": "g"}, "InvalidParameter", "LogGroupName"),
        ({**GROUP, "LogDestinationType": "kinesis-data-firehose"}, "InvalidParameter", "destination"),
        ({**GROUP, "TrafficType": "SOME"}, "InvalidParameter", "TrafficType"),
    ],
)
def test_what_cannot_be_delivered_is_refused(
    ec2: Any, vpc: str, refuses: Any, given: dict[str, Any], code: str, told: str
) -> None:
    with refuses(code, told):
        create(ec2, vpc, **given)


def test_what_is_not_there_has_no_traffic(ec2: Any, vpc: str, refuses: Any) -> None:
    with refuses("InvalidVpcID.NotFound"):
        create(ec2, "vpc-0", **GROUP)
    with refuses("MissingParameter"):
        ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", **GROUP)
    with refuses("SandboxNotImplemented", "TransitGateway"):
        ec2.create_flow_logs(ResourceIds=["tgw-1"], ResourceType="TransitGateway", TrafficType="ALL", **GROUP)
