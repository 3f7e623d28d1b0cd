"""A database that was made from a snapshot: what is refused before, and what every later deployment keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, sandbox
from mainstay.api._history import as_deployed
from mainstay.api._site import Where, open_site
from mainstay.api._source import load
from mainstay.core.clock import SystemClock
from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.core.progress import Silent
from mainstay.diff import Effect
from mainstay.ops.aws.secrets import Login
from mainstay.ops.deployment import Deployed
from mainstay.ops.login import Address, connected
from mainstay.ops.site import Site
from mainstay.ops.wait import wait_for

SPEC = """\
name: {name}
environment: dev
profile: dev
region: eu-central-1
database: {{version: "17", class: db.t4g.medium, name: shop, multi_az: false{more}}}
storage: {{size: 20 GiB}}
network: {{nat: none}}
protection: {{deletion_protection: false, on_delete: destroy}}
alerts: {{subscribers: [ops@example.com]}}
"""
OTHER_KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


class Workshop:
    """A sandbox with a database, a snapshot of it, and specs of a database that is made from that snapshot."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.where = Where(is_sandbox=True, workspace=directory / "work")
        self.site: Site = open_site(self.where, "eu-central-1", begin=True)
        self.key = ""

    def spec(self, name: str, more: str = "") -> Path:
        path = self.directory / f"{name}.yaml"
        path.write_text(SPEC.format(name=name, more=more), encoding="utf-8")
        return path

    def made_from(self, snapshot: str, *, key: str = "", more: str = "") -> str:
        return f", snapshot: {{name: {snapshot}, key: {key or self.key}}}{more}"

    def deploy(self, name: str, more: str = "", **options: Any) -> Deployed:
        return api.deploy(self.spec(name, more), where=self.where, approve=lambda _: True, **options).primary

    def sql(self, identifier: str, deployed: Deployed, statement: str) -> list[tuple[Any, ...]]:
        login: Login = self.site.doors.secrets.read_login(deployed.outputs["DatabaseSecret"])
        state = self.site.doors.rds.instance(identifier)
        address = Address(state.address or "", state.port or 0)
        with connected(login, address, self.site.ca_bundle, database="shop") as connection:
            cursor = connection.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    made = Workshop(tmp_path_factory.mktemp("history"))
    try:
        first = made.deploy("old")
        made.sql("old-dev", first, "CREATE TABLE kept AS SELECT 42 AS answer")
        rds = made.site.doors.rds
        rds.take_snapshot("old-dev", "moving", {})
        wait_for(
            lambda: rds.snapshot("moving").status,
            lambda status: status == "available",
            message="taking the snapshot",
            deadline_s=30,
            pace_s=0.05,
            progress=Silent(),
            clock=SystemClock(),
        )
        made.key = rds.instance("old-dev").key_id or ""
        yield made
    finally:
        sandbox.down(made.where.sandbox_directory)


@pytest.fixture(scope="module")
def moved(workshop: Workshop) -> Deployed:
    return workshop.deploy("new", workshop.made_from("moving"))


def test_a_database_is_made_from_a_snapshot_with_a_password_of_its_own(workshop: Workshop, moved: Deployed) -> None:
    assert workshop.sql("new-dev", moved, "SELECT answer FROM kept") == [(42,)]
    state = workshop.site.doors.rds.instance("new-dev")
    assert (state.key_id, state.is_encrypted, state.pending) == (workshop.key, True, {})
    # Exported under the name of the key that backups need, which is the snapshot's.
    assert moved.outputs["DatabaseKeyArn"] == workshop.key
    assert api.verify(workshop.spec("new"), where=workshop.where).exit_code == 0


def test_leaving_the_snapshot_out_replaces_nothing(workshop: Workshop, moved: Deployed) -> None:
    before = workshop.site.doors.rds.instance("new-dev").resource_id
    again = workshop.deploy("new")
    assert (again.has_changed, again.changes) == (False, ())
    # Something else may change, and the database still is the one that it was.
    grown = workshop.deploy("new", ", parameters: {work_mem: 8MiB}")
    assert [change.logical_id for change in grown.changes] == ["DatabaseParameters"]
    assert workshop.site.doors.rds.instance("new-dev").resource_id == before
    assert workshop.sql("new-dev", moved, "SELECT answer FROM kept") == [(42,)]


