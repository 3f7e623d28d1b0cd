"""Failing over for real: to the newest second, with the first region there, silent or gone, and killed on the way."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from mainstay import sandbox
from mainstay.core.errors import EnvironmentLacking, InputRefused, NotFound, TargetRefused
from mainstay.core.units import Duration
from mainstay.engines.identity import engine_identity
from mainstay.engines.mariadb.programs import find_mariadb
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import terminate
from mainstay.ops import evidence, tags
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.aws.retry import ONCE
from mainstay.ops.drill import DrillRequest, drill
from mainstay.ops.drill.state import Elsewhere
from mainstay.ops.failover import STEPS, standing
from mainstay.ops.login import Address, connect
from mainstay.ops.parameter_groups import of_drills
from mainstay.ops.restoration import secret_name
from mainstay.ops.status import status
from mainstay.plan.intent import SqlCheck
from mainstay.sandbox import faults
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout

if TYPE_CHECKING:
    from tests.ops.failover.conftest import Pair

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "evidence.schema.json").read_text())
HOME, THERE, STACK = "us-east-1", "us-west-2", "shop-dev"
ROLE = "arn:aws:iam::123456789012:role/backup"


@pytest.fixture(scope="module")
def marked(pair: Pair) -> datetime:
    """A moment between two rows, both of which are replicated."""
    pair.tell("CREATE TABLE marks (name text)")
    pair.tell("INSERT INTO marks VALUES ('before')")
    time.sleep(0.05)
    moment = datetime.now(UTC)
    time.sleep(0.05)
    pair.tell("INSERT INTO marks VALUES ('after')")
    return moment


def names(pair: Pair, target: str = STACK) -> list[str]:
    with pair.open(pair.there, secret_name(target), target) as connection:
        return [str(row[0]) for row in connection.execute("SELECT name FROM marks ORDER BY name").fetchall()]


def test_the_newest_second_takes_over_and_stays(pair: Pair, marked: datetime) -> None:
    question = SqlCheck(name="marks", statement="SELECT 1 FROM marks", expected_rows=2)
    result = pair.fail_over(old=pair.home, checks=(question,), lacks=("its proxy", "its read replica"))
    assert names(pair) == ["after", "before"]
    assert (result.choice.kind, result.primary) == ("replicated backup", "its region says that it is available")
    assert (result.verdict.word, result.verdict.level, result.contradictions) == ("PROVEN", "P2", 0)
    jsonschema.validate(result.evidence, SCHEMA)
    assert (result.evidence["source"]["region"], result.evidence["target"]["region"]) == (HOME, THERE)
    assert result.evidence["way"]["name"] == result.choice.arn
    assert [step["outcome"] for step in result.evidence["steps"]] == ["done"] * (len(STEPS) - 1)
    checks = {check["name"]: check["outcome"] for check in result.evidence["checks"] if check["kind"] == "instance"}
    assert set(checks.values()) == {"passed"}, checks
    assert result.evidence["rpo"]["exposure_s"] == pytest.approx(result.exposure_s, abs=0.001)

    state = pair.there.doors.rds.instance(STACK)
    assert (state.retention, state.has_deletion_protection, state.instance_class) == (
        Duration.days(5), True, "db.t4g.large"
    )  # fmt: skip
    raw = pair.there.doors.rds._client.describe_db_instances(DBInstanceIdentifier=STACK)["DBInstances"][0]
    assert (raw["PreferredMaintenanceWindow"], raw["PreferredBackupWindow"]) == ("sun:05:30-sun:06:00", "03:00-03:30")
    assert (raw["CopyTagsToSnapshot"], raw["EnabledCloudwatchLogsExports"]) == (True, ["postgresql"])
    assert raw["KmsKeyId"].split(":")[3] == THERE
    assert {state.tags[name] for name in ("Team", tags.PURPOSE)} == {"shop", "failover"}
    told = "\n".join(result.remaining)
    for words in (f"{result.restored.address}:5432", "sg-", secret_name(STACK), "start-db-instance-automated-backups"):
        assert words in told
    assert result.remaining[2] == f"Do without, or make in {THERE}: its proxy, its read replica."
    login = pair.there.doors.secrets.read_login(secret_name(STACK))
    assert login.password not in json.dumps(result.as_json())
    assert pair.journal.unfinished("failover", f"{STACK} into {THERE}") == []
    replayed = evidence.replay(pair.directory)
    assert replayed.documents
    assert replayed.problems == []
    seen = status(pair.there, STACK, replicated=(STACK,))
    assert seen.restored == {STACK: "available, for a failover"}

    with pytest.raises(TargetRefused, match="the name is taken") as stop:
        pair.fail_over()
    assert "this failover did not make it" in stop.value.detail
    pair.forget()


@pytest.mark.parametrize("confirm", [None, "", "shop", f"{STACK} "])
def test_nothing_is_done_without_the_name(pair: Pair, marked: datetime, confirm: str | None) -> None:
    with pytest.raises(InputRefused, match="not confirmed") as stop:
        pair.fail_over(confirm=confirm, old=pair.home)
    assert f"restore {STACK} of {HOME} into {THERE} as {STACK}, from replicated backup arn:" in stop.value.detail
    assert "its region says that it is available; it is not touched" in stop.value.detail
    assert stop.value.hint.endswith(f"--confirm {STACK}")
    assert pair.there.doors.rds.instances() == ()
    assert pair.journal.unfinished("failover", f"{STACK} into {THERE}") == []


def test_a_moment_that_was_asked_for_is_the_one_that_is_restored(pair: Pair, marked: datetime) -> None:
    result = pair.fail_over(target="then", time=marked)
    assert names(pair, "then") == ["before"]
    assert (result.choice.holds, result.choice.time) == (marked, marked)
    pair.forget("then")


def test_killed_at_any_step_it_goes_on_to_the_same_point(pair: Pair, marked: datetime) -> None:
    code = (
        f"request = FailoverRequest(stack={STACK!r}, source={STACK!r}, source_region={HOME!r}, target='again',"
        " keeping=Keeping(retention=Duration.days(1), maintenance_window='sun:05:30-sun:06:00', is_protected=False));"
        f"failover(there, request, confirm={STACK!r}, workspace=directory, journal=journal, progress=Killer(at))"
    )
    # Up to the restore there is nothing, and from then on one instance.
    assert pair.killed_at_each(range(1, len(STEPS) + 1), code) == [[-9, 0]] * 4 + [[-9, 1]] * (len(STEPS) - 4)
    (run,) = pair.journal.unfinished("failover", f"{STACK} into {THERE}")
    for once in ("chosen", "password", "kept"):
        assert len([entry for entry in run.entries if once in entry]) == 1, once
    pair.tell("INSERT INTO marks VALUES ('later')")
    before = pair.there.doors.rds.instance("again")
    result = pair.fail_over(target="again")
    assert result.restored.resource_id == before.resource_id
    assert names(pair, "again") == ["after", "before"]
    asked = [
        entry for entry in pair.journal.run(result.restored.run_id).entries if "RestoreDB" in str(entry.get("call"))
    ]
    assert [entry["event"] for entry in asked] == ["about to", "done"]
    (call,) = [one for one in result.evidence["calls"] if one["operation"].startswith("RestoreDB")]
    assert (call["outcome"], call["request_id"]) == ("done", ""), "the journal knows it, and nobody its answer"
    pair.forget("again")


def test_what_cannot_be_looked_at_from_here_stands_all_the_same(pair: Pair, marked: datetime) -> None:
    blind = replace(pair, sites={**pair.sites, THERE: replace(pair.there, ca_bundle=None)})
    result = blind.fail_over(target="blind")
    assert (result.verdict.word, result.verdict.level) == ("INCONCLUSIVE", "P1")
    assert "no certificates to trust" in result.verdict.reasons[0]
    assert [step["outcome"] for step in result.evidence["steps"][-4:]] == ["failed", "skipped", "skipped", "skipped"]
    assert pair.there.doors.rds.instance("blind").is_available
    assert "blind" in result.remaining[0] or result.restored.address in result.remaining[0]
    pair.forget("blind")


def test_a_region_that_does_not_answer_is_not_waited_for(pair: Pair, marked: datetime) -> None:
    with State(pair.directory / "sandbox").transaction(HOME) as tx:
        faults.order(tx, "rds", "DescribeDBInstances", ["ServiceUnavailable"], http_status=503)
    silent = replace(pair.home, doors=Doors(sandbox.session(pair.directory / "sandbox", HOME), budget=ONCE))
    with pytest.raises(InputRefused, match="not confirmed") as stop:
        pair.fail_over(confirm=None, old=silent)
    assert "its region does not answer (the service failed)" in stop.value.detail


def test_a_drill_in_the_other_region_proves_the_second_way_and_leaves_nothing(pair: Pair, marked: datetime) -> None:
    outputs = standing.outputs_of(pair.there, STACK)
    secret = pair.home.doors.cloudformation.stack(STACK).outputs["DatabaseSecret"]
    request = DrillRequest(
        stack=STACK, source=STACK, secret=secret, catch_up_deadline=Duration(60),
        checks=(SqlCheck(name="marks", statement="SELECT 1 FROM marks LIMIT 1", expected_rows=1),),
    )  # fmt: skip
    code = (
        "from mainstay.plan.intent import SqlCheck;"
        "checks = (SqlCheck(name='marks', statement='SELECT 1 FROM marks LIMIT 1', expected_rows=1),);"
        f"request = DrillRequest(stack={STACK!r}, source={STACK!r}, secret={secret!r}, checks=checks,"
        " catch_up_deadline=Duration(60));"
        f"place = standing.placement(standing.outputs_of(there, {STACK!r}));"
        "drill(home, request, workspace=directory, journal=journal, progress=Killer(at),"
        " elsewhere=Elsewhere(site=there, placement=place))"
    )
    assert pair.killed_at_each([6], code) == [[-9, 1]]  # with which the next drill there goes on
    elsewhere = Elsewhere(site=pair.there, placement=standing.placement(outputs))
    result = drill(
        pair.home, request, workspace=pair.directory, journal=pair.journal, progress=pair.heard, elsewhere=elsewhere
    )
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P6", ())
    jsonschema.validate(result.evidence, SCHEMA)
    assert (result.evidence["source"]["region"], result.evidence["target"]["region"]) == (HOME, THERE)
    assert result.evidence["way"]["kind"] == "replicated backup"
    assert [gap["step"] for gap in result.evidence["resumed"]] == ["Wait until it is available"]
    assert [call["operation"] for call in result.evidence["calls"]].count("RestoreDBInstanceToPointInTime") == 1
    made = [call["region"] for call in result.evidence["calls"] if call["operation"] == "CreateDBParameterGroup"]
    assert made == [THERE]
    assert of_drills(pair.there) == of_drills(pair.home) == ()
    assert pair.there.doors.rds.instances() == ()
    assert [state.identifier for state in pair.home.doors.rds.instances()] == [STACK]


@pytest.mark.parametrize(
    ("members", "kind", "words"),
    [
        ({"stack": "nowhere"}, NotFound, "no stack nowhere in us-west-2"),
        ({"source": "nobody"}, NotFound, "no replicated backup and no recovery point of nobody"),
        ({"source_region": "eu-west-1"}, NotFound, "no replicated backup"),
        ({"time": datetime(2001, 1, 1, tzinfo=UTC)}, NotFound, "at or before 2001-01-01"),
    ],
)
def test_nothing_to_restore_or_nowhere_to_stand_is_said(
    pair: Pair, marked: datetime, members: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as stop:
        pair.fail_over(**members)
    assert words in stop.value.detail  # type: ignore[attr-defined]  # all of ours have one
    assert pair.there.doors.rds.instances() == ()


SNAPSHOTS = f"""
name: shop
environment: dev
profile: dev
region: {HOME}
database: {{engine: mariadb, version: "SERIES", class: db.t4g.medium, name: tap, multi_az: false}}
storage: {{size: 20 GiB}}
credentials: {{username: shop_owner}}
network: {{nat: none}}
protection: {{backup_plan: {{daily: {{keep: 30d}}}}}}
alerts: {{subscribers: [ops@example.com]}}
disaster_recovery: {{region: {THERE}, keep: null, copies: {{daily: 30d}}}}
"""


def test_with_the_first_region_gone_the_newest_recovery_point_is_what_there_is(pairs: Callable[[str], Pair]) -> None:
    try:
        series = find_mariadb(identity=engine_identity()).series
    except EnvironmentLacking as error:
        pytest.skip(f"{error.detail} {error.hint}")
    pair = pairs(SNAPSHOTS.replace("SERIES", series))
    secret = pair.home.doors.cloudformation.stack(STACK).outputs["DatabaseSecret"]
    login = pair.home.doors.secrets.read_login(secret)
    state = pair.home.doors.rds.instance(STACK)
    address = Address(state.address or "", state.port or 0)

    def tell(*statements: str) -> None:
        with connect(login, address, pair.home.ca_bundle, database="tap", engine="mariadb") as connection:
            for statement in statements:
                connection.execute(statement)

    tell("CREATE TABLE marks (name varchar(20) PRIMARY KEY)", "INSERT INTO marks VALUES ('saved')")
    _copy_into(pair, state.arn)
    tell("INSERT INTO marks VALUES ('lost')")
    _lose(pair, state.resource_id)

    result = pair.fail_over(old=pair.home, keeping=Keeping(retention=Duration.days(2)), instance_class=None)
    assert result.choice.kind == "recovery point"
    assert result.primary == "its region says that it is gone"
    assert (result.verdict.word, result.contradictions) == ("PROVEN", 0)
    assert "there is nothing else" in result.choice.reason
    new = pair.there.doors.secrets.read_login(secret_name(STACK))
    reached = Address(result.restored.address, result.restored.port)
    with connect(new, reached, pair.there.ca_bundle, database="tap", engine="mariadb") as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM marks").fetchall()] == ["saved"]


def _copy_into(pair: Pair, source: str) -> None:
    """What the plan's daily rule does: a recovery point at home, and its copy in the other region's vault."""
    backup, there = pair.home.doors.backup._client, pair.there.doors.backup
    vault = pair.home.doors.cloudformation.stack(STACK).outputs["BackupVaultArn"].rsplit(":", 1)[-1]
    target = standing.outputs_of(pair.there, STACK)["BackupVaultArn"]
    deadline = time.monotonic() + 60

    def wait(question: Callable[[], bool]) -> None:
        while not question():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    made = backup.start_backup_job(BackupVaultName=vault, ResourceArn=source, IamRoleArn=ROLE)
    point = made["RecoveryPointArn"]
    wait(lambda: backup.describe_backup_job(BackupJobId=made["BackupJobId"])["State"] == "COMPLETED")
    backup.start_copy_job(
        RecoveryPointArn=point, SourceBackupVaultName=vault, DestinationBackupVaultArn=target, IamRoleArn=ROLE
    )
    wait(lambda: any(one.is_complete for one in there.points(target.rsplit(":", 1)[-1])))
    wait(lambda: pair.home.doors.rds.instance(STACK).is_available)


def _lose(pair: Pair, resource: str) -> None:
    """Everything of the first region goes at once: processes, files and records, without a word to anybody."""
    box = pair.directory / "sandbox"
    layout = Layout.load(box)
    connection = State(box)._connect()
    connection.execute("DELETE FROM records WHERE region = ?", (HOME,))
    for process in find_by_directory(layout.instance(resource), engine_identity()):
        terminate(process, "kill")
    shutil.rmtree(layout.instance(resource), ignore_errors=True)
