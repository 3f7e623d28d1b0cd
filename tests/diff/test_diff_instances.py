"""What changing a field of a database does, by what stands there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay import diff
from mainstay.core.units import Bytes, Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.diff import Effect
from mainstay.formats import terraform
from mainstay.plan.values import Ref

TERRAFORM = diff.Target(diff.TERRAFORM, terraform.TABLES)
Changed = Callable[..., diff.FieldChange]
GROWN = diff.Standing(storage=Bytes.gib(137), engine_version="17.6")

CASES = [
    # what stood, what is changed, the effect, words in reason, warning or loss
    ({}, {"instance_class": "db.m7g.xlarge"}, Effect.REBOOT, "stopped"),
    ({"is_multi_az": True}, {"instance_class": "db.m7g.xlarge"}, Effect.FAILOVER, "takes over"),
    ({}, {"engine_version": "17.5"}, Effect.REBOOT, "minor"),
    ({"is_multi_az": True}, {"engine_version": "17.5"}, Effect.REBOOT, "Multi-AZ deployment too"),
    ({}, {"engine_version": "17.3"}, Effect.REFUSED, "never downgrades"),
    ({}, {"engine_version": "18.1"}, Effect.REFUSED, "AllowMajorVersionUpgrade"),
    ({"allows_major_upgrade": True}, {"engine_version": "18.1"}, Effect.REBOOT, "no way back"),
    ({}, {"engine_version": "16.9"}, Effect.REFUSED, "never downgrades"),
    ({}, {"engine_version": "17"}, Effect.IN_PLACE, "already"),
    ({}, {"engine_version": None}, Effect.IN_PLACE, "stays"),
    ({}, {"engine": "mysql"}, Effect.REPLACEMENT, "Engine"),
    ({}, {"is_multi_az": True}, Effect.IO_IMPACT, "latency"),
    ({"is_multi_az": True}, {"is_multi_az": False}, Effect.IN_PLACE, "loss of a zone"),
    ({"is_multi_az": True}, {"is_multi_az": None}, Effect.IN_PLACE, "loss of a zone"),
    ({}, {"storage": Bytes.gib(110)}, Effect.IO_IMPACT, "optimised meanwhile"),
    ({}, {"storage": Bytes.gib(109)}, Effect.IO_IMPACT, "a tenth"),
    ({}, {"storage": Bytes.gib(399)}, Effect.IO_IMPACT, "Without an interruption"),
    ({}, {"storage": Bytes.gib(400)}, Effect.IO_IMPACT, "several volumes"),
    ({"storage_type": "io1"}, {"storage": Bytes.gib(400)}, Effect.IO_IMPACT, "Without an interruption"),
    ({}, {"storage": None}, Effect.IN_PLACE, "stays"),
    ({}, {"storage": Bytes.gib(99)}, Effect.REFUSED, "never shrinks"),
    ({}, {"storage_type": "io2"}, Effect.IO_IMPACT, "six hours"),
    ({"storage_type": "standard"}, {"storage_type": "gp3"}, Effect.REBOOT, "brief downtime"),
    ({}, {"storage_type": "standard"}, Effect.REBOOT, "brief downtime"),
    ({}, {"iops": 12000}, Effect.IO_IMPACT, "optimised"),
    ({}, {"max_storage": Bytes.gib(500)}, Effect.IN_PLACE, "at once"),
    ({"max_storage": Bytes.gib(500)}, {"max_storage": None}, Effect.IN_PLACE, "does not grow"),
    ({}, {"backup_retention": Duration.days(0)}, Effect.REBOOT, "every automated backup"),
    ({"backup_retention": Duration.days(0)}, {"backup_retention": Duration.days(7)}, Effect.REBOOT, "turned on"),
    ({}, {"backup_retention": Duration.days(6)}, Effect.IN_PLACE, "older"),
    ({}, {"backup_retention": None}, Effect.IN_PLACE, "older"),
    ({}, {"backup_retention": Duration.days(8)}, Effect.IN_PLACE, "As soon as possible"),
    ({}, {"backup_window": DailyWindow.parse("03:00-04:00")}, Effect.IN_PLACE, "As soon as possible"),
    ({}, {"maintenance_window": WeeklyWindow.parse("sun:05:30-sun:06:00")}, Effect.IN_PLACE, "pending"),
    ({}, {"ca_certificate": "rds-ca-rsa4096-g1"}, Effect.REBOOT, "authority"),
    ({}, {"key_id": "arn:aws:kms:eu-west-1:123456789012:key/1"}, Effect.REPLACEMENT, "KmsKeyId"),
    ({}, {"is_encrypted": False}, Effect.REPLACEMENT, "StorageEncrypted"),
    ({}, {"identifier": "store"}, Effect.REPLACEMENT, "DBInstanceIdentifier"),
    ({}, {"database_name": "store"}, Effect.REPLACEMENT, "DBName"),
    ({}, {"username": "owner"}, Effect.REPLACEMENT, "MasterUsername"),
    ({}, {"zone": "eu-west-1b"}, Effect.REPLACEMENT, "change set"),
    ({}, {"snapshot": "other"}, Effect.REPLACEMENT, "DBSnapshotIdentifier"),
    ({"snapshot": "first"}, {"snapshot": None}, Effect.REPLACEMENT, "DBSnapshotIdentifier"),
    ({"source": Ref("Primary")}, {"source": None}, Effect.REBOOT, "promoted"),
    ({}, {"source": Ref("Primary")}, Effect.REPLACEMENT, "new one"),
    ({}, {"subnet_group": "other"}, Effect.REPLACEMENT, "DBSubnetGroupName"),
    ({}, {"port": 5433}, Effect.REBOOT, "rebooted at once"),
    ({}, {"parameter_group": "by-hand"}, Effect.REBOOT, "CloudFormation reboots"),
    ({}, {"has_iam_authentication": True}, Effect.IN_PLACE, "Without"),
    ({"has_iam_authentication": True}, {"has_iam_authentication": False}, Effect.IN_PLACE, "token"),
    ({"has_deletion_protection": True}, {"has_deletion_protection": None}, Effect.IN_PLACE, "nothing but its policies"),
    ({}, {"has_deletion_protection": True}, Effect.IN_PLACE, "at once"),
    ({}, {"manages_password": True}, Effect.IN_PLACE, "another secret"),
    ({"backup_replica_region": "eu-west-3"}, {"backup_replica_region": None}, Effect.IN_PLACE, "gets no newer"),
    (
        {"deletes_automated_backups": False},
        {"deletes_automated_backups": None},
        Effect.IN_PLACE,
        "go with the instance",
    ),
    ({}, {"deletes_automated_backups": False}, Effect.IN_PLACE, "what becomes of"),
    ({}, {"insights_mode": "advanced"}, Effect.IN_PLACE, "Without an interruption"),
]


@pytest.mark.parametrize(("was", "change", "effect", "words"), CASES, ids=lambda value: str(value)[:60])
def test_in_cloudformation(
    was: dict[str, object], change: dict[str, object], effect: Effect, words: str, database_changed: Changed
) -> None:
    seen = database_changed(was, **change)
    assert seen.effect is effect
    assert words in f"{seen.reason} {seen.warning} {seen.loses}"
    assert seen.source


@pytest.mark.parametrize(
    ("was", "change", "effect", "words"),
    [
        ({}, {"identifier": "store"}, Effect.REBOOT, "endpoint changes"),
        ({}, {"subnet_group": "other"}, Effect.REBOOT, "same VPC"),
        ({}, {"parameter_group": "by-hand"}, Effect.PENDING_REBOOT, "next reboot"),
        ({}, {"zone": "eu-west-1b"}, Effect.REPLACEMENT, "availability_zone"),
        ({}, {"key_id": "arn:aws:kms:eu-west-1:123456789012:key/1"}, Effect.REPLACEMENT, "kms_key_id"),
        ({}, {"snapshot": "other"}, None, ""),  # our own modules tell Terraform to leave it alone
        ({"snapshot": "first"}, {"snapshot": None}, None, ""),
    ],
    ids=lambda value: str(value)[:60],
)
def test_in_terraform(
    was: dict[str, object], change: dict[str, object], effect: Effect | None, words: str, database_changed: Changed
) -> None:
    if effect is None:
        with pytest.raises(ValueError, match="not enough values"):
            database_changed(was, target=TERRAFORM, **change)
        return
    seen = database_changed(was, target=TERRAFORM, **change)
    assert seen.effect is effect
    assert words in f"{seen.reason} {seen.warning}"


@pytest.mark.parametrize(
    ("change", "then"),
    [
        ({"instance_class": "db.m7g.xlarge"}, Effect.REBOOT),
        ({"storage": Bytes.gib(200)}, Effect.IO_IMPACT),
        ({"engine_version": "17.5"}, Effect.REBOOT),
        ({"has_iam_authentication": True}, Effect.IN_PLACE),
    ],
)
def test_what_waits_is_deferred_unless_it_is_applied_immediately(
    change: dict[str, object], then: Effect, database_changed: Changed
) -> None:
    waiting = database_changed({"applies_immediately": False}, **change)
    assert (waiting.effect, waiting.then) == (Effect.DEFERRED, then)
    assert not waiting.interrupts_now
    assert database_changed({"applies_immediately": True}, **change).effect is then


def test_the_window_is_named(database_changed: Changed) -> None:
    was = {"applies_immediately": False, "maintenance_window": WeeklyWindow.parse("sun:05:30-sun:06:00")}
    assert database_changed(was, instance_class="db.m7g.xlarge").reason.endswith("The window is sun:05:30-sun:06:00.")
    was["applies_immediately"] = True
    assert "window" not in database_changed(was, instance_class="db.m7g.xlarge").reason


@pytest.mark.parametrize(
    ("change", "effect"),
    [({"port": 5433}, Effect.REBOOT), ({"backup_retention": Duration.days(8)}, Effect.IN_PLACE)],
)
def test_what_ignores_the_window_is_not_deferred(
    change: dict[str, object], effect: Effect, database_changed: Changed
) -> None:
    assert database_changed({"applies_immediately": False}, **change).effect is effect


def test_what_is_refused_or_replaced_is_not_deferred(database_changed: Changed) -> None:
    assert database_changed({"applies_immediately": False}, storage=Bytes.gib(50)).effect is Effect.REFUSED
    assert database_changed({"applies_immediately": False}, database_name="b").effect is Effect.REPLACEMENT


@pytest.mark.parametrize(("size", "effect"), [(136, Effect.REFUSED), (137, Effect.IN_PLACE), (138, Effect.IO_IMPACT)])
def test_storage_is_measured_by_what_autoscaling_made_of_it(
    size: int, effect: Effect, database_changed: Changed
) -> None:
    assert database_changed(standing=GROWN, storage=Bytes.gib(size)).effect is effect


@pytest.mark.parametrize(("version", "effect"), [("17.5", Effect.REFUSED), ("17.6", Effect.IN_PLACE)])
def test_versions_are_measured_by_what_minor_upgrades_made_of_them(
    version: str, effect: Effect, database_changed: Changed
) -> None:
    assert database_changed(standing=GROWN, engine_version=version).effect is effect


@pytest.mark.parametrize(("most", "is_left_alone"), [(Bytes.gib(500), True), (None, False)])
def test_terraform_leaves_storage_alone_that_autoscaling_made_larger(
    most: Bytes | None, is_left_alone: bool, database_changed: Changed
) -> None:
    was = {"storage": Bytes.gib(137), "max_storage": most, "address": "aws_db_instance.database"}
    if is_left_alone:
        with pytest.raises(ValueError, match="not enough values"):
            database_changed(was, target=TERRAFORM, storage=Bytes.gib(100))
    else:
        assert database_changed(was, target=TERRAFORM, storage=Bytes.gib(100)).effect is Effect.REFUSED


def test_a_snapshot_in_somebody_else_s_terraform_replaces(database_changed: Changed) -> None:
    was = {"snapshot": "first", "address": "aws_db_instance.database"}
    assert database_changed(was, target=TERRAFORM, snapshot="second").effect is Effect.REPLACEMENT


def test_an_engine_that_nobody_tells_is_taken_for_one_with_one_number_a_major(database_changed: Changed) -> None:
    assert database_changed({"engine": None}, engine_version="17.5").reason.startswith("The engine is restarted")
    assert database_changed({"engine": None}, engine_version="18.0").effect is Effect.REFUSED


def test_a_password_is_never_shown(database_changed: Changed) -> None:
    seen = database_changed({"password": "hunter2"}, password="hunter3")
    assert (seen.before, seen.after) == ("(hidden)", "(hidden)")
    assert "old password" in seen.warning
