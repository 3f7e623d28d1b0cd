"""A template that somebody else wrote, with the mistakes that tutorials teach, read and judged with file and line."""

from __future__ import annotations

from datetime import date

from mainstay.checks import run
from mainstay.formats import cloudformation

DATABASE = ("DB001", "DB003", "DB004", "DB005", "DB009", "DB014", "DB027", "DB031", "DB038", "DB045")
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
    found = [(finding.id, str(finding.origin)) for finding in run(plan, today=date(2026, 11, 20))]
    database, alarm = "stack.yaml:15", "stack.yaml:28"
    assert sorted(found) == sorted(
        [(name, database) for name in DATABASE]
        + [(name, alarm) for name in ("AL001", "AL002", "AL004")]
        + [("NW001", "stack.yaml:6"), ("DB026", "stack.yaml:12")]
    )
