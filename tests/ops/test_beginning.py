"""What keeps a snapshot from becoming the database, and what a stack remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.core.units import Bytes
from mainstay.ops.aws.rds_states import SnapshotState
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.beginning import Beginning, _faults, look, planned, remembered
from mainstay.ops.site import Site
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Unknown
from mainstay.spec import load

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd"
SPEC = """\
name: shop
profile: dev
region: eu-central-1
database: {version: "17", class: db.m7g.large, name: tap}
storage: {size: 100 GiB}
alerts: {subscribers: [ops@example.com]}
"""
FITTING = SnapshotState(
    identifier="moving",
    arn="arn:aws:rds:eu-central-1:123456789012:snapshot:moving",
    instance_id="old",
    source_resource_id="db-1",
    status="available",
    kind="manual",
    storage=Bytes.gib(100),
    is_encrypted=True,
    key_id=KEY,
    engine="postgres",
    engine_version="17.5",
    username="owner",
)
BEGINNING = Beginning("moving", KEY)


@pytest.fixture(scope="module")
def plan() -> Plan:
    user = load(SPEC).credentials.username
    assert user == FITTING.username
    return build(load(SPEC, overrides={"database.snapshot": f"{{name: moving, key: '{KEY}'}}"}))


def primary(region: RegionPlan) -> DbInstance:
    found = region["Database"]
    assert isinstance(found, DbInstance)
    return found


def faults(region: RegionPlan, found: SnapshotState) -> list[tuple[str, str]]:
    return list(_faults(region, primary(region), BEGINNING, found))


def test_a_snapshot_that_fits_has_no_fault(plan: Plan) -> None:
    assert faults(plan.primary, FITTING) == []
    # A key by its id alone is the same key.
    assert faults(plan.primary, replace(FITTING, key_id="1234abcd")) == []


@pytest.mark.parametrize(
    ("found", "said", "way_out"),
    [
        (replace(FITTING, status="creating"), "is creating", "wait until it is available"),
        (replace(FITTING, is_encrypted=False, key_id=None), "is not encrypted", f"--kms-key-id {KEY}"),
        (replace(FITTING, storage=Bytes.gib(101)), "has 101 GiB", "storage.size: 101 GiB"),
        (replace(FITTING, username="root"), "has the master user root, not owner", "credentials.username: root"),
        (replace(FITTING, engine="mariadb"), "is one of mariadb", "database.engine: mariadb"),
        (replace(FITTING, engine_version="99.1"), "newer than", 'database.version: "99.1"'),
        (replace(FITTING, engine_version="16.4"), "a major before", 'version "16", then upgrade'),
        (replace(FITTING, key_id=None), "is encrypted with None", "database.snapshot.key"),
    ],
)
def test_a_snapshot_that_does_not_fit_says_why(plan: Plan, found: SnapshotState, said: str, way_out: str) -> None:
    ((detail, hint),) = faults(plan.primary, found)
    assert said in detail
    assert way_out in hint


def test_what_cannot_be_seen_is_no_fault(plan: Plan) -> None:
    unseen = replace(
        primary(plan.primary), engine_version=Unknown("a parameter"), storage=Unknown("a parameter"), password=None
    )
    assert list(_faults(plan.primary, unseen, BEGINNING, replace(FITTING, username="root"))) == []


def test_a_stack_remembers_what_its_parameters_say() -> None:
    parameters = {"DatabaseSnapshot": "moving", "DatabaseSnapshotKey": KEY}
    stack = StackState(name="shop", stack_id="", status="UPDATE_COMPLETE", parameters=parameters)
    assert remembered(stack) == BEGINNING
    assert remembered(None) is None
    assert remembered(replace(stack, parameters={})) is None
    # A creation that failed left no database.
    assert remembered(replace(stack, status="ROLLBACK_COMPLETE")) is None


def test_a_given_parameter_is_what_the_template_would_use(plan: Plan) -> None:
    assert planned(plan.primary, {}) == BEGINNING
    assert planned(plan.primary, {"DatabaseSnapshot": "other"}) == Beginning("other", KEY)
    assert planned(build(load(SPEC)).primary, {}) is None


def test_a_plan_without_a_database_has_no_beginning(plan: Plan) -> None:
    site = Site.__new__(Site)  # it is asked nothing
    empty = replace(plan.primary, resources=())
    look(site, empty, None, {}, ())
