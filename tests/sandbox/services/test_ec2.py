from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

IMAGE = "ami-0a12023000000f864"
TAGGED = [{"Key": "Name", "Value": "n"}]


@dataclass
class Network:
    ec2: Any
    vpc: str
    subnet: str
    group: str


@pytest.fixture
def ec2(site: Any) -> Any:
    return site.client("ec2")


@pytest.fixture
def net(ec2: Any) -> Network:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": TAGGED}])["Vpc"][
        "VpcId"
    ]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone="eu-central-1a")["Subnet"][
        "SubnetId"
    ]
    group = ec2.create_security_group(GroupName="db", Description="d", VpcId=vpc)["GroupId"]
    return Network(ec2, vpc, subnet, group)


def tcp(port: int, **peer: Any) -> list[dict[str, Any]]:
    return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}]


def test_a_network_needs_a_sound_block(ec2: Any, refuses: Any) -> None:
    assert ec2.create_vpc(CidrBlock="10.0.1.7/16")["Vpc"]["CidrBlock"] == "10.0.0.0/16"
    for cidr, code in (
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("x", "InvalidParameterValue"),
    ):
        with refuses(code):
            ec2.create_vpc(CidrBlock=cidr)


def test_subnets_lie_inside_and_beside_each_other(net: Network, refuses: Any) -> None:
    for cidr, code in (
        ("10.1.0.0/24", "InvalidSubnet.Range"),
        ("10.0.0.0/15", "InvalidSubnet.Range"),
        ("10.0.1.0/29", "InvalidSubnet.Range"),
        ("10.0.0.128/25", "InvalidSubnet.Conflict"),
    ):
        with refuses(code):
            net.ec2.create_subnet(VpcId=net.vpc, CidrBlock=cidr)
    with refuses("InvalidParameterValue", "eu-central-1a, eu-central-1b, eu-central-1c"):
        net.ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.2.0/24", AvailabilityZone="eu-central-1z")
    with refuses("InvalidVpcID.NotFound"):
        net.ec2.create_subnet(VpcId="vpc-0", CidrBlock="10.0.2.0/24")
    found = net.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [net.vpc]}])["Subnets"]
    assert [(item["SubnetId"], item["AvailableIpAddressCount"]) for item in found] == [(net.subnet, 251)]
    net.ec2.modify_subnet_attribute(SubnetId=net.subnet, MapPublicIpOnLaunch={"Value": True})
    assert net.ec2.describe_subnets(SubnetIds=[net.subnet])["Subnets"][0]["MapPublicIpOnLaunch"] is True


def test_zones_are_those_of_the_region(ec2: Any, refuses: Any) -> None:
    names = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    assert names == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    with refuses("InvalidParameterValue"):
        ec2.describe_availability_zones(ZoneNames=["eu-central-1z"])


def test_names_are_resolved_when_told(net: Network, refuses: Any) -> None:
    net.ec2.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    answer = net.ec2.describe_vpc_attribute(VpcId=net.vpc, Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"]["Value"] is True
    assert (
        net.ec2.describe_vpc_attribute(VpcId=net.vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]["Value"] is True
    )
    both = {"EnableDnsHostnames": {"Value": True}, "EnableDnsSupport": {"Value": True}}
    with refuses("InvalidParameterCombination"):
        net.ec2.modify_vpc_attribute(VpcId=net.vpc, **both)


def test_filters_tags_and_pages(net: Network, refuses: Any) -> None:
    net.ec2.create_tags(Resources=[net.vpc, net.group], Tags=[{"Key": "env", "Value": "dev"}])
    for rule in (
        {"Name": "tag:env", "Values": ["d*"]},
        {"Name": "tag-key", "Values": ["Name"]},
        {"Name": "cidr", "Values": ["10.0.0.0/16"]},
    ):
        assert len(net.ec2.describe_vpcs(Filters=[rule])["Vpcs"]) == 1
    assert net.ec2.describe_vpcs(Filters=[{"Name": "tag:env", "Values": ["prod"]}])["Vpcs"] == []
    with refuses("InvalidParameterValue", "filter 'nonsense'"):
        net.ec2.describe_vpcs(Filters=[{"Name": "nonsense", "Values": ["x"]}])
    with refuses("InvalidID"):
        net.ec2.create_tags(Resources=["zzz-1"], Tags=TAGGED)
    with refuses("InvalidParameterValue", "taggable"):
        net.ec2.create_vpc(CidrBlock="10.2.0.0/16", TagSpecifications=[{"ResourceType": "subnet", "Tags": TAGGED}])
    net.ec2.delete_tags(Resources=[net.vpc], Tags=[{"Key": "env"}])
    assert net.ec2.describe_vpcs()["Vpcs"][0]["Tags"] == TAGGED
    for number in range(1, 7):
        net.ec2.create_subnet(VpcId=net.vpc, CidrBlock=f"10.0.{number}.0/24")
    pages = net.ec2.get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5})
    assert [len(page["Subnets"]) for page in pages] == [5, 2]


