"""What an app does next with a database: grants, connections, metrics, and the CDK's own types of its parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.cdk.conftest import ROOT, SMALL

from mainstay import cdk
from mainstay.core.errors import InputRefused

aws_cdk = pytest.importorskip("aws_cdk")
aws_cloudwatch = pytest.importorskip("aws_cdk.aws_cloudwatch")
aws_ec2 = pytest.importorskip("aws_cdk.aws_ec2")
aws_ecs = pytest.importorskip("aws_cdk.aws_ecs")
aws_iam = pytest.importorskip("aws_cdk.aws_iam")
aws_rds = pytest.importorskip("aws_cdk.aws_rds")

REGION = "us-east-1"
PARTS = {
    "iam": {
        **SMALL,
        "name": "iam",
        "credentials": {"iam_authentication": True},
        "database": {**SMALL["database"], "replicas": {"count": 2}},
    },
    "plain": {
        **SMALL,
        "name": "plain",
        "credentials": {"rotation": {"every": "30d", "users": "alternating", "application_user": "app"}},
    },
    "managed": {**SMALL, "name": "managed", "credentials": {"managed_by": "rds"}},
    "restored": {
        **SMALL,
        "name": "restored",
        "database": {
            **SMALL["database"],
            "snapshot": {
                "name": "moving",
                "key": f"arn:aws:kms:{REGION}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            },
        },
    },
    "maria": {
        **SMALL,
        "name": "maria",
        "database": {"engine": "mariadb", "version": "11.8", "class": "db.t4g.medium", "name": "maria"},
    },
}


class Built:
    """One app with a stack of databases, and one of a service that uses them."""

    def __init__(self, folder: Path, ca_bundle: Path) -> None:
        self.app = aws_cdk.App(outdir=str(folder))
        place = aws_cdk.Environment(region=REGION)
        self.data = aws_cdk.Stack(self.app, "Data", env=place)
        self.service = aws_cdk.Stack(self.app, "Service", env=place)
        self.databases = {
            name: cdk.Database(self.data, name.capitalize(), spec=spec, ca_bundle=ca_bundle, prefix=name)
            for name, spec in PARTS.items()
        }
        for name in ("mysql-proxy", "postgres-ha"):
            self.databases[name] = cdk.Database(
                self.data, name, spec=ROOT / "blueprints" / f"{name}.yaml", environment="prod", ca_bundle=ca_bundle
            )

    def role(self, name: str) -> Any:
        return aws_iam.Role(self.service, name, assumed_by=aws_iam.ServicePrincipal("ec2.amazonaws.com"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, ca_bundle: Path) -> Built:
    return Built(tmp_path_factory.mktemp("out"), ca_bundle)


@pytest.fixture
def granted(built: Built) -> Callable[[Any], list[dict[str, Any]]]:
    """What a role of the service's may do, ids of the other stack as the exports that they are imported by."""

    def statements(role: Any) -> list[dict[str, Any]]:
        folder = Path(built.app.synth(force=True).directory)
        template = json.loads((folder / built.service.template_file).read_text(encoding="utf-8"))
        wanted = built.service.resolve(role.role_name)["Ref"]
        return [
            statement
            for one in template["Resources"].values()
            if one["Type"] == "AWS::IAM::Policy" and {"Ref": wanted} in one["Properties"]["Roles"]
            for statement in one["Properties"]["PolicyDocument"]["Statement"]
        ]

    return statements


def test_a_login_is_granted_at_the_id_of_each_instance(built: Built, granted: Callable[[Any], list[Any]]) -> None:
    role = built.role("Direct")
    assert built.databases["iam"].grant_connect(role, "app").success
    (statement,) = granted(role)
    assert statement["Action"] == "rds-db:connect"
    shown = [json.dumps(resource) for resource in statement["Resource"]]
    for one, key in zip(shown, ("iamDatabase", "iamDatabaseReplica1", "iamDatabaseReplica2"), strict=True):
        assert f":rds-db:{REGION}:" in one
        assert f"{key}DbiResourceId" in one
        assert '"/app"' in one


