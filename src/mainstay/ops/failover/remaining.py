"""What a failover leaves to people: it makes a database, and changes neither clients nor the region that was lost."""

from __future__ import annotations

from mainstay.ops.failover.model import Failover
from mainstay.ops.failover.standing import APPLICATION
from mainstay.ops.restore import result_of


def remaining(work: Failover) -> tuple[str, ...]:
    """What is to be done next, most urgent first, each with the names it takes."""
    request, restored = work.request, result_of(work.restoring)
    here, old = work.site.region, request.source_region
    group = work.outputs.get(APPLICATION)
    wearing = f", wearing security group {group}" if group else ""
    steps = [
        f"Point the applications at {restored.address}:{restored.port} in {here}{wearing}; the login is in secret "
        f"{restored.login_secret_arn}.",
        f"Keep every client away from {request.source} in {old} ({work.primary}): what is committed there from now "
        f"on is not in {here}.",
        _backups(work),
        f"Make alarms: none of the stack in {old} looks at {restored.identifier} in {here}.",
        f"Make it permanent: set region: {here} and disaster_recovery.region: {old} in a spec of its own, and move the "
        "data back or import the instance when the first region is there again.",
    ]
    if request.lacks:
        steps.insert(2, f"Do without, or make in {here}: {', '.join(request.lacks)}.")
    if request.keeping.log_exports:
        steps.append(
            f"Give the log groups /aws/rds/instance/{restored.identifier}/ in {here} a retention: RDS sets none."
        )
    return tuple(steps)


def _backups(work: Failover) -> str:
    """How the new primary is saved: its own automated backups, and nothing in a second region yet."""
    state, old = work.restoring.state, work.request.source_region
    kept = f"automated backups are kept {state.retention} here" if state and state.retention else "IT HAS NO BACKUPS"
    arn = state.arn if state else ""
    return (
        f"Protect the new primary in a second region: {kept}, and none leave it. Once {old} is there again: aws rds "
        f"start-db-instance-automated-backups-replication --region {old} --source-db-instance-arn {arn}"
        + (f" --kms-key-id <a key of {old}>." if state and state.is_encrypted else ".")
    )
