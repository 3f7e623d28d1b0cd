"""A database made from a snapshot: what the plan says of it, and what it leaves to the snapshot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, Role
from mainstay.plan.values import Param, Ref, SecretField

Built = Callable[..., Plan]
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MADE_FROM = f"{{name: moving, key: '{KEY}'}}"


def primary(plan: Plan) -> DbInstance:
    return next(plan.of(DbInstance))


def test_what_the_snapshot_decides_is_left_to_it(built: Built) -> None:
    made, began = primary(built(database__snapshot=MADE_FROM)), primary(built())
    assert made.snapshot == Param("DatabaseSnapshot")
    assert (made.username, made.database_name, made.is_encrypted, made.key_id) == (None, None, None, None)
    assert began.snapshot is None
    assert (began.username, began.database_name, began.is_encrypted, began.key_id) == (
        "owner",
        "tap",
        True,
        Ref("DatabaseKey"),
    )
    # The password is the stack's own, so that nobody who knew the old one gets in.
    assert made.password == SecretField(Ref("DatabaseSecret"), "password")
    assert (made.storage, made.port, made.engine_version) == (began.storage, began.port, began.engine_version)


def test_the_stack_remembers_it_by_parameters(built: Built) -> None:
    parameters = {one.name: one.default for one in built(database__snapshot=MADE_FROM).primary.parameters}
    assert parameters == {"DatabaseSnapshot": "moving", "DatabaseSnapshotKey": KEY}
    assert built().primary.parameters == ()


def test_backups_use_the_key_that_encrypts_the_database(built: Built) -> None:
    plan = built(database__snapshot=MADE_FROM, protection__backup_plan="{daily: {keep: 7d}, restore_test: {day: mon}}")
    for name in ("BackupRole", "RestoreTestRole"):
        role = plan.primary[name]
        assert isinstance(role, Role)
        used = [
            resource
            for policy in role.policies
            for statement in policy.document.statements
            if statement.sid == "Keys"
            for resource in statement.resources
        ]
        assert Param("DatabaseSnapshotKey") in used
    outputs = {one.name: one.value for one in plan.primary.outputs}
    assert outputs["DatabaseKeyArn"] == Param("DatabaseSnapshotKey")


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
def test_a_database_made_from_a_snapshot_lands(complaints: Callable[..., list[str]], engine: str) -> None:
    settings = {
        "database__engine": engine,
        "database__replicas": "{count: 1}",
        "protection__backup_plan": "{daily: {keep: 7d}}",
    }
    assert complaints(**settings, database__snapshot=MADE_FROM) == []
