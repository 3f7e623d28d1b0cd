"""Two regions as a person has them: deployed, rehearsed, failed over, and taken down again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstay import api, cli
from mainstay.api._site import Where
from mainstay.core.progress import Silent
from mainstay.ops.aws.doors import Doors
from mainstay.sandbox import session

HOME, THERE, STACK = "us-east-1", "us-west-2", "shop-dev"
SPEC = f"""
name: shop
region: {HOME}
database: {{engine: postgres, version: "17", class: db.t4g.medium, name: tap, multi_az: false, replicas: {{count: 1}}}}
storage: {{size: 20 GiB}}
credentials: {{username: shop_owner}}
network: {{nat: none}}
protection:
  backups: {{keep: 7d, window: "00:00-02:00"}}
  maintenance: sun:04:00-sun:06:00
  deletion_protection: true
alerts: {{subscribers: [ops@example.com]}}
disaster_recovery: {{region: {THERE}, keep: 3d}}
drill: {{evidence: {{signed_by: kms, bucket: {{keep: 1d}}}}}}
"""
Caught = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with a spec, deployed into both regions of its sandbox."""
    directory = tmp_path_factory.mktemp("regions")
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
        sandboxed = () if arguments[0] == "evidence" else ("--sandbox",)
        code = cli.run([*arguments, *sandboxed])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def there(place: Path) -> Doors:
    return Doors(session(place / ".mainstay" / "sandbox", THERE))


def test_a_plan_is_compared_with_both_stacks(run: Any, place: Path, there: Doors) -> None:
    code, out = run("plan", "--against", "deployed")
    assert (code, out.count("no change"), "nothing to do" in out) == (0, 2, True)
    changed = SPEC.replace("db.t4g.medium", "db.t4g.large").replace("keep: 3d", "keep: 2d")
    (place / "changed.yaml").write_text(changed, encoding="utf-8")
    code, out = run("plan", "changed.yaml", "--against", STACK, "--json")
    document = json.loads(out)
    assert (code, [one["region"] for one in document["regions"]]) == (0, [HOME, THERE])
    assert set(document["regions"][0]["interrupts"]) == {"Database", "DatabaseReplica1"}
    assert document["regions"][1]["changes"] == []


class Killed(BaseException):
    """The process is gone."""


class Dying(Silent):
    """Kills when the point is verified, and before the data are."""

    def step(self, number: int, total: int, name: str) -> None:
        if name == "Verify the data":
            raise Killed


def test_a_rehearsal_that_was_killed_is_named_in_both_regions_goes_on_and_leaves_nothing(
    run: Any, place: Path, there: Doors
) -> None:
    where = Where(is_sandbox=True, workspace=place / ".mainstay")
    with pytest.raises(Killed):
        api.drill(place / "database.yaml", where=where, from_region=THERE, progress=Dying())
    for open_runs in open_in_both(run):
        (told,) = open_runs.values()
        assert told.startswith(f"drill in {THERE}: Verify the point, last heard of at 20")
        assert told.endswith(f"mainstay drill --from-region {THERE} goes on with it")
    code, out = run("drill", "--from-region", THERE, "--json")
    document = json.loads(out)
    assert [one["step"] for one in document["evidence"]["resumed"]] == ["Verify the point"]
    assert open_in_both(run) == [{}, {}]
    assert (code, document["verdict"]["word"], document["evidence"]["target"]["region"]) == (0, "PROVEN", THERE)
    assert there.rds.instances() == ()


def open_in_both(run: Any) -> list[dict[str, str]]:
    _, out = run("status", "--json")
    first = json.loads(out)
    return [one["unfinished"] for one in (first, *first["other_regions"])]


def test_what_is_left_of_drills_is_reaped_in_both_regions(run: Any) -> None:
    code, out = run("drill", "--reap", "--json")
    assert (code, json.loads(out)) == (0, {"site": "sandbox", "deleted": [], "left": []})
    assert run("drill", "--reap") == (0, "no drill left anything behind\n")
    code, out = run("drill", "--reap", "--snapshot", "x", "--json")
    assert (code, json.loads(out)["error"]["summary"]) == (2, "two things at once")


