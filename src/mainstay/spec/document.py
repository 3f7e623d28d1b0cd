"""The whole spec of one environment, and where each of its settings was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from mainstay.core.findings import Origin
from mainstay.core.profiles import PROFILES
from mainstay.spec.access import Access
from mainstay.spec.alerts import Alerts
from mainstay.spec.backup_plan import MOST_COPIES
from mainstay.spec.credentials import Credentials
from mainstay.spec.database import Database, Replicas
from mainstay.spec.disaster_recovery import DisasterRecovery, RecoveryNetwork
from mainstay.spec.existing_network import ExistingNetwork
from mainstay.spec.faults import excluded, fault
from mainstay.spec.functions import Functions
from mainstay.spec.metrics import Metrics
from mainstay.spec.monitoring import Monitoring
from mainstay.spec.network import Network
from mainstay.spec.objectives import Drill, Objectives, Suppression
from mainstay.spec.places import AccountId, Region
from mainstay.spec.protection import Protection
from mainstay.spec.section import Section, matching, one_of
from mainstay.spec.snapshot import Snapshot
from mainstay.spec.storage import Storage
from mainstay.spec.validation import Validation

DEFAULT_ENVIRONMENT = "dev"
OWN_TAGS = ("Environment", "Project", "CostCenter", "ManagedBy")
_MOST_TAGS = 50 - len(OWN_TAGS)  # AWS allows 50 a resource (Tagging best practices, 2026-11-20)
# An instance is called <name>-<environment>, a replica -replica-15 after that; RDS allows 63 characters, and a
# restored copy of a drill needs some of them for a suffix of its own.
_MOST_NAME = 40

# Logs that cost little and hold no statement but the slow ones.
_USUAL_LOGS = {"postgres": ("postgresql",), "mysql": ("error", "slowquery"), "mariadb": ("error", "slowquery")}

_NAME_RULE = "use small letters, digits and single hyphens; start with a letter, end with none"
Name = Annotated[str, AfterValidator(matching(r"[a-z](?:-?[a-z0-9])*", 30, _NAME_RULE)), Field(examples=["shop"])]
EnvironmentName = Annotated[str, AfterValidator(matching(r"[a-z](?:-?[a-z0-9])*", 20, _NAME_RULE))]


def _tags(value: Mapping[str, str]) -> Mapping[str, str]:
    for key, text in value.items():
        if key in OWN_TAGS:
            raise fault(
                "SP012", f"Mainstay sets the tag {key} itself.", "use project, cost_center or environment", at=key
            )
        if key.lower().startswith("aws:") or not re.fullmatch(r"[\w .:/=+@-]{1,128}", key):
            raise fault(
                "SP008", f"'{key[:40]}' is not a tag's name for AWS.", "use letters, digits and . : / = + @ -", at=key
            )
        if not re.fullmatch(r"[\w .:/=+@-]{0,256}", text):
            raise fault(
                "SP008",
                f"The tag {key} has a value that AWS refuses.",
                "use at most 256 letters, digits and . : / = + @ -",
                at=key,
            )
    if len(value) > _MOST_TAGS:
        raise fault("SP009", f"{len(value)} tags are too many.", f"AWS leaves room for {_MOST_TAGS} of your own")
    return value


class Spec(Section):
    """A database in production, described once."""

    name: Name
    """What it is called; resources are called <name>-<environment>."""
    environment: EnvironmentName = DEFAULT_ENVIRONMENT
    """Which environment this is when no argument says so."""
    profile: Annotated[str, AfterValidator(one_of(PROFILES))] = Field(
        default="prod", json_schema_extra={"enum": list(PROFILES)}
    )
    """How strict the checks are: `prod` takes what others rely on, `dev` may be destroyed, and `ransomware` wants
    what prod does and a copy that no intruder of this region or account reaches."""
    region: Region | None = None
    """Where; the AWS environment's own region when left out."""
    account: AccountId | None = None
    """The account this is meant for."""
    project: str | None = Field(default=None, min_length=1, max_length=256)
    """The tag Project; the name when left out."""
    cost_center: str = Field(default="unassigned", min_length=1, max_length=256)
    """The tag CostCenter."""
    tags: Annotated[Mapping[str, str], AfterValidator(_tags)] = Field(default_factory=dict)
    """Further tags on every resource."""
    database: Database
    """What runs, and on what."""
    storage: Storage
    """The volume."""
    credentials: Credentials = Credentials()
    """The first login."""
    network: Network = Network()
    """Where it stands."""
    access: Access = Access()
    """Who may connect."""
    protection: Protection = Protection()
    """What keeps the data."""
    disaster_recovery: DisasterRecovery | None = None
    """A second region to restore in; left out, nothing survives the loss of the first."""
    monitoring: Monitoring = Monitoring()
    """What is recorded."""
    alerts: Alerts
    """Who is told, and when."""
    objectives: Objectives = Objectives()
    """What is promised."""
    drill: Drill = Drill()
    """How a restore is proven."""
    validation: Validation | None = None
    """A function that looks whether the database is as expected; left out, nobody looks."""
    functions: Functions = Functions()
    """What the functions beside the database are built for."""
    suppress: tuple[Suppression, ...] = ()
    """Findings that somebody lives with."""

    _origins: Mapping[str, Origin] = PrivateAttr(default_factory=dict)
    _moved: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def identifier(self) -> str:
        """`<name>-<environment>`: the stack's and the primary instance's name."""
        return f"{self.name}-{self.environment}"

    @property
    def log_exports(self) -> tuple[str, ...]:
        """The exported logs as written, or the engine's usual ones, with the audit log where there is one."""
        written = self.monitoring.logs.export
        usual = _USUAL_LOGS[self.database.engine] + (("audit",) if self.monitoring.audit else ())
        return usual if written is None else written

    @property
    def further_alarms(self) -> Metrics | None:
        """The further alarms as written, or the usual ones for every profile but dev."""
        is_written = "metrics" in self.alerts.model_fields_set
        return self.alerts.metrics if is_written or self.profile == "dev" else Metrics()

    def path_of(self, path: str) -> str:
        """The dotted path under which a setting was written: another one for what was moved here."""
        for here, there in self._moved.items():
            if path == here or path.startswith(f"{here}."):
                return there + path.removeprefix(here)
        return path

    def origin_of(self, path: str) -> Origin | None:
        """Where a dotted path such as `database.class` was written; its nearest written parent for a default."""
        path = self.path_of(path)
        while path and path not in self._origins:
            path = path.rpartition(".")[0]
        return self._origins.get(path)

    def made_from(self, snapshot: Snapshot) -> Spec:
        """This spec with the snapshot that its database was made from, whatever it says itself."""
        return self.model_copy(update={"database": self.database.model_copy(update={"snapshot": snapshot})})

    def standing_in(self, existing: ExistingNetwork) -> Spec:
        """This spec in a network that somebody else keeps, whatever it says itself of a network of its own."""
        network = Network(existing=existing, flow_logs=self.network.flow_logs)
        return self.model_copy(update={"network": network})

    def recovering_in(self, existing: ExistingNetwork) -> Spec:
        """This spec with a network that somebody else keeps in the second region, which has to be there."""
        recovery = self.disaster_recovery
        if recovery is None:
            raise ValueError("there is no second region")
        network = RecoveryNetwork(existing=existing, flow_logs=recovery.network.flow_logs)
        return self.model_copy(update={"disaster_recovery": recovery.model_copy(update={"network": network})})

    def placed(self, origins: Mapping[str, Origin]) -> Spec:
        """This spec with the places where its settings were written."""
        copy = self.model_copy()
        copy._origins = dict(origins)
        return copy

    def from_the_other_region(self) -> Spec | None:
        """The spec as it would be if the database stood in the second region, where nothing of it runs yet.

        Its network is the one over there; groups named by id, proxy, bastion, replicas and functions stay behind.
        """
        recovery = self.disaster_recovery
        if recovery is None:
            return None
        over_there = {
            "region": recovery.region,
            "network": recovery.network,
            "access": Access(application=self.access.application, cidrs=self.access.cidrs),
            "database": self.database.model_copy(update={"replicas": Replicas()}),
            "validation": None,
            "drill": self.drill.model_copy(update={"heartbeat": None}),
        }
        copy = self.model_copy(update=over_there)
        copy._moved = {"region": "disaster_recovery.region", "network": "disaster_recovery.network"}
        return copy

    @model_validator(mode="after")
    def _holds_together(self) -> Spec:
        if len(self.identifier) > _MOST_NAME:
            raise fault(
                "SP009",
                f"'{self.identifier}' has {len(self.identifier)} characters.",
                f"name and environment together may have {_MOST_NAME - 1}, so that replicas and restored copies fit",
                at="name",
            )
        count = self.database.replicas.count
        if self.database.identifier in {f"{self.identifier}-replica-{index + 1}" for index in range(count)}:
            raise fault(
                "SP008",
                f"'{self.database.identifier}' is what a replica is called.",
                "give the primary another name",
                at="database.identifier",
            )
        self._compliance_is_meant()
        self._rotation_fits()
        self._second_region_fits()
        self._snapshot_fits()
        self._managed_password_fits()
        self._application_has_addresses()
        self._validation_fits()
        if self.protection.on_delete == "destroy" and self.profile != "dev":
            raise fault(
                "SP012",
                f"on_delete: destroy loses the data with the stack, which profile {self.profile} refuses.",
                "write on_delete: snapshot, or profile: dev",
                at="protection.on_delete",
            )
        return self

    def _snapshot_fits(self) -> None:
        snapshot = self.database.snapshot
        if snapshot and self.region and snapshot.key_region != self.region:
            raise fault(
                "SP012",
                f"The key is one of {snapshot.key_region}, and the database is restored in {self.region}.",
                f"copy the snapshot to {self.region} with a key of that region, and name both here",
                at="database.snapshot.key",
            )

    def _managed_password_fits(self) -> None:
        if not self.credentials.is_rds_managed:
            return
        if self.database.replicas.count:
            raise excluded(
                "managed-password-replica",
                "write managed_by: mainstay with a rotation, or do without replicas",
                at="credentials.managed_by",
            )
        if self.database.snapshot:
            raise excluded(
                "managed-password-snapshot",
                "deploy with managed_by: mainstay first, then change it",
                at="credentials.managed_by",
            )

    def _application_has_addresses(self) -> None:
        recovery = self.disaster_recovery
        for path, network in (("network", self.network), ("disaster_recovery.network", recovery and recovery.network)):
            existing = network.existing if network else None
            if existing and self.access.is_by_subnets and not existing.application:
                raise fault(
                    "SP012",
                    f"application: {self.access.application} admits addresses, and the existing network names none.",
                    f"write {path}.existing.application, or application: group",
                    at="access.application",
                )

    def _compliance_is_meant(self) -> None:
        plan, recovery = self.protection.backup_plan, self.disaster_recovery
        for path, lock in (
            ("protection.backup_plan.lock", plan.lock if plan else None),
            ("disaster_recovery.lock", recovery.lock if recovery else None),
        ):
            compliance = lock.compliance if lock else None
            if compliance and compliance.confirmed != self.identifier:
                raise fault(
                    "SP012",
                    f"A lock in compliance mode can never be lifted, and '{compliance.confirmed}' does not confirm it.",
                    f"write confirmed: {self.identifier} if you mean it, or leave compliance out",
                    at=f"{path}.compliance.confirmed",
                )

    def _second_region_fits(self) -> None:
        recovery = self.disaster_recovery
        if recovery is None:
            return
        if self.region is None:
            raise fault(
                "SP006",
                "A second region needs a first one that is written down.",
                "write region:, or give --region",
                at="region",
            )
        if recovery.region == self.region:
            raise fault(
                "SP012",
                f"{self.region} is the region of the database itself, and is lost with it.",
                "choose another region",
                at="disaster_recovery.region",
            )
        self._copies_have_a_source(recovery)

    def _copies_have_a_source(self, recovery: DisasterRecovery) -> None:
        plan = self.protection.backup_plan
        made = [*(["continuous"] if plan and plan.continuous else []), *(plan.tiers if plan else {})]
        for name in recovery.copies.tiers if recovery.copies else {}:
            if name not in made:
                raise fault(
                    "SP012",
                    f"There is no {name} backup to copy: protection.backup_plan makes {', '.join(made) or 'none'}.",
                    f"write protection.backup_plan.{name}, or leave it out here",
                    at=f"disaster_recovery.copies.{name}",
                )
        if recovery.copies and plan and len(plan.copies) == MOST_COPIES:
            raise fault(
                "SP009",
                f"With the one into {recovery.region} there would be {MOST_COPIES + 1} copies of each recovery point.",
                f"AWS Backup makes {MOST_COPIES} at most: leave one of protection.backup_plan.copies out",
                at="disaster_recovery.copies",
            )

    def _rotation_fits(self) -> None:
        rotation = self.credentials.rotation
        if rotation and rotation.users == "alternating" and self.access.proxy:
            raise excluded(
                "proxy-alternating-users",
                "write users: single, or leave access.proxy out",
                at="credentials.rotation.users",
            )

    def _validation_fits(self) -> None:
        replicas = self.database.replicas.count
        expected = self.validation.expect.replication if self.validation else None
        if (expected == "source" and not replicas) or (expected == "none" and replicas):
            raise fault(
                "SP012",
                f"replication: {expected} is expected, and there are {replicas} replicas.",
                "change database.replicas.count, or leave replication out",
                at="validation.expect.replication",
            )
