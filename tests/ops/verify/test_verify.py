"""Verification of a real deployment, then of the same one after somebody broke it in one way or another."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ops.test_tunnel import BASTION, behind_bastion, plugins, silent

from mainstay.core.clock import SystemClock
from mainstay.core.errors import AnswerIsNo, Inconclusive, NotFound
from mainstay.core.progress import Silent
from mainstay.core.units import Duration
from mainstay.ops.routes import Routes
from mainstay.ops.site import Lab
from mainstay.ops.status import status
from mainstay.ops.verify import CHECKS, verify
from mainstay.ops.verify.database import same_setting
from mainstay.ops.verify.model import Mark, Outcome, Scene, Verification
from mainstay.ops.verify.settings import _version_fits
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import Alarm, DbInstance, Key, ParameterGroup, SecretAttachment, Subscription, Topic
from mainstay.plan.values import Ref

Fixture = Any  # fixtures of conftest
STACK = "shop-dev"


@pytest.fixture(scope="module")
def shop(place: Fixture, shop_plan: Plan) -> Fixture:
    place.deploy(shop_plan, STACK)
    return place


def outcomes(result: Verification) -> dict[str, Outcome]:
    return {answer.name: answer.outcome for answer in result.answers}


def with_database(plan: Plan, **changes: Any) -> Plan:
    """The plan with its primary instance planned otherwise."""
    resources = tuple(
        replace(resource, **changes) if isinstance(resource, DbInstance) and resource.source is None else resource
        for resource in plan.primary.resources
    )
    return replace(plan, regions=(replace(plan.primary, resources=resources),))


def raw(place: Fixture, service: str) -> Any:
    """A client as somebody else would use it, past our doors."""
    return place.site.doors._client(service)


def settle(place: Fixture, identifier: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = place.site.doors.rds.instance(identifier)
        if state.is_available and not state.pending:
            return
        time.sleep(0.05)


def test_a_deployment_passes_every_check(shop: Fixture, shop_plan: Plan, heard: Fixture) -> None:
    result = verify(shop.site, shop_plan, STACK, progress=heard)
    seen = outcomes(result)
    mail = seen.pop("subscribers are confirmed")
    assert (mail.mark, "ops@example.com" in mail.sentence) == (Mark.WARNING, True)
    assert {name: outcome.sentence for name, outcome in seen.items() if outcome.mark is not Mark.PASS} == {}
    assert (result.verdict, result.stop()) == ("pass", None)
    assert len(heard.steps) == len(result.answers) == len(CHECKS)
    assert "Not compared: rds.force_ssl" in seen["parameters are in force"].sentence
    assert json.loads(json.dumps(result.as_json()))["verdict"] == "pass"


def test_no_stack_is_no_answer(shop: Fixture, shop_plan: Plan) -> None:
    with pytest.raises(NotFound):
        verify(shop.site, shop_plan, "nowhere")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_multi_az": False}, "Multi-AZ is True, planned False"),
        ({"backup_retention": Duration.days(9)}, "backup retention is 1d, planned 9d"),
        ({"has_deletion_protection": True}, "deletion protection is False, planned True"),
        ({"engine_version": "18"}, "engine version is 17.11, planned 18"),
        ({"security_groups": ()}, None),
        ({"port": 5433}, "port is 5432, planned 5433"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_differs_from_the_plan_fails_by_name(
    shop: Fixture, shop_plan: Plan, changes: dict[str, Any], words: str | None
) -> None:
    result = verify(shop.site, with_database(shop_plan, **changes), STACK)
    seen = outcomes(result)["instances are set as planned"]
    if words is None:
        assert seen.mark is Mark.PASS
        return
    assert seen.mark is Mark.FAIL
    assert words in seen.sentence
    stop = result.stop()
    assert isinstance(stop, AnswerIsNo)
    assert words in stop.detail


def test_an_alarm_that_somebody_deleted_fails(shop: Fixture, shop_plan: Plan) -> None:
    cloudwatch = raw(shop, "cloudwatch")
    kept = cloudwatch.describe_alarms(AlarmNames=["shop-dev-cpu"])["MetricAlarms"][0]
    cloudwatch.delete_alarms(AlarmNames=["shop-dev-cpu"])
    seen = outcomes(verify(shop.site, shop_plan, STACK))["alarms are in place"]
    assert (seen.mark, seen.sentence) == (Mark.FAIL, "DatabaseCpuAlarm does not exist.")
    wanted = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    cloudwatch.put_metric_alarm(**{name: value for name, value in kept.items() if name in wanted})
    assert outcomes(verify(shop.site, shop_plan, STACK))["alarms are in place"].mark is Mark.PASS


@contextmanager
def disabled_key(shop: Fixture) -> Iterator[None]:
    resources = {known.logical_id: known.physical_id for known in shop.site.doors.cloudformation.resources(STACK)}
    kms = raw(shop, "kms")
    kms.disable_key(KeyId=resources["AlertsKey"])
    try:
        yield
    finally:
        kms.enable_key(KeyId=resources["AlertsKey"])


def test_a_key_that_somebody_disabled_fails(shop: Fixture, shop_plan: Plan) -> None:
    with disabled_key(shop):
        seen = outcomes(verify(shop.site, shop_plan, STACK))["keys are usable"]
    assert (seen.mark, seen.sentence) == (Mark.FAIL, "AlertsKey is Disabled.")


def test_without_certificates_nothing_is_believed(shop: Fixture, shop_plan: Plan) -> None:
    result = verify(replace(shop.site, ca_bundle=None), shop_plan, STACK)
    assert outcomes(result)["login over TLS works"].mark is Mark.NOT_OBSERVED
    assert result.of(Mark.FAIL) == []
    stop = result.stop()
    assert isinstance(stop, Inconclusive)
    assert "global-bundle.pem" in stop.hint


def test_in_aws_a_private_database_is_not_observed_from_outside(
    shop: Fixture, shop_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.ops.verify.model.reaches", lambda address: "timed out")
    site = replace(shop.site, label="aws")
    result = verify(site, shop_plan, STACK, routes=Routes(site, look=silent))
    seen = outcomes(result)["login over TLS works"]
    assert (seen.mark, "is private" in seen.sentence) == (Mark.NOT_OBSERVED, True)
    assert "access.bastion" in seen.hint
    assert result.verdict == "inconclusive"
    here = outcomes(verify(shop.site, shop_plan, STACK))["login over TLS works"]
    assert (here.mark, "does not answer: timed out" in here.sentence) == (Mark.FAIL, True)


def test_a_private_database_is_verified_through_the_bastion(
    shop: Fixture, shop_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = behind_bastion(shop.site, tmp_path, monkeypatch)
    with Routes(site, bastion=BASTION, look=silent) as routes:
        result = verify(site, shop_plan, STACK, routes=routes)
    seen = outcomes(result)
    answered = ("login over TLS works", "connections without TLS are refused", "replicas follow and take no writes")
    assert {name: seen[name].mark for name in answered} == dict.fromkeys(answered, Mark.PASS)
    assert result.as_json()["observed_from"] == result.observed_from
    assert result.observed_from.endswith(f"through bastion {BASTION} in eu-central-1")
    assert plugins() == []


def test_the_status_tells_each_database_and_what_it_can_be_restored_to(shop: Fixture) -> None:
    run = shop.journal.begin("drill", STACK)
    seen = status(shop.site, STACK, journal=shop.journal)
    roles = {instance.identifier: instance.role for instance in seen.instances}
    assert roles == {
        "shop-dev": "primary",
        "shop-dev-replica-1": "replica of shop-dev",
        "shop-dev-replica-2": "replica of shop-dev",
    }
    assert seen.is_well
    assert seen.firing == []
    assert seen.unfinished[run.id].startswith("drill: begun, last heard of at 20")
    primary = json.loads(json.dumps(seen.as_json()))["instances"][0]
    assert primary["restorable_age"] < 600
    run.finish("done")
    assert status(shop.site, STACK, journal=shop.journal).unfinished == {}


def test_a_primary_without_its_standby_is_not_well(shop: Fixture, shop_plan: Plan) -> None:
    alone = replace(shop.site, lab=Lab(faults={}, has_redundancy=lambda _: False))
    seen = outcomes(verify(alone, shop_plan, STACK))["instances are set as planned"]
    assert (seen.mark, "shop-dev goes on without its standby" in seen.sentence) == (Mark.FAIL, True)
    told = status(alone, STACK)
    assert [one.is_degraded for one in told.instances] == [True, False, False]
    assert (told.is_well, told.exit_code) == (False, 1)


def without(plan: Plan, *kinds: type[Any]) -> Plan:
    kept = tuple(resource for resource in plan.primary.resources if not isinstance(resource, kinds))
    return replace(plan, regions=(replace(plan.primary, resources=kept),))


def with_more(plan: Plan, *resources: Any) -> Plan:
    return replace(plan, regions=(replace(plan.primary, resources=(*plan.primary.resources, *resources)),))


def test_nobody_who_listens_is_a_warning_and_a_missing_one_a_failure(shop: Fixture, shop_plan: Plan) -> None:
    name = "subscribers are confirmed"
    nobody = outcomes(verify(shop.site, without(shop_plan, Subscription), STACK))[name]
    assert (nobody.mark, "Nobody subscribes" in nobody.sentence) == (Mark.WARNING, True)
    none = outcomes(verify(shop.site, without(shop_plan, Subscription, Topic), STACK))[name]
    assert none.mark is Mark.PASS
    missing = Subscription(key="New", topic=Ref("AlertsTopic"), protocol="email", endpoint="new@example.com")
    outside = Subscription(key="Far", topic="arn:aws:sns:eu-central-1:1:t", protocol="email", endpoint="x@example.com")
    seen = outcomes(verify(shop.site, with_more(shop_plan, missing, outside), STACK))[name]
    assert (seen.mark, seen.sentence) == (Mark.FAIL, "Not subscribed: new@example.com.")


def test_alarms_that_fire_are_silent_or_lack_actions_are_told_apart(shop: Fixture, shop_plan: Plan) -> None:
    cloudwatch = raw(shop, "cloudwatch")
    name = "alarms are in place"
    cloudwatch.set_alarm_state(AlarmName="shop-dev-cpu", StateValue="ALARM", StateReason="tried")
    firing = outcomes(verify(shop.site, shop_plan, STACK))[name]
    assert (firing.mark, "1 fire now: shop-dev-cpu" in firing.sentence) == (Mark.WARNING, True)
    assert status(shop.site, STACK).firing == ["shop-dev-cpu"]
    assert not status(shop.site, STACK).is_well
    cloudwatch.disable_alarm_actions(AlarmNames=["shop-dev-cpu"])
    silent = outcomes(verify(shop.site, shop_plan, STACK))[name]
    assert (silent.mark, silent.sentence) == (Mark.FAIL, "shop-dev-cpu has its actions switched off.")
    cloudwatch.enable_alarm_actions(AlarmNames=["shop-dev-cpu"])
    cloudwatch.set_alarm_state(AlarmName="shop-dev-cpu", StateValue="OK", StateReason="tried")
    second = "arn:aws:sns:eu-central-1:1:second"
    resources = tuple(
        replace(resource, alarm_actions=(*resource.alarm_actions, second))
        if isinstance(resource, Alarm) and resource.key == "DatabaseCpuAlarm"
        else resource
        for resource in shop_plan.primary.resources
    )
    more = replace(shop_plan, regions=(replace(shop_plan.primary, resources=resources),))
    few = outcomes(verify(shop.site, more, STACK))[name]
    assert (few.mark, few.sentence) == (Mark.FAIL, "shop-dev-cpu has 1 actions, planned 2.")


def test_what_is_planned_and_not_there_fails_everywhere_it_is_asked_about(shop: Fixture, shop_plan: Plan) -> None:
    extra = with_more(
        shop_plan,
        DbInstance(key="Second", identifier="second", source=None),
        DbInstance(key="Third", source=Ref("Database")),
        ParameterGroup(key="Group", family="postgres17", description="none"),
        Key(key="LostKey", policy=Policy(())),
    )
    seen = outcomes(verify(shop.site, extra, STACK))
    assert "Second, Third, Group, LostKey" in seen["the stack is complete"].sentence.replace("not in the stack: ", "")
    for name in (
        "instances are set as planned",
        "login over TLS works",
        "connections without TLS are refused",
        "replication is streaming",
        "replicas follow and take no writes",
        "the restorable time advances",
    ):
        assert seen[name].mark is Mark.FAIL, name
    assert seen["parameter groups are as planned"].sentence == "Group does not exist."
    assert seen["keys are usable"].sentence == "LostKey is missing."


def test_a_plan_without_databases_or_secrets_has_less_to_answer(shop: Fixture, shop_plan: Plan) -> None:
    empty = outcomes(verify(shop.site, without(shop_plan, DbInstance), STACK))
    assert empty["login over TLS works"].sentence == "There is no database."
    assert empty["the restorable time advances"].sentence == "No instance is planned with automated backups."
    foreign = outcomes(verify(shop.site, without(with_database(shop_plan, password="x"), SecretAttachment), STACK))
    assert foreign["login over TLS works"].mark is Mark.NOT_OBSERVED
    attached = outcomes(verify(shop.site, with_database(shop_plan, password=None), STACK))
    assert attached["login over TLS works"].mark is Mark.PASS
    state = shop.site.doors.rds.instance(STACK)
    starting = scene(shop, shop_plan).unreachable(replace(state, address=None))
    assert starting is not None
    assert starting.mark is Mark.FAIL


def scene(place: Fixture, plan: Plan) -> Scene:
    return Scene(
        site=place.site,
        region=plan.primary,
        intent=plan.intent,
        stack=place.site.doors.cloudformation.stack(STACK),
        resources={},
        progress=Silent(),
        clock=SystemClock(),
        routes=Routes(place.site),
    )


def test_a_plain_connection_that_fails_for_another_reason_proves_nothing(
    shop: Fixture, shop_plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "connections without TLS are refused"
    monkeypatch.setattr("mainstay.ops.verify.database.plain_refusal", lambda *_, **__: "password authentication failed")
    assert outcomes(verify(shop.site, shop_plan, STACK))[name].mark is Mark.NOT_OBSERVED


def test_a_restorable_time_that_stands_still_fails(shop: Fixture, shop_plan: Plan, clock: Fixture) -> None:
    clock.start = datetime.now(UTC) + timedelta(minutes=11, seconds=30)
    late = outcomes(verify(shop.site, shop_plan, STACK, clock=clock))["the restorable time advances"]
    assert (late.mark, "11m" in late.sentence) == (Mark.FAIL, True)
    patient = replace(shop_plan, intent=replace(shop_plan.intent, rpo=Duration.minutes(15)))
    assert outcomes(verify(shop.site, patient, STACK, clock=clock))["the restorable time advances"].mark is Mark.PASS


def test_a_secret_that_is_not_the_databases_any_more_is_told(shop: Fixture, shop_plan: Plan) -> None:
    shop.site.doors.rds.set_password(STACK, "another-password-1")
    settle(shop, STACK)
    seen = outcomes(verify(shop.site, shop_plan, STACK))
    assert seen["login over TLS works"].mark is Mark.FAIL
    assert "password authentication failed" in seen["login over TLS works"].sentence
    assert seen["parameters are in force"].mark is Mark.NOT_OBSERVED
    secret = scene(shop, shop_plan).site.doors.cloudformation.stack(STACK).outputs["DatabaseSecret"]
    shop.site.doors.rds.set_password(STACK, shop.site.doors.secrets.read_login(secret).password)
    settle(shop, STACK)
    assert outcomes(verify(shop.site, shop_plan, STACK))["login over TLS works"].mark is Mark.PASS


def test_a_database_in_the_middle_of_a_rotation_lets_us_in(shop: Fixture, shop_plan: Plan) -> None:
    secret = scene(shop, shop_plan).site.doors.cloudformation.stack(STACK).outputs["DatabaseSecret"]
    held, secrets = shop.site.doors.secrets.read_login(secret), raw(shop, "secretsmanager")
    pending = json.dumps({"username": held.username, "password": "pending-password-1"})
    secrets.put_secret_value(SecretId=secret, SecretString=pending, VersionStages=["AWSPENDING"])
    for password in ("pending-password-1", held.password):
        shop.site.doors.rds.set_password(STACK, password)
        settle(shop, STACK)
        assert outcomes(verify(shop.site, shop_plan, STACK))["login over TLS works"].mark is Mark.PASS
    [version] = [
        name
        for name, stages in secrets.describe_secret(SecretId=secret)["VersionIdsToStages"].items()
        if stages == ["AWSPENDING"]
    ]
    secrets.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=version)


def test_a_parameter_that_somebody_changed_is_seen_in_the_group(shop: Fixture, shop_plan: Plan) -> None:
    # The first of two that break the stack for good.
    group = shop.site.doors.rds.instance(STACK).parameter_group
    change = [{"ParameterName": "statement_timeout", "ParameterValue": "1000", "ApplyMethod": "immediate"}]
    raw(shop, "rds").modify_db_parameter_group(DBParameterGroupName=group, Parameters=change)
    seen = outcomes(verify(shop.site, shop_plan, STACK))["parameter groups are as planned"]
    assert seen.mark is Mark.FAIL
    assert "statement_timeout is 1000, and was not planned" in seen.sentence
    open_door = [{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}]
    raw(shop, "rds").modify_db_parameter_group(DBParameterGroupName=group, Parameters=open_door)
    shop.site.doors.rds.reboot(STACK)
    settle(shop, STACK)
    after = outcomes(verify(shop.site, shop_plan, STACK))
    assert "rds.force_ssl is 0, planned 1" in after["parameter groups are as planned"].sentence
    assert after["connections without TLS are refused"].mark is Mark.FAIL
    wrong = replace(shop.site, in_force=lambda planned, _: {"work_mem": "17", "nope": "1"})
    forced = outcomes(verify(wrong, shop_plan, STACK))["parameters are in force"]
    assert "work_mem is 16384, expected 17." in forced.sentence
    assert "has no parameter nope." in forced.sentence


def test_a_promoted_replica_is_no_replica(shop: Fixture, shop_plan: Plan) -> None:
    # The last of two that break the stack for good.
    raw(shop, "rds").promote_read_replica(DBInstanceIdentifier="shop-dev-replica-2")
    settle(shop, "shop-dev-replica-2")
    seen = outcomes(verify(shop.site, shop_plan, STACK))
    assert seen["replicas follow and take no writes"].mark is Mark.FAIL
    assert "takes writes" in seen["replicas follow and take no writes"].sentence


@pytest.mark.parametrize(
    ("parameter", "expected", "seen", "same"),
    [
        ("work_mem", "16384", "16384", True),
        ("work_mem", "16384", "4096", False),
        ("log_statement", "NONE", "none", True),
        ("autovacuum", "1", "on", True),
        ("autovacuum", "0", "on", False),
        ("autovacuum", "off", "no", True),
        ("random_page_cost", "1.10", "1.1", True),
        ("shared_preload_libraries", "pg_stat_statements", "rdsutils,pg_stat_statements", True),
        ("shared_preload_libraries", "pg_stat_statements,auto_explain", "pg_stat_statements", False),
    ],
)
def test_two_spellings_of_one_value_are_one(parameter: str, expected: str, seen: str, same: bool) -> None:
    assert same_setting(parameter, expected, seen) is same


@pytest.mark.parametrize(
    ("engine", "planned", "seen", "upgrades", "fits"),
    [
        ("postgres", "17", "17.11", False, True),
        ("postgres", "17.10", "17.11", True, True),
        ("postgres", "17.10", "17.11", False, False),
        ("postgres", "17.11", "17.10", True, False),
        ("postgres", "17.10", "18.1", True, False),
        ("mysql", "8.4.5", "8.4.8", True, True),
        ("mysql", "8.0.46", "8.4.8", True, False),
        ("mysql", "8.4.9", "8.4.10-rds.20260908", True, False),
    ],
)
def test_a_minor_upgrade_is_as_planned_when_upgrades_are(
    engine: str, planned: str, seen: str, upgrades: bool, fits: bool
) -> None:
    instance = DbInstance(key="D", engine=engine, engine_version=planned, upgrades_minor_versions=upgrades)
    assert _version_fits(planned, seen, instance) is fits