def test_groups_hold_rules_once_each(net: Network, refuses: Any) -> None:
    other = net.ec2.create_security_group(GroupName="app", Description="d", VpcId=net.vpc)["GroupId"]
    rules = tcp(5432, UserIdGroupPairs=[{"GroupId": other, "Description": "app"}], IpRanges=[{"CidrIp": "10.0.0.0/16"}])
    made = net.ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=rules)["SecurityGroupRules"]
    assert len(made) == 2
    with refuses("InvalidPermission.Duplicate"):
        net.ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=rules)
    shown = net.ec2.describe_security_groups(GroupIds=[net.group])["SecurityGroups"][0]
    assert shown["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == other
    assert shown["IpPermissionsEgress"][0]["IpProtocol"] == "-1"
    assert (
        len(
            net.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [net.group]}])[
                "SecurityGroupRules"
            ]
        )
        == 3
    )
    with refuses("DependencyViolation"):
        net.ec2.delete_security_group(GroupId=other)
    net.ec2.revoke_security_group_ingress(GroupId=net.group, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])
    net.ec2.revoke_security_group_ingress(
        GroupId=net.group, IpPermissions=tcp(5432, UserIdGroupPairs=[{"GroupId": other}])
    )
    with refuses("InvalidPermission.NotFound"):
        net.ec2.revoke_security_group_ingress(
            GroupId=net.group, IpPermissions=tcp(1, IpRanges=[{"CidrIp": "10.0.0.0/8"}])
        )
    assert net.ec2.describe_security_groups(GroupIds=[net.group])["SecurityGroups"][0]["IpPermissions"] == []
    net.ec2.delete_security_group(GroupId=other)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"IpProtocol": "tcp", "FromPort": 2, "ToPort": 1}, "InvalidParameterValue"),
        ({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65_536}, "InvalidParameterValue"),
        ({"IpProtocol": "tcp"}, "InvalidParameterValue"),
        ({"IpProtocol": "carrier-pigeon", "FromPort": 1, "ToPort": 1}, "InvalidParameterValue"),
    ],
)
def test_rules_with_wrong_ports_are_refused(net: Network, rule: dict[str, Any], code: str, refuses: Any) -> None:
    with refuses(code):
        net.ec2.authorize_security_group_egress(
            GroupId=net.group, IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
        )


def test_groups_are_named_once_a_network(net: Network, refuses: Any) -> None:
    for name, text, code in (
        ("db", "d", "InvalidGroup.Duplicate"),
        ("default", "d", "InvalidGroup.Duplicate"),
        ("sg-x", "d", "InvalidParameterValue"),
        ("x", "ümlaut", "InvalidParameterValue"),
    ):
        with refuses(code):
            net.ec2.create_security_group(GroupName=name, Description=text, VpcId=net.vpc)
    default = net.ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
    with refuses("CannotDelete"):
        net.ec2.delete_security_group(GroupId=default)
    far = net.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    strange = net.ec2.create_security_group(GroupName="far", Description="d", VpcId=far)["GroupId"]
    with refuses("InvalidGroup.NotFound"):
        net.ec2.authorize_security_group_ingress(
            GroupId=net.group, IpPermissions=tcp(1, UserIdGroupPairs=[{"GroupId": strange}])
        )