def test_another_snapshot_is_refused_by_name(workshop: Workshop, moved: Deployed) -> None:
    with pytest.raises(InputRefused, match="this would replace the database") as refused:
        workshop.deploy("new", workshop.made_from("other"))
    assert "Database of stack new-dev was made from snapshot moving" in refused.value.detail
    assert "would be made from other" in refused.value.detail
    assert "name moving again" in refused.value.hint
    assert "--confirm-loss Database" in refused.value.hint
    assert workshop.sql("new-dev", moved, "SELECT answer FROM kept") == [(42,)]


def test_a_plan_says_beforehand_what_the_snapshot_does(workshop: Workshop, moved: Deployed) -> None:
    """Left out it is remembered, as a deployment does; another one replaces, and so does one where there was none."""

    def effects(name: str, more: str = "") -> dict[str, Effect]:
        found = api.compare(workshop.spec(name, more), against="deployed", where=workshop.where)
        return {one.key: one.effect for one in found.difference.changes if one.key == "Database"}

    assert effects("new") == {}
    assert effects("new", workshop.made_from("moving")) == {}
    assert effects("new", workshop.made_from("other")) == {"Database": Effect.REPLACEMENT}
    assert effects("old", workshop.made_from("moving")) == {"Database": Effect.REPLACEMENT}


def test_a_database_that_began_empty_takes_no_snapshot(workshop: Workshop) -> None:
    with pytest.raises(InputRefused, match="this would replace the database") as refused:
        workshop.deploy("old", workshop.made_from("moving"))
    assert "Database of stack old-dev began empty; the new one would be made from moving" in refused.value.detail
    assert "leave database.snapshot out" in refused.value.hint


def test_a_parameter_is_no_way_round(workshop: Workshop, moved: Deployed) -> None:
    with pytest.raises(InputRefused, match="this would replace the database"):
        workshop.deploy("new", parameters={"DatabaseSnapshot": "other"})


def test_a_confirmed_replacement_is_left_to_cloudformation(workshop: Workshop, moved: Deployed) -> None:
    seen = []

    def decline(review: Any) -> bool:
        seen.extend(review.losses)
        return False

    path = workshop.spec("new", workshop.made_from("other"))
    with pytest.raises(AnswerIsNo):
        api.deploy(path, where=workshop.where, approve=decline, confirmed=["Database"])
    assert [(loss.logical_id, loss.replacement) for loss in seen] == [("Database", "True")]


@pytest.mark.parametrize(
    ("more", "said", "way_out"),
    [
        ("snapshot: {{name: nowhere, key: {key}}}", "There is no snapshot nowhere in eu-central-1", "correct"),
        ("snapshot: {{name: moving, key: " + OTHER_KEY + "}}", "moving is encrypted with {key}, not", "{key}"),
        (
            'snapshot: {{name: moving, key: {key}}}, engine: mariadb, version: "11.8"',
            "one of postgres, not of mariadb",
            "engine",
        ),
        ('snapshot: {{name: moving, key: {key}}}, version: "16"', "newer than 16.", "database.version"),
        ('snapshot: {{name: moving, key: {key}}}, version: "18"', "a major before 18.", "then upgrade"),
    ],
)
def test_a_snapshot_that_does_not_fit_is_refused_before_anything_is_made(
    workshop: Workshop, more: str, said: str, way_out: str
) -> None:
    text = SPEC.format(name="unfit", more=", " + more.format(key=workshop.key))
    if "version:" in more:
        text = text.replace('version: "17", ', "")
    path = workshop.directory / "unfit.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused) as refused:
        api.deploy(path, where=workshop.where, approve=lambda _: True)
    assert said.format(key=workshop.key) in refused.value.detail
    assert way_out.format(key=workshop.key) in refused.value.hint
    assert workshop.site.doors.cloudformation.find_stack("unfit-dev") is None


def test_a_template_has_no_history_of_its_own(workshop: Workshop, tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text('{"Resources": {}}', encoding="utf-8")
    loaded = load(template)
    assert as_deployed(loaded, workshop.site, "new-dev") is loaded
