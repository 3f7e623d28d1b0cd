"""A template of five hundred resources, as a company's shared stack may hold: databases with what they need."""

from __future__ import annotations

from typing import Any, Final

DATABASES: Final = 125
Json = dict[str, Any]  # Any: a template


def template(databases: int = DATABASES, padding: int = 0) -> Json:
    """Four resources a database: its group, its settings, itself and an alarm. `padding` makes descriptions longer."""
    resources: dict[str, Json] = {}
    for number in range(databases):
        resources |= _database(number, "x" * padding)
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def _database(number: int, padding: str) -> dict[str, Json]:
    group, settings, database = f"Group{number}", f"Settings{number}", f"Database{number}"
    return {
        group: _resource(
            "AWS::EC2::SecurityGroup",
            GroupDescription=f"database {number}{padding}"[:255],
            VpcId="vpc-0123456789abcdef0",
            SecurityGroupIngress=[
                {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "10.0.0.0/16", "Description": "vpc"}
            ],
        ),
        settings: _resource(
            "AWS::RDS::DBParameterGroup",
            Family="postgres17",
            Description=f"settings {number}{padding}",
            Parameters={"rds.force_ssl": "1", "log_min_duration_statement": "1000"},
        ),
        database: {
            **_resource(
                "AWS::RDS::DBInstance",
                Engine="postgres",
                EngineVersion="17",
                DBInstanceClass="db.m6g.large",
                AllocatedStorage="100",
                StorageType="gp3",
                StorageEncrypted=True,
                MultiAZ=True,
                BackupRetentionPeriod=7,
                DeletionProtection=True,
                DeleteAutomatedBackups=False,
                CopyTagsToSnapshot=True,
                ManageMasterUserPassword=True,
                MasterUsername="owner",
                VPCSecurityGroups=[{"Fn::GetAtt": [group, "GroupId"]}],
                DBParameterGroupName={"Ref": settings},
                Tags=[
                    {"Key": f"key{tag}", "Value": {"Fn::Sub": f"${{AWS::StackName}}-{tag}{padding}"}}
                    for tag in range(8)
                ],
            ),
            "DeletionPolicy": "Snapshot",
            "UpdateReplacePolicy": "Snapshot",
        },
        f"Alarm{number}": _resource(
            "AWS::CloudWatch::Alarm",
            AlarmDescription=f"processor {number}{padding}",
            Namespace="AWS/RDS",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": {"Ref": database}}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=5,
            Threshold=80,
            ComparisonOperator="GreaterThanThreshold",
        ),
    }


def _resource(kind: str, **properties: Any) -> Json:
    return {"Type": kind, "Properties": properties}