def test_the_way_out_is_built_and_taken_down_in_order(net: Network, refuses: Any) -> None:
    ec2 = net.ec2
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    with refuses("Resource.AlreadyAssociated"):
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=net.subnet, AllocationId=address["AllocationId"])["NatGateway"][
        "NatGatewayId"
    ]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat])
    with refuses("Resource.AlreadyAssociated"):
        ec2.create_nat_gateway(SubnetId=net.subnet, AllocationId=address["AllocationId"])
    table = ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(**route, GatewayId=gateway)
    with refuses("RouteAlreadyExists"):
        ec2.create_route(**route, NatGatewayId=nat)
    ec2.replace_route(**route, NatGatewayId=nat)
    with refuses("MissingParameter"):
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.5.0.0/16")
    link = ec2.associate_route_table(RouteTableId=table, SubnetId=net.subnet)["AssociationId"]
    with refuses("Resource.AlreadyAssociated"):
        ec2.associate_route_table(RouteTableId=table, SubnetId=net.subnet)
    for call, more in (
        (ec2.delete_route_table, {"RouteTableId": table}),
        (ec2.delete_internet_gateway, {"InternetGatewayId": gateway}),
        (ec2.detach_internet_gateway, {"InternetGatewayId": gateway, "VpcId": net.vpc}),
        (ec2.delete_subnet, {"SubnetId": net.subnet}),
        (ec2.delete_vpc, {"VpcId": net.vpc}),
    ):
        with refuses("DependencyViolation"):
            call(**more)
    with refuses("InvalidIPAddress.InUse"):
        ec2.release_address(AllocationId=address["AllocationId"])
    with refuses("InvalidParameterValue", "local"):
        ec2.delete_route(RouteTableId=table, DestinationCidrBlock="10.0.0.0/16")
    ec2.delete_route(**route)
    with refuses("InvalidRoute.NotFound"):
        ec2.delete_route(**route)
    ec2.disassociate_route_table(AssociationId=link)
    with refuses("InvalidAssociationID.NotFound"):
        ec2.disassociate_route_table(AssociationId=link)
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[nat])
    ec2.release_address(AllocationId=address["AllocationId"])
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    with refuses("Gateway.NotAttached"):
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=net.subnet)
    ec2.delete_security_group(GroupId=net.group)
    ec2.delete_vpc(VpcId=net.vpc)
    assert ec2.describe_route_tables()["RouteTables"] == ec2.describe_addresses()["Addresses"] == []


def test_endpoints_need_what_aws_needs(net: Network, refuses: Any) -> None:
    door = {"VpcId": net.vpc, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.eu-central-1.ssm"}
    with refuses("InvalidParameter", "enableDnsHostnames"):
        net.ec2.create_vpc_endpoint(**door, PrivateDnsEnabled=True)
    net.ec2.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    made = net.ec2.create_vpc_endpoint(
        **door, SubnetIds=[net.subnet], SecurityGroupIds=[net.group], PrivateDnsEnabled=True
    )
    endpoint = made["VpcEndpoint"]["VpcEndpointId"]
    with refuses("InvalidParameter", "conflicting"):
        net.ec2.create_vpc_endpoint(**door, PrivateDnsEnabled=True)
    with refuses("InvalidServiceName"):
        net.ec2.create_vpc_endpoint(VpcId=net.vpc, ServiceName="com.amazonaws.us-east-1.ssm")
    with refuses("InvalidParameter", "Gateway"):
        net.ec2.create_vpc_endpoint(
            VpcId=net.vpc, ServiceName="com.amazonaws.eu-central-1.ssm", VpcEndpointType="Gateway"
        )
    for call, more in (
        (net.ec2.delete_subnet, {"SubnetId": net.subnet}),
        (net.ec2.delete_security_group, {"GroupId": net.group}),
    ):
        with refuses("DependencyViolation"):
            call(**more)
    net.ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint, RemoveSubnetIds=[net.subnet], RemoveSecurityGroupIds=[net.group]
    )
    assert net.ec2.describe_vpc_endpoints()["VpcEndpoints"][0]["SubnetIds"] == []
    answer = net.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint, "vpce-0"])
    assert [item["ResourceId"] for item in answer["Unsuccessful"]] == ["vpce-0"]


def test_instances_are_started_of_known_images(site: Any, net: Network, refuses: Any) -> None:
    site.client("iam").create_instance_profile(InstanceProfileName="p")
    run = {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": net.subnet}
    machine = net.ec2.run_instances(
        **run, SecurityGroupIds=[net.group], IamInstanceProfile={"Name": "p"}, UserData="x", ClientToken="t"
    )["Instances"][0]
    assert machine["PrivateIpAddress"] == "10.0.0.4"
    again = net.ec2.run_instances(**run, ClientToken="t")["Instances"]
    assert [item["InstanceId"] for item in again] == [machine["InstanceId"]]
    net.ec2.get_waiter("instance_running").wait(InstanceIds=[machine["InstanceId"]])
    net.ec2.get_waiter("instance_status_ok").wait(InstanceIds=[machine["InstanceId"]])
    for change, code in (
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "nonsense"}, "InvalidAMIID.Malformed"),
        ({"InstanceType": "huge"}, "InvalidParameterValue"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue"),
    ):
        with refuses(code):
            net.ec2.run_instances(**{**run, **change})
    with refuses("DependencyViolation"):
        net.ec2.delete_security_group(GroupId=net.group)
    net.ec2.modify_instance_attribute(InstanceId=machine["InstanceId"], Groups=[])
    net.ec2.terminate_instances(InstanceIds=[machine["InstanceId"]])
    net.ec2.get_waiter("instance_terminated").wait(InstanceIds=[machine["InstanceId"]])
    net.ec2.delete_subnet(SubnetId=net.subnet)
