"""What changing a field of a database instance does: class, version, network, names, logins."""

from __future__ import annotations

from typing import Final

from mainstay import facts
from mainstay.diff.effects import Effect
from mainstay.diff.row import PARAMETERS, SETTINGS, UPGRADES, Case, Row
from mainstay.diff.situation import Situation, engine_of, is_multi_az, static_parameters
from mainstay.plan.resources import DbInstance, ParameterGroup


def _versions(one: Situation) -> tuple[str, str, str] | None:
    """Engine, the version that runs, and the one that is wanted; None when one of them cannot be told."""
    engine = engine_of(one.after, one.meeting.after) or engine_of(one.before, one.meeting.before)
    running = one.standing.engine_version or one.old
    return (engine, running, one.new) if isinstance(running, str) and isinstance(one.new, str) else None


def _is_within(one: Situation) -> bool:
    """Whether what runs is of the version that is wanted: `16` is wanted and 16.9 runs."""
    found = _versions(one)
    if found is None:
        return False
    _, running, wanted = found
    return facts.order(running)[: len(facts.order(wanted))] == facts.order(wanted)


def _is_downgrade(one: Situation) -> bool:
    found = _versions(one)
    if found is None:
        return False
    _, running, wanted = found
    return facts.order(wanted) < facts.order(running)[: len(facts.order(wanted))]


def _is_major(one: Situation) -> bool:
    found = _versions(one)
    return found is not None and _major(found[0], found[1]) != _major(found[0], found[2])


def _major(engine: str, version: str) -> str:
    return facts.major_of(engine, version) if engine else version.partition(".")[0]


def _is_major_refused(one: Situation) -> bool:
    return _is_major(one) and getattr(one.after, "allows_major_upgrade", None) is not True


def _has_static(one: Situation) -> bool:
    group = one.meeting.after.resolve(one.new, ParameterGroup)
    return one.is_cloudformation and (group is None or bool(static_parameters(group)))


def _is_taken_away(one: Situation) -> bool:
    return one.new is None


def _turned_off(one: Situation) -> bool:
    return one.new is not True and one.old is True


def _turned_on(one: Situation) -> bool:
    return one.new is True and one.old is not True


def _row(field: str, *cases: Case, source: str = SETTINGS) -> Row:
    return Row(kind=DbInstance, field=field, cases=cases, source=source)


def _quiet(why: str = "RDS changes it at once, without an interruption.", warning: str = "") -> Case:
    return Case(effect=Effect.IN_PLACE, why=why, warning=warning)


