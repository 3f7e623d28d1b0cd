"""AWS Backup: what is planned, when it starts, who may what, and what is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.core.windows import DAY, WEEK, WeeklyWindow
from mainstay.plan.passes.backup_times import start_times
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    Alarm,
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    DbInstance,
    Fate,
    Key,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Role,
    TopicPolicy,
)
from mainstay.plan.values import Attr, Ref, join
from mainstay.spec import load

Built = Callable[..., Plan]
Refused = Callable[..., list[Finding]]
Complaints = Callable[..., list[str]]

TIERS = "daily: {keep: 30d}, weekly: {keep: 180d}, monthly: {keep: 365d}"
COPY = "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies"
WHOLE = (
    f"{{{TIERS}, copies: [{{vault: '{COPY}', keep: 30d}}], lock: {{least: 7d, most: 3650d}},"
    " admits: ['210987654321'], restore_test: {}}"
)


def rules_of(plan: Plan) -> dict[object, BackupRule]:
    (backup,) = plan.of(BackupPlan)
    return {rule.name: rule for rule in backup.rules}


def statements(plan: Plan, key: str) -> dict[str, Statement]:
    role = plan.primary[key]
    assert isinstance(role, Role)
    return {one.sid: one for policy in role.policies for one in policy.document.statements}


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
@pytest.mark.parametrize("plan", [WHOLE, "{continuous: true, restore_test: {}}", "{weekly: {keep: 180d}}"])
def test_a_backup_plan_lands(complaints: Complaints, engine: str, plan: str) -> None:
    said = complaints(database__engine=engine, protection__backup_plan=plan)
    # A vault's ARN names an account, and a spec does not know its own: that these may be two is a note, no more.
    noted = [text for text in said if "id='BK017', severity=<Severity.INFO" in text]
    assert [text for text in said if text not in noted] == []
    assert bool(noted) is ("copies:" in plan)


def test_tiers_are_rules_of_one_plan_for_this_database_only(built: Built) -> None:
    plan = built(protection__backup_plan=WHOLE)
    rules = rules_of(plan)
    assert {name: (str(rule.schedule), rule.delete_after) for name, rule in rules.items()} == {
        "daily": ("cron(0 2 * * ? *)", Duration.days(30)),
        "weekly": ("cron(0 6 ? * SUN *)", Duration.days(180)),
        "monthly": ("cron(0 7 1 * ? *)", Duration.days(365)),
    }
    for name, rule in rules.items():
        assert (rule.start_window, rule.completion_window) == (Duration.minutes(60), Duration.minutes(240))
        assert rule.recovery_point_tags["Tier"] == name
        assert rule.is_continuous is False
        assert [(copy.vault, copy.delete_after) for copy in rule.copies] == [(COPY, Duration.days(30))]
    (selection,) = plan.of(BackupSelection)
    assert (selection.resources, selection.any_tag) == ((Ref("Database"),), ())


def test_the_vault_keeps_what_is_in_it(built: Built) -> None:
    plan = built(protection__backup_plan=WHOLE)
    (vault,) = plan.of(BackupVault)
    assert (vault.name, vault.key_id) == ("shop-dev-backups", Ref("BackupKey"))
    assert (vault.on_delete, vault.on_replace) == (Fate.RETAIN_EXCEPT_ON_CREATE, Fate.RETAIN)
    key = plan.primary["BackupKey"]
    assert isinstance(key, Key)
    assert (key.on_delete, key.rotates) == (Fate.RETAIN_EXCEPT_ON_CREATE, True)
    assert vault.access_policy is not None
    deny, allow = vault.access_policy.statements
    assert (deny.effect, deny.actions[0]) == ("Deny", "backup:DeleteRecoveryPoint")
    assert (allow.actions, allow.principals[0].kind) == (("backup:CopyIntoBackupVault",), "AWS")
    assert vault.lock is not None
    assert (vault.lock.min_retention, vault.lock.max_retention) == (Duration.days(7), Duration.days(3650))
    assert vault.lock.changeable_for is None
    outputs = {one.name: one.value for one in plan.primary.outputs}
    assert outputs["BackupVaultArn"] == Attr("BackupVault", "arn")


def test_a_confirmed_lock_is_in_compliance_mode(built: Built) -> None:
    plan = built(
        protection__backup_plan="{daily: {keep: 9d}, lock: {least: 1d, compliance: {after: 3d, confirmed: shop-dev}}}"
    )
    (vault,) = plan.of(BackupVault)
    assert vault.lock is not None
    assert (vault.lock.changeable_for, vault.lock.max_retention) == (Duration.days(3), None)


def test_what_may_be_destroyed_can_be_emptied(built: Built) -> None:
    plan = built(
        protection="{deletion_protection: false, on_delete: destroy, backup_plan: {daily: {keep: 9d}}}",
    )
    (vault,) = plan.of(BackupVault)
    assert (vault.access_policy, vault.lock, vault.on_delete) == (None, None, Fate.DELETE)


def test_continuous_backups_have_one_owner(built: Built) -> None:
    plan = built(protection__backup_plan="{continuous: true}", protection__backups__keep="35d")
    (database,) = plan.of(DbInstance)
    assert (database.backup_retention, database.backup_window) == (Duration.days(35), None)
    (rule,) = rules_of(plan).values()
    assert (rule.is_continuous, rule.delete_after) == (True, Duration.days(35))
    assert "Continuous" in statements(plan, "BackupRole")
    assert "Continuous" not in statements(built(protection__backup_plan=WHOLE), "BackupRole")


def test_the_role_reaches_this_database_and_its_keys(built: Built) -> None:
    found = statements(built(protection__backup_plan=WHOLE), "BackupRole")
    assert found["Snapshots"].resources[0] == Attr("Database", "arn")
    assert found["Vaults"].resources == (Attr("BackupVault", "arn"), COPY)
    assert found["Keys"].resources == (Attr("DatabaseKey", "arn"), Attr("BackupKey", "arn"))
    assert found["Grants"].conditions[0].key == "kms:GrantIsForAWSResource"
    assert "*" not in [resource for one in found.values() for resource in one.resources]


def test_jobs_are_told_of_and_may_be(built: Built) -> None:
    plan = built(protection__backup_plan=WHOLE)
    (vault,) = plan.of(BackupVault)
    assert vault.notifications is not None
    assert {"BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED"} <= set(vault.notifications.events)
    (policy,) = plan.of(TopicPolicy)
    publishers = {one.principals[0].value for one in policy.policy.statements}
    key = plan.primary["AlertsKey"]
    assert isinstance(key, Key)
    assert "backup.amazonaws.com" in publishers
    assert "backup.amazonaws.com" in {one.principals[0].value for one in key.policy.statements}


@pytest.mark.parametrize(
    ("plan", "names"),
    [
        (WHOLE, ["failed", "expired", "aborted", "restore-failed", "copy-failed", "missed"]),
        ("{weekly: {keep: 30d}}", ["failed", "expired", "aborted", "restore-failed"]),
        ("{continuous: true}", ["failed", "expired", "aborted", "restore-failed", "missed"]),
    ],
)
def test_failed_jobs_and_missed_ones_are_alarms(built: Built, plan: str, names: list[str]) -> None:
    alarms = [one for one in built(protection__backup_plan=plan).of(Alarm) if one.namespace == "AWS/Backup"]
    assert [str(one.name).removeprefix("shop-dev-").removeprefix("backup-") for one in alarms] == names
    for one in alarms:
        assert one.dimensions == {"BackupVaultName": Ref("BackupVault")}
        assert one.alarm_actions == (Ref("AlertsTopic"),)
        is_missed = str(one.name).endswith("missed")
        assert one.missing_data == ("breaching" if is_missed else "notBreaching")
        assert one.comparison == ("LessThanThreshold" if is_missed else "GreaterThanThreshold")
        assert (one.threshold, one.evaluation_periods) == ((1, 26) if is_missed else (0, 1))


def test_restores_are_tested_where_they_can_work(built: Built) -> None:
    plan = built(protection__backup_plan="{continuous: true, restore_test: {day: sat, at: '09:30', keep: 2h}}")
    (test,) = plan.of(RestoreTestingPlan)
    assert (test.name, str(test.schedule)) == ("shop_dev", "cron(30 9 ? * SAT *)")
    assert test.recovery_point_types == ("SNAPSHOT", "CONTINUOUS")
    (selection,) = plan.of(RestoreTestingSelection)
    assert selection.validation_window == Duration.minutes(120)
    assert selection.overrides["dbSubnetGroupName"] == Attr("DatabaseSubnets", "id")
    assert selection.overrides["vpcSecurityGroupIds"] == join('["', Attr("DatabaseGroup", "group_id"), '"]')
    assert selection.resources == (Ref("Database"),)
    usual = next(built(protection__backup_plan=WHOLE).of(RestoreTestingPlan))
    assert (str(usual.schedule), usual.recovery_point_types) == ("cron(0 8 ? * MON *)", ("SNAPSHOT",))


def test_without_a_plan_there_is_nothing_of_it(built: Built) -> None:
    plan = built()
    assert [one.key for one in plan.primary.resources if "Backup" in one.key or "RestoreTest" in one.key] == []
    assert list(built(protection__backup_plan="{weekly: {keep: 30d}}").of(RestoreTestingPlan)) == []


@pytest.mark.parametrize(
    ("protection", "path", "said", "hint"),
    [
        # The backup window is 00:00-02:00 and maintenance sun:04:00-sun:06:00 unless they are written.
        ("{backup_plan: {daily: {keep: 9d, at: '02:00'}}}", None, "", ""),
        (
            "{backup_plan: {daily: {keep: 9d, at: '01:59'}}}",
            "daily",
            "starts between 01:59 and 02:59 can fall into the backup window 00:00-02:00.",
            'write "02:00", or leave it out',
        ),
        ("{backup_plan: {weekly: {keep: 9d, at: '06:00'}}}", None, "", ""),
        ("{backup_plan: {weekly: {keep: 9d, at: '05:00', day: mon}}}", None, "", ""),
        (
            "{backup_plan: {weekly: {keep: 9d, at: '05:59'}}}",
            "weekly",
            "the maintenance window sun:04:00-sun:06:00, or the hour before it.",
            'write "02:00", or leave it out',
        ),
        (
            "{backup_plan: {weekly: {keep: 9d, at: '02:01'}}}",
            "weekly",
            "or the hour before it.",
            'write "02:00", or leave it out',
        ),
        (
            "{backup_plan: {daily: {keep: 9d, at: '06:00'}, weekly: {keep: 30d, at: '06:59'}}}",
            "weekly",
            "can fall into the start window of daily.",
            'write "02:00", or leave it out',
        ),
        ("{backup_plan: {daily: {keep: 9d, at: '06:00'}, weekly: {keep: 30d, at: '07:00'}}}", None, "", ""),
        (
            "{backup_plan: {daily: {keep: 9d, at: '23:30'}}}",
            "daily",
            "starts between 23:30 and 00:30 can fall into the backup window",
            'write "02:00", or leave it out',
        ),
        (
            "{backups: {window: '00:00-23:30'}, maintenance: 'sun:23:30-mon:00:00',"
            " backup_plan: {daily: {keep: 9d, at: '02:00'}}}",
            "daily",
            "can fall into the backup window 00:00-23:30.",
            "leave it out",
        ),
        (
            "{backups: {window: '00:00-23:30'}, maintenance: 'sun:23:30-mon:00:00', backup_plan: {daily: {keep: 9d}}}",
            "daily",
            "no time of day is clear of both windows",
            "write a shorter start_window or shorter windows",
        ),
    ],
)
def test_a_time_that_collides_says_with_what(
    built: Built, refused: Refused, protection: str, path: str | None, said: str, hint: str
) -> None:
    if path is None:
        assert built(protection=protection).regions
        return
    (fault,) = refused(protection=protection)
    assert fault.id == "SP011"
    assert fault.subject.startswith(f"protection.backup_plan.{path}")
    assert said in fault.detail
    assert fault.hint == hint


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, DAY - 1),
    st.integers(30, 240),
    st.integers(0, WEEK - 1),
    st.integers(30, 360),
    st.sampled_from(["1h", "2h"]),
)
def test_found_times_are_clear_of_everything(
    backup: int, long: int, maintenance: int, longer: int, start_window: str
) -> None:
    window = f"{backup // 60:02}:{backup % 60:02}-{(backup + long) % DAY // 60:02}:{(backup + long) % 60:02}"
    weekly = WeeklyWindow(maintenance, (maintenance + longer) % WEEK)
    text = (
        "name: shop\nprofile: dev\ndatabase: {version: '17', class: db.m7g.large, name: tap}\n"
        "storage: {size: 100 GiB}\nalerts: {subscribers: [a@b.co]}\n"
        f"protection: {{backups: {{window: '{window}'}}, maintenance: '{weekly}',"
        f" backup_plan: {{{TIERS}, start_window: {start_window}}}}}\n"
    )
    try:
        spec = load(text)
    except InputRefused:
        return  # the two windows collide, which RDS itself refuses
    plan = spec.protection.backup_plan
    assert plan is not None
    schedules, faults = start_times(spec, plan)
    assert faults == []
    taken = [minute for cron in schedules.values() for minute in minutes_of(cron, int(plan.start_window) // 60)]
    assert len(taken) == len(set(taken))
    closed = {(maintenance - 60 + step) % WEEK for step in range(longer + 60)}
    closed |= {(day * DAY + backup + step) % WEEK for day in range(7) for step in range(long)}
    assert not closed & set(taken)


def minutes_of(cron: Cron, length: int) -> list[int]:
    """The minutes of the week in which a job may start; a day of the month counts as every weekday."""
    return [(start + step) % WEEK for start in cron.times_of_week for step in range(length)]
