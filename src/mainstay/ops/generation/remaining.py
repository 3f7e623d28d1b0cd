"""What a swap leaves to people, and what CloudFormation and Terraform believe afterwards, as commands to paste."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.generation import naming
from mainstay.ops.generation.model import Generating

INSTANCE: Final = "DBInstanceIdentifier"


def remaining(work: Generating, old: DbState, new: DbState) -> tuple[str, ...]:
    """What is to be done next, most urgent first, each with the names that it takes."""
    if work.request.swap is None:
        again = f"mainstay restore {_point(work)} --target {work.target} --swap rename --confirm {work.request.stack}"
        return (f"Nothing was swapped: clients are at {old.identifier}. To put this generation in its place: {again}",)
    return (*_clients(work, old), *_followers(work, old), *_alarms(work, old), *_kept(work, old, new))


def _point(work: Generating) -> str:
    request = work.request
    return f"--snapshot {request.snapshot}" if request.snapshot else f"--to {request.point}"


def _clients(work: Generating, old: DbState) -> Iterator[str]:
    request = work.request
    if request.swap == "secret":
        yield (
            f"Restart what has read secret {request.secret} before: until then it writes to {old.identifier}, and that "
            "is lost."
        )
    if request.swap == "dns" and request.name is not None:
        yield naming.clients(request.name, work.run, old)
    if request.swap in ("secret", "dns"):
        for name in work.site.doors.proxies.in_front_of(old.identifier):
            yield f"Proxy {name} still sends its clients to {old.identifier}: use --swap proxy or rename."
    if request.swap == "proxy":
        yield f"Clients that go past the proxy still reach {old.identifier}: send them through it."
    yield (
        "Users other than the master have the passwords of the restored point; policies for IAM logins "
        f"(rds-db:connect) name {old.resource_id}, and are to name the new resource id."
    )


def _followers(work: Generating, old: DbState) -> Iterator[str]:
    for name in old.replica_ids:
        yield f"Replica {name} still follows {old.identifier}: make a new one of the new generation, delete this one."
    for arn in old.replicated_backup_arns:
        yield f"Backups in {arn.split(':')[3]} are of {old.resource_id}: begin replicating those of the new generation."


def _alarms(work: Generating, old: DbState) -> Iterator[str]:
    doors, source, is_named = work.site.doors, work.request.source, work.request.swap == "rename"
    alarms = doors.cloudwatch.alarms_on(INSTANCE, source)
    subscriptions = doors.rds.subscriptions_to(source)
    if is_named:
        named = ", ".join((*alarms, *subscriptions)) or "none"
        yield f"Nothing to do for alarms and event subscriptions: these name {source}, as before: {named}."
        return
    if alarms:
        yield f"Alarms still look at {old.identifier}: {', '.join(alarms)}."
    if subscriptions:
        yield f"Event subscriptions still name {old.identifier}: {', '.join(subscriptions)}."


def _kept(work: Generating, old: DbState, new: DbState) -> Iterator[str]:
    cost = work.request.monthly_usd
    costs = f"about {cost:.0f} USD a month" if cost else "as much as the new one"
    yield (
        f"The old generation is kept as {old.identifier} ({old.resource_id}) and costs {costs}. Back to it: mainstay "
        f"restore --undo {work.run.id} --confirm {work.request.stack}. To give it up for good, after a last snapshot: "
        f"mainstay generation discard --run {work.run.id} --confirm {old.resource_id}"
    )
    yield f"Take a first drill of the new generation ({new.resource_id}): its backups begin with it."


def reconcile(work: Generating, old: DbState, new: DbState) -> tuple[str, ...]:
    """What CloudFormation and Terraform believe, and the commands by which it becomes true."""
    if work.request.swap is None:
        return ()
    rows = (_by_name if work.request.swap == "rename" else _by_another_name)(work, old, new)
    name = work.request.name if work.request.swap == "dns" else None
    return (*rows, *(naming.reconcile(work, old, name) if name else ()))


def _by_name(work: Generating, old: DbState, new: DbState) -> Iterator[str]:
    request = work.request
    yield (
        f"CloudFormation: nothing to import. {request.key} of stack {request.stack} has the physical id "
        f"{request.source}, which names the new generation now. What reads the resource id in the stack still has "
        f"{old.resource_id}; to see, and to mend it: mainstay generation reconcile --run {work.run.id} "
        f"--confirm {request.stack}"
    )
    # The provider keeps the DbiResourceId as a database's id since 5.0 (Terraform Registry, aws_db_instance,
    # 2026-11-21), so that it would look for the old generation under its new name.
    yield f"Terraform: terraform state rm {request.address} && terraform import {request.address} {new.identifier}"


def _by_another_name(work: Generating, old: DbState, new: DbState) -> Iterator[str]:
    request, run = work.request, work.run.id
    yield (
        f"CloudFormation: {request.key} of stack {request.stack} is still {old.identifier}, the old generation: a "
        f"deployment changes that one. To have the stack hold {new.identifier}, by an import: mainstay generation "
        f"reconcile --run {run} --confirm {request.stack}; then write database: {{identifier: {new.identifier}}} into "
        "the spec."
    )
    yield (
        f'Terraform, instead of that: set identifier = "{new.identifier}" in {request.address}, then terraform state '
        f"rm {request.address} && terraform import {request.address} {new.identifier}; the files for it, and for the "
        f"CDK: mainstay generation reconcile --run {run} --to terraform"
    )
