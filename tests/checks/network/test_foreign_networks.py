"""Networks as the CDK and tutorials write them: what is a way is no fault, and one part less is."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks import run
from mainstay.formats import cloudformation

# What the CDK makes of a VPC, a function with `allowAllOutbound: false`, a grant, a database and an endpoint.
CDK = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true, EnableDnsSupport: true}}
  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Routes: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  PrivateRoutes:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Private, RouteTableId: !Ref Routes}
  DbGroup: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: the database, VpcId: !Ref Vpc}}
  FromJob:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !GetAtt DbGroup.GroupId
      IpProtocol: tcp
      FromPort: !GetAtt Db.Endpoint.Port
      ToPort: !GetAtt Db.Endpoint.Port
      SourceSecurityGroupId: !GetAtt JobGroup.GroupId
  Subnets:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {DBSubnetGroupDescription: the database, SubnetIds: [!Ref Private, subnet-0a1b2c3d]}
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      PubliclyAccessible: false
      DBSubnetGroupName: !Ref Subnets
      VPCSecurityGroups: [!GetAtt DbGroup.GroupId]
      MasterUserPassword: !Join ['', ['{{resolve:secretsmanager:', !Ref Login, ':SecretString:password::}}']]
  Login: {Type: AWS::SecretsManager::Secret, Properties: {}}
  Held:
    Type: AWS::SecretsManager::SecretTargetAttachment
    Properties: {SecretId: !Ref Login, TargetId: !Ref Db, TargetType: AWS::RDS::DBInstance}
  JobGroup: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: the function, VpcId: !Ref Vpc}}
  ToDb:
    Type: AWS::EC2::SecurityGroupEgress
    Properties:
      GroupId: !GetAtt JobGroup.GroupId
      IpProtocol: tcp
      FromPort: !GetAtt Db.Endpoint.Port
      ToPort: !GetAtt Db.Endpoint.Port
      DestinationSecurityGroupId: !GetAtt DbGroup.GroupId
  ToDoor:
    Type: AWS::EC2::SecurityGroupEgress
    Properties:
      GroupId: !GetAtt JobGroup.GroupId
      IpProtocol: tcp
      FromPort: 443
      ToPort: 443
      DestinationSecurityGroupId: !GetAtt DoorGroup.GroupId
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Grant:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: Grant
      Roles: [!Ref Role]
      PolicyDocument:
        Statement: [{Effect: Allow, Action: [secretsmanager:GetSecretValue], Resource: !Ref Held}]
  Job:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Code: {ZipFile: pass}
      Environment: {Variables: {SECRET: !Ref Held, HOST: !GetAtt Db.Endpoint.Address}}
      VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [!GetAtt JobGroup.GroupId]}
  DoorGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: the endpoint
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !GetAtt Vpc.CidrBlock}]
      SecurityGroupEgress: [{CidrIp: 255.255.255.255/32, IpProtocol: icmp, FromPort: 252, ToPort: 86}]
  Door:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.secretsmanager
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      SubnetIds: [!Ref Private]
      SecurityGroupIds: [!GetAtt DoorGroup.GroupId]
"""
NAT = """\
  ByNat:
    Type: AWS::EC2::Route
    Condition: HasNat
    Properties: {RouteTableId: !Ref Routes, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  Nat: {Type: AWS::EC2::NatGateway, Condition: HasNat, Properties: {SubnetId: !Ref Public, AllocationId: eipalloc-1}}
  Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
"""


def without(text: str, *keys: str) -> str:
    """The template without these resources."""
    kept, is_kept = [], True
    for line in text.splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            is_kept = line.strip().split(":")[0] not in keys
        kept += [line] if is_kept else []
    return "\n".join(kept) + "\n"


def said(text: str) -> set[tuple[str, str]]:
    findings = run(cloudformation.read(text, file="stack.yaml"), today=date(2026, 11, 20))
    about = ("NW", "PX", "DB031", "MS")
    return {(finding.id, finding.key) for finding in findings if finding.id.startswith(about)}


def test_what_the_cdk_writes_is_a_way() -> None:
    assert said(CDK) == set()


@pytest.mark.parametrize(
    ("gone", "finding"),
    [
        ("Door", ("NW003", "Job")),
        ("ToDoor", ("NW003", "Job")),
        ("ToDb", ("NW002", "JobGroup")),
        ("FromJob", ("NW002", "Db")),
    ],
)
def test_one_part_less_is_a_fault(gone: str, finding: tuple[str, str]) -> None:
    # A group that only the missing part has named is left over as well.
    assert said(without(CDK, gone)) - {("NW004", "DoorGroup")} == {finding}


def test_a_gateway_that_hangs_on_a_condition_may_be_there() -> None:
    everywhere = CDK.replace(
        "CidrIp: 255.255.255.255/32, IpProtocol: icmp, FromPort: 252, ToPort: 86", "IpProtocol: '-1'"
    )
    free = without(everywhere, "Door", "DoorGroup", "ToDoor", "ToDb") + NAT
    assert ("NW003", "Job") not in said(free)


def test_another_stack_s_network_is_left_alone() -> None:
    given = CDK.replace("  Vpc: {Type: AWS::EC2::VPC,", "  Unused: {Type: AWS::EC2::VPC,").replace(
        "!Ref Vpc", "!ImportValue Network"
    )
    assert said(without(given.replace("!GetAtt Vpc.CidrBlock", "10.0.0.0/16"), "Door", "DoorGroup", "ToDoor")) == set()
