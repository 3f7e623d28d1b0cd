"""`mainstay failover` within the region, as a person has it: a pair behind a proxy, broken, every write asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, cli
from mainstay.api._site import Where
from mainstay.cli.commands.failover import Fault
from mainstay.ops.takeover import FAULTS

SPEC = """
name: till
profile: dev
region: us-east-1
database: {engine: postgres, version: "17", class: db.t4g.medium, name: tap, multi_az: true}
storage: {size: 20 GiB}
credentials: {username: shop_owner}
network: {nat: none}
access: {proxy: {}}
alerts: {subscribers: [ops@example.com]}
drill: {evidence: {signed_by: kms, bucket: {keep: 1d}}}
"""
STACK = "till-dev"
Caught = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("till")
    (directory / "database.yaml").write_text(SPEC, encoding="utf-8")
    where = Where(is_sandbox=True, workspace=directory / ".mainstay")
    try:
        api.deploy(directory / "database.yaml", where=where, approve=lambda _: True)
        yield directory
    finally:
        api.sandbox_down(where=where)


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> Any:
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "300")

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = cli.run([*arguments])
        caught = capsys.readouterr()
        return code, caught.out + caught.err

    return call


def test_it_shows_what_it_would_do_and_does_nothing(run: Any) -> None:
    code, out = run("failover", "--sandbox", "--runs", "3")
    assert code == 2
    assert f"3 times: the instance is rebooted with failover, of {STACK} in us-east-1 (sandbox)" in out
    assert f"--confirm {STACK}" in out
    code, out = run("failover", "--sandbox", "--through", "bastion")
    assert (code, "no bastion in the sandbox" in out) == (2, True)


def test_every_way_is_measured_and_nothing_is_lost(run: Any, place: Path) -> None:
    code, out = run("failover", "--sandbox", "--by", "kill", "--confirm", STACK, "--seconds", "1", "--writers", "2")
    assert code == 0, out
    assert f"PROVEN: {STACK} (sandbox)" in out
    assert out.count(" acknowledged, 0 lost, ") == 2
    (document,) = [json.loads(path.read_text()) for path in (place / ".mainstay/evidence").glob("*/evidence.json")]
    direct, proxy = document["outage"]["rounds"][0]["routes"]
    assert (direct["name"], proxy["name"]) == ("direct", STACK)
    assert direct["address"] != proxy["address"]
    assert min(direct["acknowledged"], proxy["acknowledged"]) > 10
    assert document["rto"]["measured_s"] == max(direct["outage_s"], proxy["outage_s"])
    assert "What clients saw" in next((place / ".mainstay/evidence").glob("*/report.html")).read_text()

    assert document["signed_by"]["kind"] == "kms"
    assert [place["when"] for place in document["positions"]] == ["before the first fault", "after the last fault"]
    assert any("SELECT client, number FROM" in query["statement"] for query in document["queries"]["asked"])
    assert all(check["started_at"] >= document["started_at"] for check in document["checks"])
    assert document["source"]["engine_program"]["path"].endswith("postgres")
    assert f"kept     in bucket {STACK}-" in out
    assert f": {document['run']}\n" in out

    code, _ = run("evidence", "show", ".mainstay", "--page", "again.html")
    assert (code, "Takeover" in (place / "again.html").read_text()) == (0, True)
    code, out = run("status", "--sandbox", "--json")
    assert json.loads(out)["proof"]["is_proven"] is False, "that the standby takes over proves no backup"


def test_a_machine_reads_it_too(run: Any) -> None:
    code, out = run("failover", "--sandbox", "--confirm", STACK, "--seconds", "1", "--json", "--writers", "1")
    document = json.loads(out[out.index("{") : out.rindex("}") + 1])
    assert (code, document["verdict"]["word"], document["outage"]["fault"]) == (0, "PROVEN", "reboot")
    assert Path(document["report_file"]).exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "latest"), "takes no --to"),
        (("--target", "other"), "takes no --target"),
        (("--to-region", "us-west-2", "--by", "kill"), "takes no --by"),
        (("--to-region", "us-west-2", "--runs", "2", "--region", "us-east-1"), "takes no --runs and --region"),
    ],
)
def test_the_two_kinds_of_failover_are_not_mixed(run: Any, arguments: tuple[str, ...], words: str) -> None:
    code, out = run("failover", "--sandbox", *arguments)
    assert (code, words in out) == (2, True)


def test_the_faults_are_those_of_the_operation() -> None:
    assert [fault.value for fault in Fault] == list(FAULTS)
