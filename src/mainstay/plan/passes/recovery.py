"""The second region: what a database restored there stands on, and what the first one has to know of it.

Nothing runs there. Automated backups are replicated and snapshots copied into it; the network, the groups and the
engine's settings wait for the restore. A key's ARN is known once the key is there, so the first region takes it from
the outputs of the second; everything else is named the same in both and built from names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from mainstay.plan.passes.draft import Draft
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import (
    ALERTS_TOPIC,
    APPLICATION_GROUP,
    BACKUP_KEY,
    BACKUP_VAULT,
    DATABASE_GROUP,
    DATABASE_KEY,
    DATABASE_OPTIONS,
    DATABASE_PARAMETERS,
    DATABASE_SUBNETS,
)
from mainstay.plan.passes.outputs import Row, exported
from mainstay.plan.passes.places import vpc_id
from mainstay.plan.passes.vault import COPY_EVENTS, vault
from mainstay.plan.plan import OutputOf, Parameter
from mainstay.plan.values import Attr
from mainstay.spec import Spec

REPLICA_KEY: Final = "RecoveryKeyArn"
"""The first region's parameter for the key of the backups that are replicated into the second."""
COPIES_KEY: Final = "RecoveryVaultKeyArn"
"""The first region's parameter for the key of the vault in the second."""
_KEY_ARN: Final = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$"
_DATABASE_KEY_OUTPUT: Final = "DatabaseKeyArn"
_BACKUP_KEY_OUTPUT: Final = "BackupKeyArn"


def take_from_recovery(spec: Spec, draft: Draft) -> Draft:
    """The first region's draft with the parameters that the outputs of the second fill."""
    recovery = spec.disaster_recovery
    if recovery is None:
        return draft
    wanted = []
    if recovery.replicates:
        wanted.append((REPLICA_KEY, _DATABASE_KEY_OUTPUT, "Key of the automated backups replicated to"))
    if recovery.copies:
        wanted.append((COPIES_KEY, _BACKUP_KEY_OUTPUT, "Key of the vault for copies in"))
    parameters = tuple(
        Parameter(
            name=name,
            description=f"{what} {recovery.region}: output {output} of the stack there",
            pattern=_KEY_ARN,
            source=OutputOf(recovery.region, output),
        )
        for name, output, what in wanted
    )
    return dataclasses.replace(draft, parameters=(*draft.parameters, *parameters))


def build_recovery(spec: Spec, draft: Draft) -> Draft:
    """The second region's draft with the vault for copies and its key, where copies are asked for."""
    recovery = spec.disaster_recovery
    if recovery is None or recovery.copies is None:
        return draft
    path = "disaster_recovery.copies"
    return draft.adding(
        *key(spec, BACKUP_KEY, "backups", "Copies of recovery points", path),
        vault(spec, path, lock=recovery.lock, admits=recovery.admits, events=COPY_EVENTS),
    )


def build_recovery_outputs(spec: Spec, draft: Draft) -> Draft:
    """The second region's draft with what the first one and a failover ask for."""
    return dataclasses.replace(draft, outputs=(*draft.outputs, *exported(spec, _rows(spec))))


def _rows(spec: Spec) -> Iterator[Row]:
    yield _DATABASE_KEY_OUTPUT, Attr(DATABASE_KEY, "arn"), "Key of replicated backups", "key-arn"
    if spec.disaster_recovery and spec.disaster_recovery.copies:
        yield _BACKUP_KEY_OUTPUT, Attr(BACKUP_KEY, "arn"), "Key of the vault for copies", "backup-key-arn"
        yield "BackupVaultArn", Attr(BACKUP_VAULT, "arn"), "Vault of the copies", "backup-vault"
    yield "VpcId", vpc_id(spec), "The network", "vpc"
    yield "SubnetGroupName", Attr(DATABASE_SUBNETS, "id"), "Where a restored database stands", "subnet-group"
    yield "DatabaseGroupId", Attr(DATABASE_GROUP, "group_id"), "Group of a restored database", "database-group"
    yield "ParameterGroupName", Attr(DATABASE_PARAMETERS, "id"), "Settings of a restored database", "parameters"
    if spec.monitoring.audit:
        yield "OptionGroupName", Attr(DATABASE_OPTIONS, "id"), "Options of a restored database", "options"
    if spec.access.is_by_group:
        group = Attr(APPLICATION_GROUP, "group_id")
        yield "ApplicationGroupId", group, "Wear it to reach a restored database", "application-group"
    yield "AlertsTopicArn", Attr(ALERTS_TOPIC, "arn"), "Where copies and restores are told of", "alerts"
