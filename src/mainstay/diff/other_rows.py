"""What changing a field of anything else does: settings, secrets, keys, and what keeps things for a time."""

from __future__ import annotations

from typing import Final

from mainstay.core.units import Duration
from mainstay.diff.effects import Effect
from mainstay.diff.row import KEYS, LOCKS, LOGS, NAMES, PARAMETERS, ROTATION, SECRETS, SETTINGS, Case, Row
from mainstay.diff.situation import Situation, engine_of_family, static_parameters, users_of
from mainstay.facts import parameter
from mainstay.plan.resources import (
    BackupVault,
    Bucket,
    HostedZone,
    Key,
    LogGroup,
    ParameterGroup,
    RecordSet,
    RotationSchedule,
    Secret,
    SubnetGroup,
)


def changed_parameters(one: Situation) -> tuple[str, ...]:
    """The settings of a group that differ."""
    old, new = (dict(value) if isinstance(value, dict) else {} for value in (one.old, one.new))
    return tuple(name for name in {**old, **new} if old.get(name) != new.get(name))


def _is_unused(one: Situation) -> bool:
    return isinstance(one.before, ParameterGroup) and not users_of(one.before, one.meeting.before)


def _is_rebooted(one: Situation) -> bool:
    return one.is_cloudformation and isinstance(one.after, ParameterGroup) and bool(static_parameters(one.after))


def _needs_reboot(one: Situation) -> bool:
    engine = engine_of_family(getattr(one.after, "family", None))
    facts = (parameter(engine, name) for name in changed_parameters(one))
    return any(fact is None or fact.is_static for fact in facts)


def _rotates_at_once(one: Situation) -> bool:
    return getattr(one.after, "rotates_at_once", None) is not False


def _is_no_longer_generated(one: Situation) -> bool:
    return one.new is None


def _is_disabled(one: Situation) -> bool:
    return one.new is False


def _is_shorter(one: Situation) -> bool:
    if not isinstance(one.new, Duration):
        return False
    return one.old is None or (isinstance(one.old, Duration) and one.new < one.old)


def _is_lock_for_ever(one: Situation) -> bool:
    return getattr(one.new, "changeable_for", None) is not None


def _rotation(field: str) -> Row:
    return Row(
        kind=RotationSchedule,
        field=field,
        cases=(
            Case(
                when="not told to wait",
                test=_rotates_at_once,
                effect=Effect.IN_PLACE,
                why="The schedule is changed, and the secret is rotated at once with it.",
                warning="the password changes during the deployment: who keeps the old one has to read it again",
            ),
            Case(effect=Effect.IN_PLACE, why="The schedule is changed; the next rotation comes by it."),
        ),
        source=ROTATION,
    )


ROWS: Final[tuple[Row, ...]] = (
    Row(
        kind=ParameterGroup,
        field="parameters",
        cases=(
            Case(
                when="no instance of the plan uses the group",
                test=_is_unused,
                effect=Effect.IN_PLACE,
                why="No instance of the plan uses it.",
            ),
            Case(
                when="by CloudFormation, and the group has static settings, changed or not",
                test=_is_rebooted,
                effect=Effect.REBOOT,
                why="CloudFormation reboots the instances of a group with static settings, changed or not.",
                outage="reboot",
            ),
            Case(
                when="a static setting, or one that no table knows",
                test=_needs_reboot,
                effect=Effect.PENDING_REBOOT,
                why="A static setting waits for the next reboot.",
                outage="reboot",
                warning="nothing reboots the instance by itself: until then the old value holds",
            ),
            Case(effect=Effect.IN_PLACE, why="Dynamic settings hold at once."),
        ),
        source=PARAMETERS,
    ),
    Row(
        kind=SubnetGroup,
        field="subnets",
        cases=(
            Case(
                effect=Effect.IN_PLACE,
                why="Instances stay where they are until they move.",
                warning="RDS refuses to take a subnet away in which an instance stands",
            ),
        ),
        source=SETTINGS,
    ),
    Row(
        kind=Secret,
        field="generate",
        cases=(
            Case(
                when="taken away",
                test=_is_no_longer_generated,
                effect=Effect.IN_PLACE,
                why="The secret keeps the value that it has.",
            ),
            Case(
                effect=Effect.IN_PLACE,
                why="A change of how it is generated makes a new password in the secret.",
                warning="the database keeps the old password until something else of it changes: a dynamic reference "
                "without a version is read again only then, and until then every login from the secret fails",
            ),
        ),
        source=SECRETS,
    ),
    _rotation("every"),
    _rotation("schedule"),
    _rotation("function"),
    _rotation("window"),
    Row(
        kind=Key,
        field="is_enabled",
        cases=(
            Case(
                when="turned off",
                test=_is_disabled,
                effect=Effect.IN_PLACE,
                why="The key is disabled at once.",
                warning="whatever it encrypts cannot be read: a running database is stopped, and no backup restores",
            ),
            Case(effect=Effect.IN_PLACE, why="The key is enabled at once."),
        ),
        source=KEYS,
    ),
    Row(
        kind=Key,
        field="pending_window",
        cases=(
            Case(
                when="shorter",
                test=_is_shorter,
                effect=Effect.IN_PLACE,
                why="It says how long a deletion can be taken back.",
                warning="there is less time to notice that the key of all backups is going",
            ),
            Case(effect=Effect.IN_PLACE, why="It says how long a deletion can be taken back."),
        ),
        source=KEYS,
    ),
    Row(
        kind=LogGroup,
        field="retention",
        cases=(
            Case(
                when="shorter",
                test=_is_shorter,
                effect=Effect.IN_PLACE,
                why="At once.",
                loses="log events that are older than the new retention",
            ),
            Case(effect=Effect.IN_PLACE, why="At once."),
        ),
        source=LOGS,
    ),
    Row(
        kind=Bucket,
        field="lifecycle",
        cases=(
            Case(
                effect=Effect.IN_PLACE,
                why="The rules hold within a day, for objects that are there too.",
                warning="objects that the new rules find too old are deleted",
            ),
        ),
        source="Amazon S3 User Guide, lifecycle-configuration (2026-11-20)",
    ),
    Row(
        kind=BackupVault,
        field="lock",
        cases=(
            Case(
                when="in compliance mode",
                test=_is_lock_for_ever,
                effect=Effect.IN_PLACE,
                why="The lock begins to run.",
                warning="once its time is over, nobody can lift or shorten it, AWS included",
            ),
            Case(effect=Effect.IN_PLACE, why="The lock is changed while it can be."),
        ),
        source=LOCKS,
    ),
    Row(
        kind=RecordSet,
        field="values",
        cases=(
            Case(
                effect=Effect.IN_PLACE,
                why="The name leads elsewhere within a minute.",
                warning="whoever has the old answer goes there until its TTL has passed",
            ),
        ),
        source=NAMES,
    ),
    Row(
        kind=RecordSet,
        field="ttl",
        cases=(
            Case(
                effect=Effect.IN_PLACE,
                why="The whole record is written; answers of before are kept for the old TTL.",
                warning="a name that was led to another generation of the database comes back with it",
            ),
        ),
        source=NAMES,
    ),
    Row(
        kind=HostedZone,
        field="networks",
        cases=(
            Case(
                effect=Effect.IN_PLACE,
                why="The zone answers the networks that are written.",
                warning="a network that is taken away finds none of its names any more",
            ),
        ),
        source=NAMES,
    ),
)