ROWS: Final[tuple[Row, ...]] = (
    _row(
        "identifier",
        Case(
            effect=Effect.REBOOT,
            why="The instance is renamed and rebooted.",
            outage="rename",
            waits=True,
            warning="its endpoint changes: clients, and alarms by its name, have to follow",
        ),
    ),
    _row(
        "engine_version",
        Case(
            when="no longer written",
            test=_is_taken_away,
            effect=Effect.IN_PLACE,
            why="What runs stays.",
        ),
        Case(
            when="what runs is of the version that is wanted",
            test=_is_within,
            effect=Effect.IN_PLACE,
            why="What runs is of that version already.",
        ),
        Case(
            when="an older version than the one that runs",
            test=_is_downgrade,
            effect=Effect.REFUSED,
            why="RDS upgrades and never downgrades; restore a snapshot that was made before.",
        ),
        Case(
            when="another major without leave for it",
            test=_is_major_refused,
            effect=Effect.REFUSED,
            why="RDS refuses a major upgrade that AllowMajorVersionUpgrade does not allow.",
        ),
        Case(
            when="another major",
            test=_is_major,
            effect=Effect.REBOOT,
            why="A major upgrade stops the database, its standby too, and there is no way back.",
            outage="major_upgrade",
            waits=True,
            warning="it needs a parameter group of the new family; try it on a restored copy first",
        ),
        Case(
            effect=Effect.REBOOT,
            why="The engine is restarted with the new minor, in a Multi-AZ deployment too.",
            outage="minor_upgrade",
            waits=True,
        ),
        source=UPGRADES,
    ),
    _row(
        "instance_class",
        Case(
            when="Multi-AZ",
            test=is_multi_az,
            effect=Effect.FAILOVER,
            why="The standby is changed first and takes over.",
            outage="failover",
            waits=True,
        ),
        Case(
            effect=Effect.REBOOT,
            why="A single instance is stopped while it moves to the other class.",
            outage="class_change",
            waits=True,
        ),
    ),
    _row(
        "is_multi_az",
        Case(
            when="turned on",
            test=_turned_on,
            effect=Effect.IO_IMPACT,
            why="A snapshot is taken and a standby made from it; latency is higher meanwhile.",
            waits=True,
        ),
        Case(
            effect=Effect.IN_PLACE,
            why="The standby goes away without an interruption.",
            waits=True,
            warning="from then on the loss of a zone, and every later change of class or version, stops the database",
        ),
    ),
    _row(
        "source",
        Case(
            when="taken away",
            test=_is_taken_away,
            effect=Effect.REBOOT,
            why="The replica is promoted: it follows nobody any more and is rebooted.",
            outage="promotion",
            warning="what is written to its former source no longer arrives",
        ),
        Case(
            effect=Effect.REPLACEMENT,
            why="A replica cannot change its source; a new one is made.",
            loses="what was written to this instance itself",
        ),
        source="RDS User Guide, USER_ReadRepl.Promote; CloudFormation, AWS::RDS::DBInstance (2026-11-20)",
    ),
    _row(
        "subnet_group",
        Case(
            effect=Effect.REBOOT,
            why="The instance moves into the other group's subnets.",
            outage="move",
            waits=True,
            warning="RDS refuses a group in the same VPC",
        ),
    ),
    _row(
        "port",
        Case(
            effect=Effect.REBOOT,
            why="It is rebooted at once, whatever the window.",
            outage="reboot",
            warning="clients, security groups and secrets have to follow",
        ),
        # In 2023 the page said replacement.
        source="CloudFormation, AWS::RDS::DBInstance, Port: update requires some interruptions (2026-11-21)",
    ),
    _row(
        "parameter_group",
        Case(
            when="by CloudFormation, and the group has static settings or is not of this plan",
            test=_has_static,
            effect=Effect.REBOOT,
            why="CloudFormation reboots when a group with static settings is involved, changed or not.",
            outage="reboot",
        ),
        Case(
            effect=Effect.PENDING_REBOOT,
            why="The group is changed at once; its settings hold after the next reboot.",
            outage="reboot",
        ),
        source=PARAMETERS,
    ),
    _row("option_group", Case(effect=Effect.IN_PLACE, why="Without an interruption.", waits=True)),
    _row(
        "ca_certificate",
        Case(
            effect=Effect.REBOOT,
            why="The engine is restarted, unless its version can change certificates without it.",
            outage="reboot",
            waits=True,
            warning="clients have to trust the new authority beforehand",
        ),
    ),
    _row(
        "password",
        _quiet(
            "The master password is set as soon as possible, without an interruption.",
            "whoever keeps the old password cannot log in",
        ),
    ),
    _row(
        "manages_password",
        _quiet(
            "The master password is set anew, without an interruption.", "applications find it in another secret now"
        ),
    ),
    _row(
        "has_iam_authentication",
        Case(
            when="turned off",
            test=_turned_off,
            effect=Effect.IN_PLACE,
            why="Without an interruption.",
            waits=True,
            warning="who logs in by token cannot any more",
        ),
        Case(effect=Effect.IN_PLACE, why="Without an interruption.", waits=True),
    ),
    _row(
        "has_deletion_protection",
        Case(
            when="turned off",
            test=_turned_off,
            effect=Effect.IN_PLACE,
            why="RDS changes it at once, without an interruption.",
            warning="from then on nothing but its policies stands between the database and a deletion",
        ),
        _quiet(),
    ),
    _row(
        "maintenance_window",
        _quiet(warning="what is pending is carried out at once when the new window includes the present"),
    ),
    _row("applies_immediately", _quiet("It says when later changes are carried out.")),
    _row(
        "upgrades_minor_versions",
        _quiet("RDS changes it at once; minor upgrades come in the maintenance window while it is on."),
    ),
    _row("allows_major_upgrade", _quiet("It allows an upgrade and is none.")),
    _row("security_groups", _quiet("As soon as possible, without an interruption; open connections stay.")),
    _row("is_public", _quiet()),
    _row("performance_insights_retention", _quiet()),
    _row("has_performance_insights", _quiet()),
    _row("monitoring_interval", _quiet()),
    _row("log_exports", _quiet()),
    _row("copies_tags_to_snapshots", _quiet()),
)