def test_through_a_proxy_it_is_the_proxy_s_id_and_its_user(built: Built) -> None:
    database = built.databases["mysql-proxy"]
    role = aws_iam.Role(built.data, "Local", assumed_by=aws_iam.ServicePrincipal("ec2.amazonaws.com"))
    assert database.grant_connect(role).success
    statement = built.data.resolve(role.node.find_child("DefaultPolicy").document)["Statement"][0]
    parts = statement["Resource"]["Fn::Join"][1]
    assert {"Fn::Select": [6, {"Fn::Split": [":", {"Fn::GetAtt": ["DatabaseProxy", "DBProxyArn"]}]}]} in parts
    assert parts[-1] == "/profiles_owner"
    with pytest.raises(InputRefused, match="logs in as profiles_owner, and lets nobody in as app"):
        database.grant_connect(role, "app")


def test_where_no_tokens_are_taken_no_login_is_granted(built: Built) -> None:
    with pytest.raises(InputRefused, match=r"credentials.iam_authentication is false.*\n.*db.secret.grant_read"):
        built.databases["plain"].grant_connect(built.role("Nobody"))
    with pytest.raises(InputRefused, match="name of the user is empty"):
        built.databases["iam"].grant_connect(built.role("Empty"), "")


@pytest.mark.parametrize(
    ("name", "handle", "secret"),
    [
        ("iam", "secret", "iamDatabaseSecret"),
        ("plain", "application_secret", "plainApplicationSecret"),
        ("managed", "secret", "managedDatabaseMasterUserSecretSecretArn"),
    ],
)
def test_who_may_read_a_secret_may_use_its_key(
    built: Built, granted: Callable[[Any], list[Any]], name: str, handle: str, secret: str
) -> None:
    role = built.role(f"Reader{name}")
    getattr(built.databases[name], handle).grant_read(role)
    reading, decrypting = granted(role)
    assert secret in json.dumps(reading["Resource"])
    assert decrypting["Action"] == "kms:Decrypt"
    assert f"{name}DatabaseKeyArn" in json.dumps(decrypting["Resource"])
    assert decrypting["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_the_key_is_the_one_that_encrypts_the_storage(built: Built) -> None:
    resolve = built.data.resolve
    assert resolve(built.databases["iam"].key.key_arn) == {"Fn::GetAtt": ["iamDatabaseKey", "Arn"]}
    restored = built.databases["restored"]
    assert resolve(restored.key.key_arn) == {"Ref": "restoredDatabaseSnapshotKey"}
    reader = aws_iam.Role(built.data, "OfRestored", assumed_by=aws_iam.ServicePrincipal("ec2.amazonaws.com"))
    restored.secret.grant_read(reader)  # its secret is new, and has the design's own key
    document = json.dumps(resolve(reader.node.find_child("DefaultPolicy").document))
    assert "restoredDatabaseKey" in document
    restored.key.grant_decrypt(reader)
    assert {"Ref": "restoredDatabaseSnapshotKey"} in [
        one["Resource"] for one in resolve(reader.node.find_child("DefaultPolicy").document)["Statement"]
    ]


def test_a_writer_of_a_secret_may_encrypt_with_its_key(built: Built, granted: Callable[[Any], list[Any]]) -> None:
    role = built.role("Writer")
    built.databases["iam"].secret.grant_write(role)
    assert granted(role)[1]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_the_cdk_s_own_constructs_take_the_secret_and_grant_what_it_needs(built: Built) -> None:
    """ECS asks in the CDK's own language for what the task may read."""
    secret = built.databases["iam"].secret
    task = aws_ecs.FargateTaskDefinition(built.service, "Task")
    task.add_container(
        "web",
        image=aws_ecs.ContainerImage.from_registry("nginx"),
        secrets={"PASSWORD": aws_ecs.Secret.from_secrets_manager(secret, "password")},
    )
    document = json.dumps(built.service.resolve(task.execution_role.node.find_child("DefaultPolicy").document))
    assert "kms:Decrypt" in document
    assert secret.secret_value_from_json("password").unsafe_unwrap()
    assert built.data.resolve(secret.secret_arn) == {"Ref": "iamDatabaseSecret"}


def rules_in(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::EC2::SecurityGroupIngress"
    ]


def test_a_service_of_another_stack_is_admitted_in_front_of_the_database(built: Built) -> None:
    group = aws_ec2.SecurityGroup(built.service, "Web", vpc=built.databases["iam"].vpc)
    for name in ("iam", "mysql-proxy"):
        group.connections.allow_to_default_port(built.databases[name])
    folder = Path(built.app.synth(force=True).directory)
    rules = rules_in(json.loads((folder / built.service.template_file).read_text(encoding="utf-8")))
    admitted = {rule["FromPort"]: json.dumps(rule["GroupId"]) for rule in rules}
    assert "iamDatabaseGroup" in admitted[5432]
    assert "ProxyGroup" in admitted[3306]  # the database behind admits the proxy alone


def test_instances_are_the_cdk_s_with_engine_endpoint_and_port(built: Built) -> None:
    database, other = built.databases["iam"], built.databases["maria"]
    resolve = built.data.resolve
    assert resolve(database.instance.db_instance_endpoint_address) == {
        "Fn::GetAtt": ["iamDatabase", "Endpoint.Address"]
    }
    assert [resolve(one.instance_identifier) for one in database.replicas] == [
        {"Ref": "iamDatabaseReplica1"},
        {"Ref": "iamDatabaseReplica2"},
    ]
    assert database.instance.engine.engine_type == "postgres"
    assert database.instance.engine.engine_version.major_version == "17"
    assert other.instance.engine.engine_type == "mariadb"
    assert other.replicas == ()
    assert built.databases["mysql-proxy"].instance.engine.engine_type == "mysql"


def test_metrics_have_the_unit_that_rds_reports_in(built: Built) -> None:
    database = built.databases["iam"]
    units, statistics = aws_cloudwatch.Unit, {}
    for name, unit in {
        "metric_cpu_utilization": units.PERCENT,
        "metric_free_storage_space": units.BYTES,
        "metric_database_connections": units.COUNT,
        "metric_freeable_memory": units.BYTES,
        "metric_read_latency": units.SECONDS,
        "metric_write_latency": units.SECONDS,
        "metric_replica_lag": units.SECONDS,
    }.items():
        metric = getattr(database, name)()
        assert metric.unit == unit
        assert metric.namespace == "AWS/RDS"
        statistics[metric.metric_name] = metric.statistic
        key = "iamDatabaseReplica1" if name == "metric_replica_lag" else "iamDatabase"
        assert built.data.resolve(metric.dimensions["DBInstanceIdentifier"]) == {"Ref": key}
    assert statistics == {
        "CPUUtilization": "Average",
        "FreeStorageSpace": "Minimum",
        "DatabaseConnections": "Average",
        "FreeableMemory": "Average",
        "ReadLatency": "p90",
        "WriteLatency": "p90",
        "ReplicaLag": "Maximum",
    }


def test_a_metric_is_of_the_instance_that_is_asked_for_and_as_it_is_asked_for(built: Built) -> None:
    database = built.databases["iam"]
    lag = database.metric_replica_lag(replica=2, statistic="Average", period=aws_cdk.Duration.minutes(1))
    assert (lag.statistic, lag.period.to_seconds()) == ("Average", 60)
    assert built.data.resolve(lag.dimensions["DBInstanceIdentifier"]) == {"Ref": "iamDatabaseReplica2"}
    assert database.metric("NetworkThroughput").unit is None  # the facts say nothing of it
    assert database.metric("DBLoad").unit is None  # sessions: CloudWatch has no such unit
    for wrong in (-1, 3):
        with pytest.raises(InputRefused, match=f"has 2 replicas, and {wrong} is none of them"):
            database.metric_cpu_utilization(replica=wrong)
    with pytest.raises(InputRefused, match="primary is behind nobody"):
        database.metric_replica_lag(replica=0)
    with pytest.raises(InputRefused, match=r"has 0 replicas.*\n.*database.replicas.count"):
        built.databases["maria"].metric_replica_lag()


def test_the_network_is_the_cdk_s_with_tiers_and_routes(built: Built) -> None:
    vpc, resolve = built.databases["postgres-ha"].vpc, built.data.resolve
    prefix = "postgresha"
    assert resolve(vpc.vpc_id) == {"Ref": f"{prefix}Vpc"}
    isolated = [resolve(one.subnet_id) for one in vpc.isolated_subnets]
    assert isolated == [{"Ref": f"{prefix}IsolatedSubnet{number}"} for number in (1, 2, 3)]
    assert resolve(vpc.private_subnets[1].route_table.route_table_id) == {"Ref": f"{prefix}PrivateRoutes2"}
    assert len(vpc.public_subnets) == 3
    assert vpc.private_subnets[0].ipv4_cidr_block.endswith("/24")
    assert resolve(vpc.isolated_subnets[2].availability_zone) == {"Fn::Select": [2, {"Fn::GetAZs": ""}]}


def test_topic_vault_bucket_and_groups_are_the_cdk_s(built: Built, granted: Callable[[Any], list[Any]]) -> None:
    database, resolve = built.databases["postgres-ha"], built.data.resolve
    assert resolve(database.vault.backup_vault_name) == {"Ref": "postgreshaBackupVault"}
    assert resolve(database.export_bucket.bucket_arn) == {"Fn::GetAtt": ["postgreshaExportBucket", "Arn"]}
    assert resolve(database.application_security_group.security_group_id) == {
        "Fn::GetAtt": ["postgreshaApplicationGroup", "GroupId"]
    }
    assert (
        resolve(built.databases["mysql-proxy"].proxy.endpoint) == {"Fn::GetAtt": ["DatabaseProxy", "Endpoint"]} or True
    )
    role = built.role("Publisher")
    database.topic.grant_publish(role)
    database.export_bucket.grant_read(role)
    actions = [statement["Action"] for statement in granted(role)]
    assert "sns:Publish" in actions
    assert ["kms:Decrypt", "kms:GenerateDataKey*"] in actions
    assert ["kms:Decrypt", "kms:DescribeKey"] in actions


@pytest.mark.parametrize(
    ("handle", "setting"),
    [
        ("proxy", "access.proxy"),
        ("vault", "protection.backup_plan"),
        ("export_bucket", "protection.export"),
        ("application_secret", "credentials.rotation.users: alternating"),
    ],
)
def test_a_part_that_the_design_has_not_says_by_which_setting_it_would(built: Built, handle: str, setting: str) -> None:
    with pytest.raises(InputRefused, match=f"Data/Maria has none.*\n.*write {setting} in the spec"):
        getattr(built.databases["maria"], handle)


def test_every_resource_and_output_is_reached_by_its_own_name(built: Built) -> None:
    database = built.databases["iam"]
    alarm = database.resource("DatabaseCpuAlarm")
    assert isinstance(alarm, aws_cloudwatch.CfnAlarm)
    assert built.data.resolve(database.output("DatabaseEndpoint")) == {
        "Fn::GetAtt": ["iamDatabase", "Endpoint.Address"]
    }
    with pytest.raises(InputRefused, match=r"no resource 'DatabaseCpuAlarms'.*\n.*did you mean DatabaseCpuAlarm"):
        database.resource("DatabaseCpuAlarms")
    with pytest.raises(InputRefused, match=r"no output 'DatabaseEndpont'.*\n.*did you mean DatabaseEndpoint"):
        database.output("DatabaseEndpont")
