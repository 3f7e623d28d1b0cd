"""Checks that AWS itself answers: the stack, instances, parameter groups, keys, backups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.errors import Inconclusive
from mainstay.core.units import Duration
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.verify.model import Outcome, Scene, failed, gravest, judged, passed, unobserved
from mainstay.ops.wait import wait_for
from mainstay.plan.resources import DbInstance, Key, ParameterGroup
from mainstay.plan.values import Ref, is_expression

# Transaction logs go to S3 every five minutes, and the restorable time is typically within the last five (RDS User
# Guide, USER_PIT, checked 2026-11-20): twice that is late.
_LATE: Final = Duration.minutes(10)
# The sandbox's first base backup takes seconds.
_SANDBOX_BACKUP_S: Final = 60.0
_PACE_S: Final = 15.0


def stack_is_complete(scene: Scene) -> Outcome:
    """The last change arrived, and every planned resource is there."""
    faults = [] if scene.stack.is_whole else [f"Stack {scene.stack.name} is {scene.stack.status}."]
    missing = [resource.key for resource in scene.region.resources if resource.key not in scene.resources]
    if missing:
        faults.append(f"Planned and not in the stack: {', '.join(missing)}.")
    broken = [known for known in scene.resources.values() if not known.status.endswith("_COMPLETE")]
    faults += [f"{known.logical_id} is {known.status}. {known.reason}".strip() for known in broken]
    fine = f"{scene.stack.name} is {scene.stack.status} with {len(scene.resources)} resources."
    return judged(faults, fine, "deploy again; events of the stack say why")


@dataclass(frozen=True, slots=True)
class _Setting:
    """A planned field, what it is called, and what is there instead; compared only where the plan has a literal."""

    name: str
    planned: Callable[[DbInstance], object]
    seen: Callable[[DbState], object]


_SETTINGS: Final = (
    _Setting("engine", lambda plan: plan.engine, lambda state: state.engine),
    _Setting("class", lambda plan: plan.instance_class, lambda state: state.instance_class),
    _Setting("Multi-AZ", lambda plan: plan.is_multi_az, lambda state: state.is_multi_az),
    _Setting("backup retention", lambda plan: plan.backup_retention, lambda state: state.retention),
    _Setting("encryption", lambda plan: plan.is_encrypted, lambda state: state.is_encrypted),
    _Setting("deletion protection", lambda plan: plan.has_deletion_protection, lambda s: s.has_deletion_protection),
    _Setting("public access", lambda plan: plan.is_public, lambda state: state.is_public),
    _Setting("port", lambda plan: plan.port, lambda state: state.port),
    _Setting("storage type", lambda plan: plan.storage_type, lambda state: state.storage_type),
    _Setting("largest storage", lambda plan: plan.max_storage, lambda state: state.max_storage),
    _Setting("CA certificate", lambda plan: plan.ca_certificate, lambda state: state.ca_certificate),
)


def instances_are_as_planned(scene: Scene) -> Outcome:
    """Every instance is available, and what can be seen of it is what was planned."""
    planned = list(scene.region.of(DbInstance))
    faults = [fault for instance in planned for fault in _instance_faults(scene, instance)]
    return judged(
        faults,
        f"{len(planned)} instances are available and set as planned.",
        "somebody changed it outside the stack, or a change waits for the window; deploy again",
    )


def _instance_faults(scene: Scene, instance: DbInstance) -> Iterator[str]:
    state = scene.state(instance.key)
    if state is None:
        yield f"{instance.key} does not exist."
        return
    name = state.identifier
    if not state.is_available:
        yield f"{name} is {state.status}."
    if scene.site.lacks_standby(state):
        yield f"{name} goes on without its standby, so that nothing could take over from it now."
    if state.pending:
        yield f"{name} has changes that are not in force: {', '.join(state.pending)}."
    for setting in _SETTINGS:
        planned, seen = setting.planned(instance), setting.seen(state)
        if planned is not None and not is_expression(planned) and planned != seen:
            yield f"{name}: {setting.name} is {seen}, planned {planned}."
    yield from _version_faults(instance, state)
    yield from _neighbour_faults(scene, instance, state)


def _version_faults(instance: DbInstance, state: DbState) -> Iterator[str]:
    """A minor upgrade is as planned when upgrades are; storage that grew by itself is, too."""
    planned = instance.engine_version
    if isinstance(planned, str) and not _version_fits(planned, state.engine_version, instance):
        yield f"{state.identifier}: engine version is {state.engine_version}, planned {planned}."
    storage = instance.storage
    if isinstance(storage, int) and state.storage < storage:
        yield f"{state.identifier}: storage is {state.storage}, planned {storage}."


def _version_fits(planned: str, seen: str, instance: DbInstance) -> bool:
    want, have = planned.split("."), seen.split(".")
    if have[: len(want)] == want:
        return True
    parts_of_major = 2 if instance.engine in ("mysql", "mariadb") else 1
    is_same_major = have[:parts_of_major] == want[:parts_of_major]
    return instance.upgrades_minor_versions is True and is_same_major and _numbers(have) >= _numbers(want)


def _numbers(parts: list[str]) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in parts]


def _neighbour_faults(scene: Scene, instance: DbInstance, state: DbState) -> Iterator[str]:
    planned = {scene.physical(link.key) for link in instance.security_groups if isinstance(link, Ref)}
    if planned and set(state.security_group_ids) != planned:
        yield f"{state.identifier}: security groups are {', '.join(state.security_group_ids) or 'none'}."
    for link, seen, name in (
        (instance.parameter_group, state.parameter_group, "parameter group"),
        (instance.subnet_group, state.subnet_group, "subnet group"),
    ):
        if isinstance(link, Ref) and scene.physical(link.key) != seen:
            yield f"{state.identifier}: {name} is {seen}, planned {scene.physical(link.key)}."


def parameter_groups_are_as_planned(scene: Scene) -> Outcome:
    """The groups hold the planned values, and no instance waits for a restart to take them."""
    groups = list(scene.region.of(ParameterGroup))
    faults = [fault for group in groups for fault in _group_faults(scene, group)]
    for instance in scene.region.of(DbInstance):
        state = scene.state(instance.key)
        if state is not None and state.parameter_status not in (None, "in-sync"):
            faults.append(f"{state.identifier}: parameters are {state.parameter_status}.")
    count = sum(len(group.parameters) for group in groups)
    return judged(faults, f"{count} parameters in {len(groups)} groups are as planned.", "deploy again, then restart")


def _group_faults(scene: Scene, group: ParameterGroup) -> Iterator[str]:
    name = scene.physical(group.key)
    if name is None:
        yield f"{group.key} does not exist."
        return
    seen = scene.site.doors.rds.parameters(name)
    for parameter, planned in group.parameters.items():
        if isinstance(planned, str) and seen.get(parameter) != planned:
            yield f"{name}: {parameter} is {seen.get(parameter, 'not set')}, planned {planned}."
    for parameter in sorted(seen.keys() - group.parameters.keys()):
        yield f"{name}: {parameter} is {seen[parameter]}, and was not planned."


def keys_are_usable(scene: Scene) -> Outcome:
    """A key that is disabled or about to be deleted takes the backups with it."""
    keys = list(scene.region.of(Key))
    faults = []
    for key in keys:
        physical = scene.physical(key.key)
        state = scene.site.doors.kms.key(physical) if physical else None
        if state is None or not state.is_usable:
            faults.append(f"{key.key} is {state.state if state else 'missing'}.")
    return judged(faults, f"{len(keys)} keys are enabled.", "enable the key, or cancel its deletion, at once")


def restorable_time_advances(scene: Scene) -> Outcome:
    """Every primary with backups can be restored to a moment ago."""
    primaries = [primary for primary in scene.primaries if primary.backup_retention != Duration(0)]
    if not primaries:
        return passed("No instance is planned with automated backups.")
    return gravest([_restorable(scene, primary) for primary in primaries])


def _restorable(scene: Scene, primary: DbInstance) -> Outcome:
    state = scene.state(primary.key)
    if state is None:
        return failed(f"{primary.key} does not exist.", "deploy again")
    limit = max(_LATE, scene.intent.rpo or _LATE)
    latest = _latest(scene, state.identifier)
    if latest is None:
        return unobserved(f"{state.identifier} has no restorable time yet.", "wait for the first backup, then verify")
    age = Duration(max(0, int((scene.clock.now() - latest).total_seconds())))
    if age > limit:
        hint = "look for RDS events of category backup; backups stop while an instance is not available"
        return failed(f"{state.identifier} can only be restored to {render_time(latest)}, {age} ago.", hint)
    return passed(f"{state.identifier} can be restored to {render_time(latest)}, {age} ago.")


def _latest(scene: Scene, identifier: str) -> datetime | None:
    """The latest restorable time; the sandbox's first one is waited for, because it takes seconds."""
    rds = scene.site.doors.rds
    if not scene.site.is_sandbox:
        return rds.instance(identifier).latest_restorable_time
    try:
        return wait_for(
            lambda: rds.instance(identifier).latest_restorable_time,
            lambda latest: latest is not None,
            message=f"waiting for the first backup of {identifier}",
            deadline_s=_SANDBOX_BACKUP_S,
            pace_s=scene.site.pace(_PACE_S),
            progress=scene.progress,
            clock=scene.clock,
        )
    except Inconclusive:
        return None
