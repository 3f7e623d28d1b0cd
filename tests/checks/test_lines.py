"""A finding stands at the line of the property that it is about, also where a rule knows several."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks import run
from mainstay.formats import cloudformation

TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: shop--db
      Engine: mysql
      DBInstanceClass: db.m7g.large
      DBName: shop-db
      MasterUsername: a-very-long-user-name
      Port: 80
      AllocatedStorage: 100
      MaxAllocatedStorage: 70000
      StorageType: io1
      Iops: 999
      MonitoringInterval: 60
      MonitoringRoleArn: !GetAtt Role.Arn
      PreferredBackupWindow: 0400-0500
      PerformanceInsightsRetentionPeriod: 8
      AutomaticBackupReplicationRegion: us-west-2
      AutomaticBackupReplicationKmsKeyId: arn:aws:kms:eu-west-1:123456789012:key/1
      AutomaticBackupReplicationRetentionPeriod: 40
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/x
      Timeout: 901
      MemorySize: 127
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: false
      KeyPolicy: {Statement: [{Effect: Allow, Principal: {Service: rds.amazonaws.com}, Action: 'kms:*'}]}
"""
LINES = TEMPLATE.splitlines()


@pytest.fixture(scope="module")
def found() -> set[tuple[str, str]]:
    """Each finding's id, and the line that it shows."""
    plan = cloudformation.read(TEMPLATE, file="stack.yaml")
    findings = run(plan, today=date(2026, 11, 20))
    return {(finding.id, LINES[finding.origin.line - 1].strip()) for finding in findings if finding.origin}


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("DB001", "PreferredBackupWindow: 0400-0500"),
        ("DB013", "MaxAllocatedStorage: 70000"),
        ("DB013", "Iops: 999"),
        ("DB016", "AssumeRolePolicyDocument:"),
        ("DB017", "PerformanceInsightsRetentionPeriod: 8"),
        ("DB019", "DBInstanceIdentifier: shop--db"),
        ("DB019", "DBName: shop-db"),
        ("DB019", "MasterUsername: a-very-long-user-name"),
        ("DB019", "Port: 80"),
        ("DB036", "AutomaticBackupReplicationKmsKeyId: arn:aws:kms:eu-west-1:123456789012:key/1"),
        ("DB036", "AutomaticBackupReplicationRetentionPeriod: 40"),
        ("LA001", "Timeout: 901"),
        ("LA001", "MemorySize: 127"),
        ("KM001", "EnableKeyRotation: false"),
        (
            "KM001",
            "KeyPolicy: {Statement: [{Effect: Allow, Principal: {Service: rds.amazonaws.com}, Action: 'kms:*'}]}",
        ),
    ],
)
def test_the_line_of_the_property(rule: str, line: str, found: set[tuple[str, str]]) -> None:
    assert (rule, line) in found
