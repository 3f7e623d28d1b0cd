"""How a stack is now: its state, its databases, what they can be restored to, its alarms, and what is unfinished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from mainstay.core.clock import Clock, SystemClock, render_time
from mainstay.core.units import Duration
from mainstay.ops import tags
from mainstay.ops.aws.rds_states import AutomatedBackup, DbState
from mainstay.ops.aws.stack_states import StackResource, StackState
from mainstay.ops.evidence.keeping import Kept
from mainstay.ops.journal import Journal
from mainstay.ops.proof import Proof, Subject, proof_of
from mainstay.ops.site import Site
from mainstay.ops.unfinished import unfinished
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceStatus:
    """One database of the stack. `restorable_age` is how long ago the latest restorable time was.

    `is_degraded` says that its standby could not take over now, where that can be seen: RDS does not tell.
    """

    key: str
    identifier: str
    status: str
    role: str
    address: str | None = None
    port: int | None = None
    engine: str = ""
    is_multi_az: bool = False
    is_degraded: bool = False
    restorable_to: datetime | None = None
    restorable_age: Duration | None = None
    pending: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The status as it stands in a JSON document; ages in seconds."""
        when = render_time(self.restorable_to) if self.restorable_to else None
        age = int(self.restorable_age) if self.restorable_age is not None else None
        return {**asdict(self), "restorable_to": when, "restorable_age": age, "pending": list(self.pending)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatedBackup:
    """The automated backups of an instance of another region, here. `age` is how long ago the latest second was that
    can be restored from them; None where there is none yet, or none at all (status `missing`).
    """

    source: str
    status: str
    restorable_to: datetime | None = None
    age: Duration | None = None

    def as_json(self) -> dict[str, object]:
        """The backups as they stand in a JSON document; ages in seconds."""
        when = render_time(self.restorable_to) if self.restorable_to else None
        return {**asdict(self), "restorable_to": when, "age": int(self.age) if self.age is not None else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyStatus:
    """One proxy of the stack, and the health of its targets by identifier."""

    key: str
    identifier: str
    status: str
    address: str | None = None
    requires_tls: bool = False
    targets: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether it is there, and reaches what is behind it."""
        return self.status == "available" and all(state == "AVAILABLE" for state in self.targets.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Drills:
    """Where the evidence of drills lies, of which database by its key, and how long a proof lasts."""

    workspace: Path
    key: str
    proof_lasts: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStatus:
    """A stack at a glance. `firing` are alarms; `restored` are instances that were restored from its databases;
    `unfinished` are runs in the journal, by id, with how far they came and what goes on with them; `replicated` are
    backups of another region. `stand_ins` says, in a sentence each, what runs here in place of what was planned.
    `proof` is that of the primary, where one was asked for.
    """

    stack: str
    site: str
    region: str
    status: str
    is_protected: bool
    instances: tuple[InstanceStatus, ...]
    alarms: Mapping[str, str]
    restored: Mapping[str, str]
    unfinished: Mapping[str, str]
    outputs: Mapping[str, str]
    replicated: tuple[ReplicatedBackup, ...] = ()
    proxies: tuple[ProxyStatus, ...] = ()
    stand_ins: tuple[str, ...] = ()
    proof: Proof | None = None

    @property
    def exit_code(self) -> int:
        """0 when all is well, else 1."""
        return 0 if self.is_well else 1

    @property
    def firing(self) -> list[str]:
        """The names of the alarms that fire now."""
        return [name for name, state in self.alarms.items() if state == "ALARM"]

    @property
    def is_well(self) -> bool:
        """Whether everything is available, nothing fires, and it is proven where that is due."""
        is_settled = self.status.endswith("_COMPLETE") and not self.firing
        is_restorable = all(one.age is not None for one in self.replicated)
        are_available = all(one.status == "available" and not one.is_degraded for one in self.instances)
        is_proven = self.proof is None or self.proof.is_well
        are_reached = all(proxy.is_well for proxy in self.proxies)
        return is_settled and is_restorable and are_available and are_reached and is_proven

    def as_json(self) -> dict[str, object]:
        """The status as a JSON document; `replicated` stands in it where there is something to say."""
        document = {**asdict(self), "instances": [instance.as_json() for instance in self.instances]}
        document["proof"] = self.proof.as_json() if self.proof is not None else None
        del document["replicated"]
        return {**document, **({"replicated": [one.as_json() for one in self.replicated]} if self.replicated else {})}


def replicas_into(plan: Plan, region: RegionPlan) -> tuple[str, ...]:
    """The identifiers of the instances whose automated backups the plan replicates into that region."""
    return tuple(str(one.identifier) for one in plan.of(DbInstance) if one.backup_replica_region == region.region)


def absent(site: Site, stack: str) -> StackStatus:
    """The status of a stack that is planned and not there."""
    return StackStatus(
        stack=stack,
        site=site.label,
        region=site.region,
        status="NOT_DEPLOYED",
        is_protected=False,
        instances=(),
        alarms={},
        restored={},
        unfinished={},
        outputs={},
    )


def status(
    site: Site,
    stack: str,
    *,
    replicated: Sequence[str] = (),
    journal: Journal | None = None,
    clock: Clock | None = None,
    drills: Drills | None = None,
    is_first: bool = True,
) -> StackStatus:
    """How a stack is now; NotFound when there is none of that name. Reads only.

    `replicated` are instances of another region whose automated backups are to be found here; `drills` say whose proof
    is looked for, and where. `is_first` is whether it is the first region's stack, which tells of runs elsewhere, too.
    """
    cloudformation = site.doors.cloudformation
    state = cloudformation.stack(stack)
    resources = cloudformation.resources(stack)
    now = (clock or SystemClock()).now()
    databases = {known.logical_id: (known, _instance(site, known)) for known in _of(resources, "AWS::RDS::DBInstance")}
    alarms = site.doors.cloudwatch.alarms(known.physical_id for known in _of(resources, "AWS::CloudWatch::Alarm"))
    ours = {found.resource_id for _, found in databases.values() if found is not None}
    # What was restored here from another region's backups, by a failover, came from an instance that is not here.
    theirs = {kept.resource_id for source in replicated for kept in replicated_here(site, source)}
    return StackStatus(
        stack=state.name,
        site=site.label,
        region=site.region,
        status=state.status,
        is_protected=state.has_termination_protection,
        instances=tuple(_status(site, known, found, now) for known, found in databases.values()),
        alarms={alarm.name: alarm.state for alarm in alarms},
        restored=_restored(site, ours | theirs),
        unfinished=unfinished(journal, state.name, site.region, is_first=is_first) if journal else {},
        outputs=state.outputs,
        replicated=tuple(_replicated(site, source, now) for source in replicated),
        proxies=tuple(_proxy(site, known) for known in _of(resources, "AWS::RDS::DBProxy")),
        stand_ins=site.stand_ins(resources),
        proof=_proof(site, drills, databases, state, now),
    )


def _proof(
    site: Site,
    drills: Drills | None,
    databases: Mapping[str, tuple[StackResource, DbState | None]],
    state: StackState,
    now: datetime,
) -> Proof | None:
    """The proof of the database that is asked for; None when nobody asks, or when it is not there."""
    found = databases[drills.key][1] if drills is not None and drills.key in databases else None
    if drills is None or found is None:
        return None
    subject = Subject(label=site.label, resource_id=found.resource_id)
    bucket = state.outputs.get("EvidenceBucket")
    kept = Kept(site.doors.s3, bucket) if bucket else None
    return proof_of(drills.workspace, subject, drills.proof_lasts, now=now, begun_at=state.created_at, kept=kept)


def _proxy(site: Site, known: StackResource) -> ProxyStatus:
    found = site.doors.proxies.find(known.physical_id)
    if found is None:
        return ProxyStatus(key=known.logical_id, identifier=known.physical_id, status="not visible")
    return ProxyStatus(
        key=known.logical_id,
        identifier=found.name,
        status=found.status,
        address=found.address,
        requires_tls=found.requires_tls,
        targets={target.identifier: f"{target.state} {target.why}".strip() for target in found.targets},
    )


def replicated_here(site: Site, source: str) -> tuple[AutomatedBackup, ...]:
    """The automated backups of an instance of another region, among those under its name here."""
    ours = f":rds:{site.region}:"
    return tuple(one for one in site.doors.rds.automated_backups(source) if ours not in one.instance_arn)


def _replicated(site: Site, source: str, now: datetime) -> ReplicatedBackup:
    kept = replicated_here(site, source)
    if not kept:
        return ReplicatedBackup(source=source, status="missing")
    newest = max(kept, key=lambda one: (one.window.latest is not None, one.window.latest or now))
    latest = newest.window.latest
    age = Duration(max(0, int((now - latest).total_seconds()))) if latest else None
    return ReplicatedBackup(source=source, status=newest.status, restorable_to=latest, age=age)


def _of(resources: tuple[StackResource, ...], kind: str) -> list[StackResource]:
    return [known for known in resources if known.type == kind and known.physical_id]


def _instance(site: Site, known: StackResource) -> DbState | None:
    return site.doors.rds.find_instance(known.physical_id)


def _status(site: Site, known: StackResource, found: DbState | None, now: datetime) -> InstanceStatus:
    if found is None:
        return InstanceStatus(key=known.logical_id, identifier=known.physical_id, status="not visible", role="unknown")
    latest = found.latest_restorable_time
    return InstanceStatus(
        key=known.logical_id,
        identifier=found.identifier,
        status=found.status,
        role=f"replica of {found.source_id}" if found.is_replica else "primary",
        address=found.address,
        port=found.port,
        engine=f"{found.engine} {found.engine_version}",
        is_multi_az=found.is_multi_az,
        is_degraded=site.lacks_standby(found),
        restorable_to=latest,
        restorable_age=Duration(max(0, int((now - latest).total_seconds()))) if latest else None,
        pending=tuple(found.pending),
    )


def _restored(site: Site, sources: set[str]) -> dict[str, str]:
    return {
        found.identifier: f"{found.status}, for a {found.tags.get(tags.PURPOSE, 'restore')}"
        for found in site.doors.rds.instances_tagged(tags.SOURCE)
        if found.tags[tags.SOURCE] in sources
    }
