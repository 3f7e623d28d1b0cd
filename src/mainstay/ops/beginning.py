"""What a database was made from: kept by every later deployment, and looked at before the first.

CloudFormation replaces a restored database by a new one when its template names another snapshot, or none
(AWS::RDS::DBInstance, DBSnapshotIdentifier, 2026-11-20).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mainstay import facts
from mainstay.core.errors import InputRefused, NotFound
from mainstay.ops.aws.rds_states import SnapshotState
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.site import Site
from mainstay.plan.history import SNAPSHOT, SNAPSHOT_KEY
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, Secret
from mainstay.plan.values import Param, SecretField


@dataclass(frozen=True, slots=True)
class Beginning:
    """A snapshot, and the ARN of the key that encrypts it."""

    snapshot: str
    key: str


def remembered(stack: StackState | None) -> Beginning | None:
    """What the database of a stack was made from, as the stack tells; None for one that began empty."""
    if stack is None or not stack.takes_updates or not stack.parameters.get(SNAPSHOT):
        return None
    return Beginning(stack.parameters[SNAPSHOT], stack.parameters.get(SNAPSHOT_KEY, ""))


def planned(region: RegionPlan, given: Mapping[str, str]) -> Beginning | None:
    """What the template would make the database from, with the parameters that somebody gave."""
    written = {parameter.name: parameter.default or "" for parameter in region.parameters}
    if SNAPSHOT not in written:
        return None
    values = written | dict(given)
    return Beginning(values[SNAPSHOT], values.get(SNAPSHOT_KEY, ""))


def look(
    site: Site, region: RegionPlan, stack: StackState | None, given: Mapping[str, str], confirmed: Collection[str]
) -> None:
    """InputRefused when a deployed database would be made from something else, or a new one from what does not fit."""
    database = next((one for one in region.of(DbInstance) if one.source is None), None)
    if database is None:
        return
    wanted, held = planned(region, given), remembered(stack)
    if stack is not None and stack.takes_updates:
        if (wanted and wanted.snapshot) != (held and held.snapshot) and database.key not in confirmed:
            raise _replaced(database.key, stack.name, wanted, held)
    elif wanted is not None and database.snapshot == Param(SNAPSHOT):
        _refuse_unfit(site, region, database, wanted)


def _replaced(key: str, stack: str, wanted: Beginning | None, held: Beginning | None) -> InputRefused:
    was = f"was made from snapshot {held.snapshot}" if held else "began empty"
    would = f"made from {wanted.snapshot}" if wanted else "empty"
    back = f"name {held.snapshot} again" if held else "leave database.snapshot out"
    return InputRefused(
        "this would replace the database",
        detail=f"{key} of stack {stack} {was}; the new one would be {would}, and what it holds would be lost.",
        hint=f"{back}; to start over, `mainstay destroy` and deploy again, or give the spec another name; "
        f"--confirm-loss {key} lets CloudFormation decide",
    )


def _refuse_unfit(site: Site, region: RegionPlan, database: DbInstance, wanted: Beginning) -> None:
    try:
        found = site.doors.rds.snapshot(wanted.snapshot)
    except NotFound as error:
        raise InputRefused(
            "no such snapshot",
            detail=f"There is no snapshot {wanted.snapshot} in {site.region} ({site.label}).",
            hint="correct database.snapshot.name; one of another account needs its ARN, one of another region a copy",
        ) from error
    faults = list(_faults(region, database, wanted, found))
    if faults:
        raise InputRefused(
            "the snapshot does not fit",
            detail="\n".join(f"{wanted.snapshot} {detail}" for detail, _ in faults),
            hint="; ".join(hint for _, hint in faults),
        )


def _faults(
    region: RegionPlan, database: DbInstance, wanted: Beginning, found: SnapshotState
) -> Iterator[tuple[str, str]]:
    """What would fail, or would lock everybody out, in words and with what to do about it."""
    if found.status != "available":
        yield f"is {found.status}", "wait until it is available"
    if not found.is_encrypted:
        copy = f"aws rds copy-db-snapshot --source-db-snapshot-identifier {found.identifier} --kms-key-id {wanted.key}"
        yield "is not encrypted, and neither would be the database", f"copy it with a key first: {copy} and name it"
    elif _key_id(found.key_id or "") != _key_id(wanted.key):
        yield f"is encrypted with {found.key_id}, not with {wanted.key}", f"write database.snapshot.key: {found.key_id}"
    yield from _engine_faults(database, found)
    if isinstance(database.storage, int) and found.storage > database.storage:
        yield f"has {found.storage}, and storage cannot shrink", f"write storage.size: {found.storage} or more"
    user = _user(region, database)
    if user is not None and found.username and found.username != user:
        yield f"has the master user {found.username}, not {user}", f"write credentials.username: {found.username}"


def _engine_faults(database: DbInstance, found: SnapshotState) -> Iterator[tuple[str, str]]:
    engine, version = database.engine, database.engine_version
    if found.engine != engine:
        yield f"is one of {found.engine}, not of {engine}", f"write database.engine: {found.engine}"
    elif isinstance(version, str) and facts.order(found.engine_version) > facts.order(version):
        yield f"is of {found.engine_version}, newer than {version}", f'write database.version: "{found.engine_version}"'
    elif isinstance(version, str) and facts.major_of(found.engine, found.engine_version) != facts.major_of(
        found.engine, version
    ):
        major = facts.major_of(found.engine, found.engine_version)
        yield f"is of {found.engine_version}, a major before {version}", f'restore with version "{major}", then upgrade'


def _key_id(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _user(region: RegionPlan, database: DbInstance) -> str | None:
    """The user whose password the secret holds, which the restored database is given."""
    if not isinstance(database.password, SecretField):
        return None
    secret = region.resolve(database.password.secret, Secret)
    template = secret.generate.template if secret and secret.generate else None
    return json.loads(template).get("username") if isinstance(template, str) else None
