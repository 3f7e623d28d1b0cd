"""A VPC of the app's, one that is looked up, and one that the spec names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.cdk.conftest import SMALL, StackMaker

from mainstay import cdk
from mainstay import spec as specs
from mainstay.core.errors import InputRefused

aws_cdk = pytest.importorskip("aws_cdk")
aws_ec2 = pytest.importorskip("aws_cdk.aws_ec2")

Synth = Callable[[Any], dict[str, Any]]
WITH_BASTION = {**SMALL, "access": {"bastion": {"image": "ami-0123456789abcdef0"}}}
LOOKED_UP = {
    "vpc_id": "vpc-0123456789abcdef0",
    "availability_zones": ["eu-central-1a", "eu-central-1b"],
    "isolated_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
    "private_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
}


def kinds(template: dict[str, Any]) -> set[str]:
    return {one["Type"] for one in template["Resources"].values()}


def three_tiers(stack: Any) -> Any:
    names = {"Public": "PUBLIC", "App": "PRIVATE_WITH_EGRESS", "Data": "PRIVATE_ISOLATED"}
    tiers = [
        aws_ec2.SubnetConfiguration(name=name, subnet_type=getattr(aws_ec2.SubnetType, kind))
        for name, kind in names.items()
    ]
    return aws_ec2.Vpc(stack, "Net", max_azs=2, subnet_configuration=tiers)


def test_it_stands_in_a_vpc_of_the_same_app(new_stack: StackMaker, synthesised: Synth) -> None:
    stack = new_stack()
    vpc = three_tiers(stack)
    database = cdk.Database(stack, "Orders", spec=WITH_BASTION, vpc=vpc)
    template = synthesised(stack)
    resources, named = template["Resources"], stack.resolve
    assert [key for key, one in resources.items() if one["Type"] == "AWS::EC2::VPC"] == [named(vpc.vpc_id)["Ref"]]
    assert resources["DatabaseGroup"]["Properties"]["VpcId"] == named(vpc.vpc_id)
    assert resources["DatabaseSubnets"]["Properties"]["SubnetIds"] == [
        named(one.subnet_id) for one in vpc.isolated_subnets
    ]
    assert resources["Bastion"]["Properties"]["SubnetId"] in [named(one.subnet_id) for one in vpc.private_subnets]
    told = json.dumps(template["Outputs"]["PrivateSubnetIds"]["Value"])
    assert all(named(one.subnet_id)["Ref"] in told for one in vpc.private_subnets)
    assert "0000000" not in json.dumps(template)
    assert not [name for name in template["Parameters"] if name.startswith("Existing")]
    assert database.vpc is vpc


def test_it_stands_in_a_vpc_of_another_stack(new_stack: StackMaker, synthesised: Synth) -> None:
    network = new_stack(name="Network", region="eu-central-1")
    vpc = three_tiers(network)
    stack = new_stack(name="Data", app=network.node.root, region="eu-central-1")
    cdk.Database(stack, "Orders", spec=SMALL, vpc=vpc)
    group = synthesised(stack)["Resources"]["DatabaseGroup"]
    assert group["Properties"]["VpcId"]["Fn::ImportValue"].startswith("Network:ExportsOutputRefNet")


def test_a_network_that_was_looked_up_tells_its_zones(new_stack: StackMaker, synthesised: Synth) -> None:
    stack = new_stack(region="eu-central-1")
    vpc = aws_ec2.Vpc.from_vpc_attributes(stack, "Net", **LOOKED_UP)
    two = {**SMALL, "network": {"nat": "one", "flow_logs": {"traffic": "all"}}}
    two = {**two, "database": {**SMALL["database"], "replicas": {"count": 1}}}
    cdk.Database(stack, "Orders", spec=two, vpc=vpc)
    template = synthesised(stack)
    resources = template["Resources"]
    assert resources["DatabaseReplica1"]["Properties"]["AvailabilityZone"] == "eu-central-1a"
    assert resources["DatabaseSubnets"]["Properties"]["SubnetIds"] == LOOKED_UP["isolated_subnet_ids"]
    assert resources["FlowLog"]["Properties"]["ResourceId"] == LOOKED_UP["vpc_id"]
    assert template["Outputs"]["PrivateSubnetIds"]["Value"] in (
        ",".join(LOOKED_UP["private_subnet_ids"]),
        {"Fn::Sub": ",".join(LOOKED_UP["private_subnet_ids"])},
    )
    assert kinds(template).isdisjoint({"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NatGateway"})


def test_subnets_are_those_that_are_given_and_two_at_least(new_stack: StackMaker, synthesised: Synth) -> None:
    stack = new_stack(region="eu-central-1")
    vpc = aws_ec2.Vpc.from_vpc_attributes(stack, "Net", **LOOKED_UP)
    with pytest.raises(InputRefused, match="has 1 isolated or private subnets to take as database_subnets"):
        cdk.Database(stack, "One", spec=SMALL, vpc=vpc, database_subnets=vpc.isolated_subnets[:1])
    cdk.Database(stack, "Two", spec=SMALL, vpc=vpc, database_subnets=vpc.private_subnets)
    subnets = synthesised(stack)["Resources"]["DatabaseSubnets"]["Properties"]["SubnetIds"]
    assert subnets == LOOKED_UP["private_subnet_ids"]
    only_public = aws_ec2.Vpc(stack, "Public", nat_gateways=0, subnet_configuration=[
        aws_ec2.SubnetConfiguration(name="P", subnet_type=aws_ec2.SubnetType.PUBLIC)
    ])  # fmt: skip
    with pytest.raises(InputRefused, match=r"Stack/Public has 0 .*\n.*isolated subnets in two zones"):
        cdk.Database(stack, "None", spec={**SMALL, "name": "none"}, vpc=only_public)


def test_an_application_is_admitted_by_addresses_where_they_are_known(
    new_stack: StackMaker, synthesised: Synth
) -> None:
    by_address = {**SMALL, "access": {"application": "subnets"}}
    stack = new_stack(region="eu-central-1")
    vpc = three_tiers(stack)
    cdk.Database(stack, "Orders", spec=by_address, vpc=vpc)
    rules = [
        one["Properties"]["CidrIp"]
        for one in synthesised(stack)["Resources"].values()
        if one["Type"] == "AWS::EC2::SecurityGroupIngress"
    ]
    assert rules == [one.ipv4_cidr_block for one in vpc.private_subnets]
    stack = new_stack(region="eu-central-1", app=aws_cdk.App())
    unknown = aws_ec2.Vpc.from_vpc_attributes(stack, "Net", **LOOKED_UP)
    with pytest.raises(InputRefused, match="subnets of vpc= do not tell theirs"):
        cdk.Database(stack, "Orders", spec=by_address, vpc=unknown)


def test_a_loaded_spec_stands_there_too(new_stack: StackMaker, synthesised: Synth) -> None:
    stack = new_stack(region="eu-central-1")
    vpc = aws_ec2.Vpc.from_vpc_attributes(stack, "Net", **LOOKED_UP)
    cdk.Database(stack, "Orders", spec=specs.load(SMALL), vpc=vpc)
    assert "AWS::EC2::VPC" not in kinds(synthesised(stack))


def test_a_network_that_the_spec_names_is_known_to_the_cdk_with_its_zones(new_stack: StackMaker) -> None:
    existing = {
        "vpc": LOOKED_UP["vpc_id"],
        "isolated": LOOKED_UP["isolated_subnet_ids"],
        "private": LOOKED_UP["private_subnet_ids"],
    }
    stack = new_stack()
    without = cdk.Database(stack, "Without", spec={**SMALL, "network": {"existing": existing}})
    with pytest.raises(InputRefused, match=r"zones of vpc-0123456789abcdef0's subnets.*\n.*network.existing.zones"):
        _ = without.vpc
    zones = {**existing, "zones": LOOKED_UP["availability_zones"]}
    known = cdk.Database(stack, "With", spec={**SMALL, "name": "with", "network": {"existing": zones}}).vpc
    assert [one.subnet_id for one in known.private_subnets] == existing["private"]
    assert [one.availability_zone for one in known.isolated_subnets] == zones["zones"]
