"""Functions of a design, deployed into the sandbox from its spec: passwords rotate, validation looks, exports start.

Two users take turns here, because that needs everything: the master's secret, the application's, and a user that the
first rotation makes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, sandbox
from mainstay.api._site import Where, open_site
from mainstay.core.clock import parse_time, render_time
from mainstay.ops.aws.secrets import Login
from mainstay.ops.deployment import Deployed
from mainstay.ops.login import Address, connected

SPEC = """\
name: shop
environment: dev
profile: dev
region: eu-central-1
database: {{version: "17", class: db.t4g.medium, name: shop, multi_az: false}}
storage: {{size: 20 GiB}}
network: {{nat: none}}
credentials: {{rotation: {{every: 30d, users: alternating, application_user: app}}}}
validation: {{events: [failure], expect: {{version: "17", tables: {tables}}}}}
protection:
  deletion_protection: false
  on_delete: destroy
  export: {{every: 1d}}
drill: {{heartbeat: 1h}}
alerts: {{subscribers: [ops@example.com]}}
"""
PATIENCE_S = 60


class Shop:
    """A sandbox with one database and its functions; each deployment may expect other tables."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "database.yaml"
        self.where = Where(is_sandbox=True, workspace=directory / "work")
        self.site = open_site(self.where, "eu-central-1", begin=True)

    def client(self, service: str) -> Any:
        return sandbox.session(self.where.sandbox_directory, "eu-central-1").client(service)

    def deploy(self, tables: str = "{}") -> Deployed:
        self.path.write_text(SPEC.format(tables=tables), encoding="utf-8")
        return api.deploy(self.path, where=self.where, approve=lambda _: True).primary

    def rotated(self, secret: str) -> Login:
        """The login of a secret once its first rotation is over."""
        deadline = time.monotonic() + PATIENCE_S
        while "LastRotatedDate" not in self.client("secretsmanager").describe_secret(SecretId=secret):
            assert time.monotonic() < deadline, "never rotated"
            time.sleep(0.1)
        return self.site.doors.secrets.read_login(secret)

    def snapshot(self, name: str) -> str:
        """The ARN of a snapshot that is taken now."""
        rds = self.client("rds")
        made = rds.create_db_snapshot(DBInstanceIdentifier="shop-dev", DBSnapshotIdentifier=name)["DBSnapshot"]
        rds.get_waiter("db_snapshot_available").wait(
            DBSnapshotIdentifier=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )
        return str(made["DBSnapshotArn"])

    def exported(self) -> dict[str, Any]:
        """The one export task there is, once it is over."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            (task,) = self.client("rds").describe_export_tasks()["ExportTasks"]
            if task["Status"] in ("COMPLETE", "FAILED"):
                return dict(task)
            assert time.monotonic() < deadline, task
            time.sleep(0.1)

    def call(self, name: str, event: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a function of the design answers."""
        answer = self.client("lambda").invoke(FunctionName=f"shop-dev-{name}", Payload=json.dumps(event or {}).encode())
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        return {**told, "FunctionError": answer.get("FunctionError")}

    def run(self, login: Login, statement: str) -> list[Any]:
        state = self.site.doors.rds.instance("shop-dev")
        address = Address(state.address or "", state.port or 0)
        with connected(login, address, self.site.ca_bundle, database="shop") as connection:
            cursor = connection.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    made = Shop(tmp_path_factory.mktemp("functions"))
    try:
        yield made
    finally:
        sandbox.down(made.where.sandbox_directory)


def test_a_design_s_functions_work_from_the_first_deployment_on(shop: Shop) -> None:
    outputs = shop.deploy().outputs
    application = shop.rotated(outputs["ApplicationSecret"])
    assert application.username == "app_clone"
    assert shop.run(application, "SELECT session_user") == [("app_clone",)]
    master = shop.rotated(outputs["DatabaseSecret"])
    assert master.username == "owner"
    assert shop.run(master, "SELECT count(*) FROM pg_roles WHERE rolname IN ('app', 'app_clone')") == [(2,)]

    told = shop.call("validation")
    assert (told["FunctionError"], told["has_passed"]) == (None, True)

    changed = shop.deploy("{orders: {min: 1}}")
    assert {change.logical_id for change in changed.changes} == {"ValidationFunction"}
    told = shop.call("validation")
    assert told["FunctionError"] == "Unhandled"
    assert "orders" in told["errorMessage"]
    shop.run(shop.rotated(outputs["DatabaseSecret"]), "CREATE TABLE orders AS SELECT 1 AS id")
    assert shop.call("validation")["has_passed"] is True


def test_a_heartbeat_proves_a_time_that_no_drill_marked(shop: Shop) -> None:
    """Called by hand, as its schedule would: nobody can wait an hour here."""
    beats = [parse_time(shop.call("heartbeat")["written_at"]) for _ in range(2)]
    target = beats[-1].replace(microsecond=0) + timedelta(seconds=1)
    time.sleep(1)
    beats.append(parse_time(shop.call("heartbeat")["written_at"]))
    assert beats[1] < target < beats[2]
    found = api.drill(shop.path, where=shop.where, to=render_time(target)).result
    assert (found.verdict.word, found.verdict.level) == ("PROVEN", "P3")
    assert found.evidence["points"][0]["time"] in map(render_time, beats[:2])


def test_the_first_snapshot_of_a_period_is_exported_and_the_next_is_not(shop: Shop) -> None:
    """RDS's event is written by hand: what RDS takes by itself, on its own day, nobody can wait for here."""
    outputs = shop.site.doors.cloudformation.stack("shop-dev").outputs
    arn = shop.snapshot("first")
    event = {"source": "aws.rds", "detail-type": "RDS DB Snapshot Event", "detail": {"SourceArn": arn}}
    told = shop.call("export", event)
    assert (told["FunctionError"], told["snapshot"]) == (None, arn)
    task = shop.exported()
    assert (task["ExportTaskIdentifier"], task["Status"]) == (told["started"], "COMPLETE"), task
    listed = shop.client("s3").list_objects_v2(Bucket=outputs["ExportBucket"], Prefix=f"{told['started']}/shop/")
    assert [one["Key"] for one in listed["Contents"] if "orders" in one["Key"]] != []
    again = shop.call("export", {**event, "detail": {"SourceArn": shop.snapshot("second")}})
    assert f"{told['started']} is COMPLETE already" in again["skipped"]
