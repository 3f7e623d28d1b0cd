"""A template that somebody else wrote, with the mistakes that tutorials teach, read and judged with file and line."""

from __future__ import annotations

from datetime import date

from mainstay.checks import run
from mainstay.formats import cloudformation

TEMPLATE = """\
Parameters:
  Class: {Type: String, Default: db.t3.micro}
Conditions:
  IsProduction: !Equals [!Ref Class, db.m7g.large]
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: the database
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 0.0.0.0/0}
  Settings:
    Type: AWS::RDS::DBParameterGroup
    Properties: {Family: postgres16, Description: d, Parameters: {shared_buffers: 256MB, work_mem: 65536}}
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      EngineVersion: '15.4'
      DBInstanceClass: !Ref Class
      AllocatedStorage: 20
      MaxAllocatedStorage: 21
      DBParameterGroupName: !Ref Settings
      VPCSecurityGroups: [!Ref Group]
      PreferredBackupWindow: 03:00-04:00
      PreferredMaintenanceWindow: Sun:03:30-Sun:04:30
      DeletionProtection: !If [IsProduction, true, false]
  StorageAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/RDS
      MetricName: FreeStorageSpace
      Statistic: Average
      ComparisonOperator: GreaterThanThreshold
      Threshold: 10
      EvaluationPeriods: 1
      Period: 60
      Dimensions: [{Name: DBInstanceIdentifier, Value: !Ref Database}]
"""


def test_every_mistake_is_named_where_it_stands() -> None:
    plan = cloudformation.read(TEMPLATE, file="stack.yaml")
    found = {(finding.id, finding.origin.line) for finding in run(plan, today=date(2026, 11, 20)) if finding.origin}
    # What was written wrongly is found at its property, what is missing at its resource.
    assert found == {
        ("NW001", 10), ("DB026", 14),
        ("DB003", 15), ("DB004", 15), ("DB005", 15), ("DB031", 15), ("DB038", 15), ("DB045", 15),
        ("DB009", 19), ("DB014", 22), ("DB027", 23), ("DB001", 26),
        ("AL004", 28), ("AL001", 34), ("AL002", 35),
    }  # fmt: skip
