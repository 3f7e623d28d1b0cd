"""`Database`: a database with everything around it, and what an app does with it next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import jsii
from aws_cdk import aws_backup, aws_cloudwatch, aws_ec2, aws_iam, aws_kms, aws_rds, aws_s3, aws_secretsmanager
from constructs import Construct

from mainstay import facts
from mainstay.cdk import design, grants, metrics, places, secrets
from mainstay.cdk.design import SpecSource
from mainstay.cdk.included import Included, Wishes
from mainstay.cdk.recovery import DisasterRecovery
from mainstay.core.errors import InputRefused
from mainstay.plan.passes.logical import (
    APPLICATION_SECRET,
    BACKUP_VAULT,
    DATABASE,
    DATABASE_KEY,
    DATABASE_SECRET,
    EXPORT_BUCKET,
    EXPORT_KEY,
    PROXY,
    PROXY_GROUP,
    replica,
)
from mainstay.plan.resources import DbInstance

_ENGINES: Final[Mapping[str, Callable[[str, str], aws_rds.IInstanceEngine]]] = {
    "postgres": lambda version, major: aws_rds.DatabaseInstanceEngine.postgres(
        version=aws_rds.PostgresEngineVersion.of(version, major)
    ),
    "mysql": lambda version, major: aws_rds.DatabaseInstanceEngine.mysql(
        version=aws_rds.MysqlEngineVersion.of(version, major)
    ),
    "mariadb": lambda version, major: aws_rds.DatabaseInstanceEngine.maria_db(
        version=aws_rds.MariaDbEngineVersion.of(version, major)
    ),
}


@jsii.implements(aws_ec2.IConnectable)
class Database(Included):
    """A design in a stack: the template that `mainstay synth` writes, resource by resource, and handles on it.

    `spec` is the path of a spec, its settings as a mapping, or a loaded `Spec`; `environment` chooses one of its
    environments, and `settings` (dotted path → value) come before the app's context, and that before the spec.
    `parameters` are values for the template's parameters, `ca_bundle` the certificates that functions trust the
    database by. With `vpc` the database stands in that network, whatever the spec says of one: in `database_subnets`
    (its isolated ones), with proxy, functions and bastion in `service_subnets` (its private ones). `recovery` is the
    design's second region, in another stack, which the first takes its keys from.

    The first design of a stack has the logical ids of `mainstay synth`; `prefix` says what those of a further one begin
    with, its path in the stack if left out. Errors: InputRefused with every fault of the spec and its line.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: SpecSource,
        environment: str | None = None,
        settings: Mapping[str, Any] | None = None,  # Any: values of a spec
        parameters: Mapping[str, str] | None = None,
        ca_bundle: str | Path | None = None,
        vpc: aws_ec2.IVpc | None = None,
        database_subnets: Sequence[aws_ec2.ISubnet] | None = None,
        service_subnets: Sequence[aws_ec2.ISubnet] | None = None,
        recovery: DisasterRecovery | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        wishes = Wishes(
            spec=spec,
            environment=environment,
            settings=settings,
            parameters=parameters,
            ca_bundle=ca_bundle,
            vpc=vpc,
            database_subnets=database_subnets,
            service_subnets=service_subnets,
            prefix=prefix,
        )
        read = design.read(spec, self._chosen(wishes), construct_id=construct_id, region=places.region_of(self))
        standing = wishes.standing
        made = design.primary(read, standing.network if standing else None)
        self._include(made, wishes, standing, recovery.values_for(made) if recovery else None)

    @cached_property
    def instance(self) -> aws_rds.IDatabaseInstance:
        """The primary."""
        return self._instance("Instance", DATABASE)

    @cached_property
    def replicas(self) -> tuple[aws_rds.IDatabaseInstance, ...]:
        """The read replicas in their order; none where there are none."""
        return tuple(self._instance(f"Replica{index + 1}", replica(index)) for index in range(self._replicas))

    @cached_property
    def proxy(self) -> aws_rds.IDatabaseProxy:
        """The connection proxy. InputRefused where the design has none."""
        proxy = self._wanted(PROXY, "proxy", "access.proxy")
        return aws_rds.DatabaseProxy.from_database_proxy_attributes(
            self,
            "Proxy",
            db_proxy_name=proxy.ref,
            db_proxy_arn=proxy.attr_db_proxy_arn,
            endpoint=proxy.attr_endpoint,
            security_groups=[self._proxy_security_group],
        )

    @cached_property
    def secret(self) -> aws_secretsmanager.ISecret:
        """The secret of the master user: the design's, or the one that RDS keeps."""
        if self._has(DATABASE_SECRET):
            return self._secret("Secret", self.resource(DATABASE_SECRET).ref)
        return self._secret("Secret", self.resource(DATABASE).attr_master_user_secret_secret_arn)

    @cached_property
    def application_secret(self) -> aws_secretsmanager.ISecret:
        """The secret of the application's user. InputRefused where the design keeps none of its own."""
        secret = self._wanted(
            APPLICATION_SECRET, "secret of the application", "credentials.rotation.users: alternating"
        )
        return self._secret("ApplicationSecret", secret.ref)

    @cached_property
    def key(self) -> aws_kms.IKey:
        """The key of storage and backups: the design's own, or that of the snapshot it was made from."""
        return self._key("Key", self.output("DatabaseKeyArn"))

    @cached_property
    def vault(self) -> aws_backup.IBackupVault:
        """The vault of the backup plan. InputRefused where the design has none."""
        vault = self._wanted(BACKUP_VAULT, "backup vault", "protection.backup_plan")
        return aws_backup.BackupVault.from_backup_vault_name(self, "Vault", vault.ref)

    @cached_property
    def export_bucket(self) -> aws_s3.IBucket:
        """The bucket of snapshot exports. InputRefused where the design has none."""
        bucket = self._wanted(EXPORT_BUCKET, "export bucket", "protection.export")
        key = self._key("ExportKey", self.resource(EXPORT_KEY).attr_arn)
        return aws_s3.Bucket.from_bucket_attributes(
            self, "ExportBucket", bucket_arn=bucket.attr_arn, encryption_key=key
        )

    @property
    def connections(self) -> aws_ec2.Connections:
        """Who may connect: at the proxy where there is one, else at the database; the port is the engine's.

        `service.connections.allow_to_default_port(db)` admits a service, also one of another stack.
        """
        return self._connections

    @cached_property
    def _connections(self) -> aws_ec2.Connections:
        group = self._proxy_security_group if self._has(PROXY) else self.security_group
        return aws_ec2.Connections(security_groups=[group], default_port=aws_ec2.Port.tcp(self._port))

    def grant_connect(self, grantee: aws_iam.IGrantable, user: str | None = None) -> aws_iam.Grant:
        """Let somebody log in with tokens as a user of the database (the master user if left out).

        Through a proxy it is the proxy's id that counts, and the user that it logs in as; else those of primary and
        replicas. InputRefused where the design takes no tokens, and for another user than a proxy's.
        """
        access = self._design.spec.access.proxy
        grants.refuse_without_tokens(self._design.spec, user)
        if access is not None:
            places_ = [grants.proxy_id(self, self.resource(PROXY))]
        else:
            keys = [DATABASE, *map(replica, range(self._replicas))]
            places_ = [self.resource(key).attr_dbi_resource_id for key in keys]
        return grants.connect(self, grantee, places_, user or self._design.spec.credentials.username)

    def metric(self, name: str, *, replica: int = 0, **options: Any) -> aws_cloudwatch.Metric:  # Any: MetricOptions
        """A metric of `AWS/RDS` by its name there: of the primary, or of the n-th replica, counted from 1.

        `options` are the CDK's: `period`, `statistic`, `label` and so on. InputRefused for a replica that is not there.
        """
        if not 0 <= replica <= self._replicas:
            raise InputRefused(
                "no such replica",
                detail=f"{self.identifier} has {self._replicas} replicas, and {replica} is none of them.",
                hint="count them from 1; 0 is the primary" if self._replicas else "write database.replicas.count",
            )
        return metrics.of_instance(self.resource(_instance_key(replica)).ref, name, **options)

    def metric_cpu_utilization(self, *, replica: int = 0, **options: Any) -> aws_cloudwatch.Metric:  # Any: as above
        """Share of the processors in use, in percent."""
        return self.metric("CPUUtilization", replica=replica, **options)

    def metric_free_storage_space(self, *, replica: int = 0, **options: Any) -> aws_cloudwatch.Metric:  # Any: as above
        """What is left of the volume, in bytes."""
        return self.metric("FreeStorageSpace", replica=replica, **options)

    def metric_database_connections(
        self, *, replica: int = 0, **options: Any
    ) -> aws_cloudwatch.Metric:  # Any: as above
        """How many clients are connected."""
        return self.metric("DatabaseConnections", replica=replica, **options)

    def metric_freeable_memory(self, *, replica: int = 0, **options: Any) -> aws_cloudwatch.Metric:  # Any: as above
        """What is left of the memory, in bytes."""
        return self.metric("FreeableMemory", replica=replica, **options)

    def metric_read_latency(self, *, replica: int = 0, **options: Any) -> aws_cloudwatch.Metric:  # Any: as above
        """How long a read from the volume takes, in seconds."""
        return self.metric("ReadLatency", replica=replica, **options)

    def metric_write_latency(self, *, replica: int = 0, **options: Any) -> aws_cloudwatch.Metric:  # Any: as above
        """How long a write to the volume takes, in seconds."""
        return self.metric("WriteLatency", replica=replica, **options)

    def metric_replica_lag(self, *, replica: int = 1, **options: Any) -> aws_cloudwatch.Metric:  # Any: as above
        """How far a replica is behind, in seconds. InputRefused for the primary, which is behind nobody."""
        if replica == 0:
            raise InputRefused(
                "no such replica", detail="The primary is behind nobody.", hint="count replicas from 1: replica=1"
            )
        return self.metric("ReplicaLag", replica=replica, **options)

    @property
    def _primary(self) -> DbInstance:
        return next(one for one in self._design.region.of(DbInstance) if one.key == DATABASE)

    @property
    def _replicas(self) -> int:
        return self._design.spec.database.replicas.count

    @property
    def _port(self) -> int:
        return int(str(self._primary.port))

    @cached_property
    def _proxy_security_group(self) -> aws_ec2.ISecurityGroup:
        return self._group("ProxySecurityGroup", self.resource(PROXY_GROUP))

    def _secret(self, construct_id: str, arn: str) -> aws_secretsmanager.ISecret:
        return secrets.imported(self, construct_id, arn=arn, key_arn=self.resource(DATABASE_KEY).attr_arn)

    def _instance(self, construct_id: str, key: str) -> aws_rds.IDatabaseInstance:
        instance = self.resource(key)
        return aws_rds.DatabaseInstance.from_database_instance_attributes(
            self,
            construct_id,
            instance_identifier=instance.ref,
            instance_endpoint_address=instance.attr_endpoint_address,
            instance_resource_id=instance.attr_dbi_resource_id,
            port=self._port,
            engine=self._engine,
            security_groups=[self.security_group],
        )

    @property
    def _engine(self) -> aws_rds.IInstanceEngine:
        engine, version = str(self._primary.engine), str(self._primary.engine_version)
        return _ENGINES[engine](version, facts.major_of(engine, version))


def _instance_key(number: int) -> str:
    return replica(number - 1) if number else DATABASE
