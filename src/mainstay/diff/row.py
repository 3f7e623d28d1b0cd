"""A row of the table: one field of one kind, and by what stands there, what changing it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mainstay.core.records import dataclass
from mainstay.diff.effects import Effect
from mainstay.diff.situation import Situation
from mainstay.plan.resources import Resource

Test = Callable[[Situation], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a change does when `test` holds; `when` says the same in words, and is empty for what holds otherwise.

    `outage` names a row of `facts.outages`. A change that `waits` is put off to the maintenance window unless it is to
    be applied immediately.
    """

    when: str = ""
    test: Test | None = None
    effect: Effect
    why: str
    outage: str = ""
    waits: bool = False
    warning: str = ""
    loses: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The cases of a field, the first that holds counts; `source` names the page and the day it was read."""

    kind: type[Resource]
    field: str
    cases: tuple[Case, ...]
    source: str

    def case(self, situation: Situation) -> Case:
        """What holds here; the last case has no test."""
        return next(case for case in self.cases if case.test is None or case.test(situation))


SETTINGS: Final = "RDS User Guide, USER_ModifyInstance.Settings (2026-11-21)"
STORAGE: Final = "RDS User Guide, USER_PIOPS.ModifyingExisting and CHAP_Storage (2026-11-21)"
BACKUPS: Final = "RDS User Guide, USER_WorkingWithAutomatedBackups (2026-11-21)"
UPGRADES: Final = "RDS User Guide, USER_UpgradeDBInstance.Upgrading (2026-11-21)"
PARAMETERS: Final = (
    "CloudFormation, AWS::RDS::DBInstance DBParameterGroupName; RDS User Guide, parameter groups (2026-11-21)"
)
SECRETS: Final = "CloudFormation, AWS::SecretsManager::Secret and dynamic references (2026-11-21)"
ROTATION: Final = "CloudFormation, AWS::SecretsManager::RotationSchedule (2026-11-21)"
KEYS: Final = "AWS KMS Developer Guide, enabling-keys and deleting-keys (2026-11-20)"
LOGS: Final = "CloudWatch Logs User Guide, log retention (2026-11-20)"
LOCKS: Final = "AWS Backup Developer Guide, vault-lock (2026-11-20)"
NAMES: Final = "Route 53 API, ChangeResourceRecordSets and DisassociateVPCFromHostedZone (2026-11-21)"
