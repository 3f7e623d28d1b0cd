"""Programs that are missing are told of before anything is begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay import api, sandbox
from mainstay.api._site import Where
from mainstay.core.errors import EnvironmentLacking
from mainstay.sandbox.rds.records import INSTANCE
from mainstay.sandbox.state import State

SPEC = """
name: shop
region: eu-central-1
project: shop
cost_center: "1000"
database: {engine: mysql, version: "8.4", class: db.t4g.small, name: shop}
storage: {size: 20 GiB}
credentials: {username: owner}
network: {cidr: 10.4.0.0/16}
protection: {backups: {keep: 1d}, deletion_protection: false, on_delete: destroy}
alerts: {subscribers: [ops@example.com]}
environments: {dev: {profile: dev}}
"""


@pytest.fixture(autouse=True)
def without_mysql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_MYSQL_BIN", str(tmp_path / "nothing"))
    monkeypatch.delenv("MAINSTAY_SANDBOX_MYSQL", raising=False)


def test_a_deployment_without_programs_begins_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "database.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    where = Where(is_sandbox=True, workspace=tmp_path / "work")
    with pytest.raises(EnvironmentLacking, match="no MySQL found") as lacking:
        api.deploy(spec, where=where, approve=lambda _: True)
    assert lacking.value.exit_code == 6
    assert "make mysql" in lacking.value.hint
    assert not where.sandbox_directory.exists()


def test_what_an_instance_runs_already_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    sandbox.require_engines(tmp_path, [("db2-ae", "11.5"), ("oracle-ee", "")])
    monkeypatch.setattr("mainstay.sandbox.preflight.ENGINES", {"mariadb": Finder(asked), "mysql": Finder(asked)})
    sandbox.require_engines(tmp_path, [("mysql", "8.4.11"), ("mysql", "8.4.11"), ("mariadb", "")])
    with State(tmp_path).transaction("eu-central-1") as tx:
        tx.put(INSTANCE, "old", {"DBInstanceIdentifier": "old", "Engine": "mysql", "_runs": "mariadb"})
    sandbox.require_engines(tmp_path, [("mysql", "8.4.11")])
    assert asked == ["8.4", "10.11", ""]


def test_a_version_that_is_left_to_rds_is_no_fault(tmp_path: Path) -> None:
    """As a replica's is, which has none of its own."""
    sandbox.require_engines(tmp_path, [("postgres", "17.10"), ("postgres", "")])


class Finder:
    """An engine that only notes for which series somebody looked."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    def find(self, series: str, identity: object) -> None:
        self.asked.append(series)