def test_a_way_to_the_databases_is_refused_where_none_is_needed(run: Any) -> None:
    code, out = run("drill", "--reap", "--through", "direct", "--json")
    assert (code, "--through" in json.loads(out)["error"]["detail"]) == (2, True)
    code, out = run("drill", "--through", "bastion", "--json")
    assert (code, json.loads(out)["error"]["summary"]) == (2, "no bastion in the sandbox")


def test_a_recovery_point_needs_a_vault(run: Any) -> None:
    code, out = run("drill", "--from-region", THERE, "--recovery-point", "latest", "--json")
    error = json.loads(out)["error"]
    assert (code, error["summary"]) == (2, "no vault")
    assert THERE in error["detail"]


@pytest.mark.parametrize(("region", "words"), [(HOME, "is the primary itself"), ("eu-west-1", "is not in the spec")])
def test_only_the_second_region_of_the_spec_is_taken(run: Any, region: str, words: str) -> None:
    for command in (("failover", "--to-region", region), ("drill", "--from-region", region)):
        code, out = run(*command, "--json")
        error = json.loads(out)["error"]
        assert (code, error["hint"]) == (2, f"name {THERE}")
        assert words in error["detail"]


def test_nothing_happens_without_the_name_and_what_would_is_shown(run: Any, there: Doors) -> None:
    assert run("failover", "--to-region", THERE, "--through", "bastion")[0] == 2
    code, out = run("failover", "--to-region", THERE, "--json")
    error = json.loads(out)["error"]
    assert (code, error["summary"]) == (2, "not confirmed")
    assert error["hint"].endswith(f"--confirm {STACK}")
    code, out = run("failover", "--to-region", THERE, "--confirm", STACK, "--target", "-", "--json")
    assert (code, json.loads(out)["error"]["summary"]) == (2, "no name for an instance")
    assert there.rds.instances() == ()


def test_failed_over_as_planned_and_kept_from_being_taken_down_by_mistake(run: Any, there: Doors) -> None:
    code, out = run("failover", "--to-region", THERE, "--confirm", STACK)
    assert code == 0
    for words in (f"{STACK} (sandbox) takes over in {THERE}", "login in  arn:", "left to do:", "its read replica"):
        assert words in out
    state = there.rds.instance(STACK)
    assert (state.instance_class, str(state.retention), state.has_deletion_protection) == ("db.t4g.medium", "7d", True)
    assert "report   " in out
    code, shown = run("evidence", "show", ".mainstay", "--json")
    document = json.loads(shown)
    assert (document["kind"], document["signed_by"]["kind"]) == ("failover", "kms")
    assert out.rstrip().endswith(f": {document['run']}"), "it is kept in the bucket of the first region"
    code, out = run("failover", "--to-region", THERE, "--confirm", STACK, "--json")
    assert (code, json.loads(out)["error"]["summary"]) == (4, "the name is taken")

    code, out = run("destroy", "--confirm", STACK, "--json")
    assert (code, json.loads(out)["error"]["summary"]) == (2, "others stand on it")
    code, out = run("destroy", "--confirm", STACK, "--discard", STACK, "--json")
    error = json.loads(out)["error"]
    assert (code, error["summary"]) == (2, "a restored instance is protected")
    assert f"--region {THERE} --db-instance-identifier {STACK}" in error["hint"]
    assert there.cloudformation.stack(STACK).is_whole


def test_once_it_is_given_up_both_regions_go(run: Any, there: Doors) -> None:
    there.rds.set_deletion_protection(STACK, is_on=False)
    code, out = run("destroy", "--confirm", STACK, "--discard", STACK, "--json")
    assert code == 0
    assert there.rds.instances() == ()
    assert there.cloudformation.find_stack(STACK) is None
    assert "replicated backup" in out
