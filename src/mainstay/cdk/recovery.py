"""`DisasterRecovery`: the second region of a design, in a stack that stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from aws_cdk import aws_backup, aws_ec2, aws_kms
from constructs import Construct

from mainstay.cdk import design
from mainstay.cdk.design import Design, SpecSource
from mainstay.cdk.included import Included, Wishes
from mainstay.core.errors import InputRefused
from mainstay.plan.passes.logical import BACKUP_VAULT, DATABASE_KEY


class DisasterRecovery(Included):
    """What a database is restored from and stands in when its region is lost, in a stack of the second region.

    The arguments are those of `Database`, and so is the spec. Hand it to the `Database` of that spec as `recovery`, and
    give both stacks `cross_region_references=True`: the first takes the keys of the second.
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
        vpc: aws_ec2.IVpc | None = None,
        database_subnets: Sequence[aws_ec2.ISubnet] | None = None,
        service_subnets: Sequence[aws_ec2.ISubnet] | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        wishes = Wishes(
            spec=spec,
            environment=environment,
            settings=settings,
            parameters=parameters,
            ca_bundle=None,
            vpc=vpc,
            database_subnets=database_subnets,
            service_subnets=service_subnets,
            prefix=prefix,
        )
        standing = wishes.standing
        read = design.read(spec, self._chosen(wishes), construct_id=construct_id)
        self._include(design.recovery(read, standing.network if standing else None), wishes, standing)

    def values_for(self, primary: Design) -> dict[str, str]:
        """The values of the first region's parameters that this region's outputs fill in.

        InputRefused when this is the second region of another design.
        """
        here = self._design.region
        if (primary.spec.identifier, [one.region for one in primary.plan.regions[1:]]) != (
            self.identifier,
            [here.region],
        ):
            raise InputRefused(
                "the recovery of another design",
                detail=f"{self.node.path} is the second region of {self.identifier}, in {here.region}; "
                f"{primary.spec.identifier} needs another.",
                hint="give both constructs the same spec, environment and settings",
            )
        return {
            one.name: self.output(one.source.output)
            for one in primary.region.parameters
            if one.source is not None and one.source.region == here.region
        }

    @cached_property
    def key(self) -> aws_kms.IKey:
        """The key of replicated backups, and of what is restored from them."""
        return self._key("Key", self.resource(DATABASE_KEY).attr_arn)

    @cached_property
    def vault(self) -> aws_backup.IBackupVault:
        """The vault of the copies. InputRefused where the design copies no snapshots."""
        vault = self._wanted(BACKUP_VAULT, "vault of copies", "disaster_recovery.copies")
        return aws_backup.BackupVault.from_backup_vault_name(self, "Vault", vault.ref)
