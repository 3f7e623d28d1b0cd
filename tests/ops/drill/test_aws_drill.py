"""Whole drills as AWS sees them: its API by contract, its databases real, and its waits in a moment."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

import jsonschema
import pytest
from tests.ops.contract import Refusal
from tests.ops.drill.conftest import PASSWORD, Shop
from tests.ops.drill.test_run import SCHEMA
from tests.ops.function_contract import CODE, NAME, SUBNETS, VPC, RecordedFunction, function_of
from tests.ops.rds_contract import SETS, HurriedClock, RecordedRds
from tests.ops.test_tunnel import BASTION, ended, granted, install_plugin, plugins, silent

from mainstay.core.clock import parse_time
from mainstay.core.errors import CredentialsEnded, Interrupted, TargetRefused
from mainstay.core.progress import Silent
from mainstay.ops.aws.doors import Doors
from mainstay.ops.drill import DrillRequest, DrillResult, drill, reap
from mainstay.ops.drill.copy_login import forget
from mainstay.ops.journal import Journal
from mainstay.ops.login import Address, connect
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site

LATEST = DrillRequest(stack="shop", source="shop-db", secret="shop-login")


@pytest.fixture
def aws(shop: Shop) -> Iterator[RecordedRds]:
    yield RecordedRds(shop)
    assert shop.instances() == ["shop-db"]
    assert shop.groups() == []


class Account:
    """An account behind the contract: a site whose databases are trusted by the sandbox's authority."""

    def __init__(self, aws: RecordedRds, workspace: Path) -> None:
        self.aws, self.workspace, self.clock = aws, workspace, HurriedClock()
        self.journal = Journal(workspace / "journal")
        doors = Doors(aws.contract.session(), clock=self.clock)
        self.site = Site(doors=doors, label="aws", region="eu-central-1", ca_bundle=aws.shop.site.ca_bundle)

    def drill(self, progress: Silent | None = None, routes: Routes | None = None) -> DrillResult:
        return drill(
            self.site, LATEST, workspace=self.workspace, journal=self.journal, progress=progress or Silent(),
            clock=self.clock, routes=routes,
        )  # fmt: skip


@pytest.fixture
def account(aws: RecordedRds, tmp_path: Path) -> Account:
    return Account(aws, tmp_path)


def test_a_drill_asks_aws_for_exactly_this_and_proves_the_restore(account: Account, aws: RecordedRds) -> None:
    result = account.drill()
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P4", ())
    jsonschema.validate(result.evidence, SCHEMA)
    assert result.evidence["label"] == "aws"
    asked, target = aws.contract, result.evidence["target"]
    (restored,) = asked.of("rds:RestoreDBInstanceToPointInTime")
    tags = {tag["Key"]: tag["Value"] for tag in restored["Tags"]}
    assert {**restored, "Tags": None} == {
        "SourceDBInstanceIdentifier": "shop-db",
        "TargetDBInstanceIdentifier": target["identifier"],
        "RestoreTime": parse_time(target["time"]),
        "DBSubnetGroupName": "shop-subnets",
        "VpcSecurityGroupIds": ["sg-0a1b2c3d4e5f60718"],
        "DBParameterGroupName": target["identifier"],
        "DBInstanceClass": "db.t4g.micro",
        "Port": restored["Port"],
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "BackupRetentionPeriod": 0,
        "DeletionProtection": False,
        "CopyTagsToSnapshot": False,
        "Tags": None,
    }
    assert tags["mainstay:run-id"] == result.run_id
    lasts = parse_time(tags["mainstay:expires-at"]) - parse_time(result.evidence["started_at"])
    assert timedelta(hours=6) <= lasts < timedelta(hours=7)
    (changed,) = asked.of("rds:ModifyDBInstance")
    password = changed["MasterUserPassword"]
    assert changed == {
        "DBInstanceIdentifier": target["identifier"], "ApplyImmediately": True, "MasterUserPassword": password,
    }  # fmt: skip
    assert len(password) >= 24
    assert password != PASSWORD
    assert asked.of("rds:DeleteDBInstance") == [
        {"DBInstanceIdentifier": target["identifier"], "SkipFinalSnapshot": True, "DeleteAutomatedBackups": True}
    ]
    told = [call["operation"] for call in result.evidence["calls"]]
    assert told == [
        "CreateDBParameterGroup", *["ModifyDBParameterGroup"] * 3, "RestoreDBInstanceToPointInTime",
        "ModifyDBInstance", "DeleteDBInstance", *["DeleteDBParameterGroup"] * 2,
    ]  # fmt: skip
    for place in (result.evidence_path, *account.journal.directory.glob("*.jsonl")):
        assert password not in place.read_text()
    _assert_order(account, aws)
    documented = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text()
    assert [name for name in {*asked.operations()} if f"`{name}`" not in documented] == []


def _assert_order(account: Account, aws: RecordedRds) -> None:
    """What comes after what; everything late was waited for, and RDS was not asked sooner than 30 s later."""
    changes = (
        "rds:Create", "rds:Restore", "rds:Modify", "rds:Delete", "secretsmanager", "rds:DescribeDBSnapshots", "sts",
    )  # fmt: skip
    kept = [name for name in aws.contract.operations() if name.startswith(changes)]
    assert kept == [
        "secretsmanager:GetSecretValue",
        "rds:CreateDBParameterGroup",
        "rds:ModifyDBParameterGroup",
        "rds:RestoreDBInstanceToPointInTime",
        "rds:ModifyDBInstance",
        "rds:DeleteDBInstance",
        "rds:DeleteDBParameterGroup",
        "rds:DescribeDBSnapshots",
        "sts:GetCallerIdentity",
    ]
    (copy,) = aws.copies.values()
    assert (copy.looks, copy.is_pending) == ([], 0)
    asks_aws = [pause for pause in account.clock.sleeps if pause > 5]
    assert asks_aws
    assert set(asks_aws) == {30.0}


def test_through_the_bastion_a_drill_sees_the_same_and_says_from_where(
    account: Account, aws: RecordedRds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_plugin(tmp_path, monkeypatch)
    aws.contract.answers |= {"ssm:StartSession": granted, "ssm:TerminateSession": ended}
    routes = Routes(account.site, bastion=BASTION, through="bastion")
    result = account.drill(routes=routes)
    assert (result.verdict.word, result.verdict.level) == ("PROVEN", "P4")
    assert result.evidence["made_by"]["observed_from"].endswith(f"through bastion {BASTION} in eu-central-1")
    source, restored = aws.contract.of("ssm:StartSession")
    assert source["Parameters"]["host"] != restored["Parameters"]["host"]
    assert len(aws.contract.of("ssm:TerminateSession")) == 2
    assert plugins() == []
    assert "token-of-the-session" not in result.evidence_path.read_text()


@pytest.fixture
def function(account: Account, aws: RecordedRds, monkeypatch: pytest.MonkeyPatch) -> RecordedFunction:
    recorded = RecordedFunction(aws.contract)
    source, ca_bundle = aws.shop.site.doors.rds.instance("shop-db"), account.site.ca_bundle
    assert source.address is not None
    assert source.port is not None
    assert ca_bundle is not None
    recorded.run_here(monkeypatch, source.address, source.port, ca_bundle)
    return recorded


def test_where_no_direct_way_leads_the_function_asks_everything_and_is_told_no_password(
    account: Account, aws: RecordedRds, function: RecordedFunction
) -> None:
    routes = Routes(account.site, bastion=BASTION, function=partial(function_of, account.site), look=silent)
    result = account.drill(routes=routes)
    assert (result.verdict.word, result.verdict.level, result.verdict.reasons) == ("PROVEN", "P4", ())
    jsonschema.validate(result.evidence, SCHEMA)
    seen_from = result.evidence["made_by"]["observed_from"]
    assert f"through function {NAME} in eu-central-1 ({VPC}, {' '.join(SUBNETS)}; package {CODE}; some " in seen_from
    assert "measured), 3m20s at most" in seen_from
    (made,) = aws.contract.of("secretsmanager:CreateSecret")
    identifier = result.evidence["target"]["identifier"]
    assert made["Name"] == f"mainstay/{NAME}/{identifier}"
    tags = {tag["Key"]: tag["Value"] for tag in made["Tags"]}
    assert (tags["mainstay:run-id"], tags["mainstay:purpose"]) == (result.run_id, "drill")
    assert parse_time(tags["mainstay:expires-at"]) > parse_time(result.evidence["started_at"])
    password = json.loads(made["SecretString"])["password"]
    events = [json.loads(members["Payload"])["probe"] for members in aws.contract.of("lambda:Invoke")]
    assert not any(password in json.dumps(event) or PASSWORD in json.dumps(event) for event in events)
    assert {event["secret"] for event in events} == {None, made["Name"]}
    assert {event["question"] for event in events if event["secret"]} >= {"greet", "find_markers", "read", "silence"}
    transcript = json.dumps(result.evidence["queries"])
    assert '"copy"' in transcript
    assert '"source"' in transcript
    gone = [identifier, f"parameter group {identifier}", f"secret {made['Name']}"]
    assert result.evidence["cleanup"] == {"deleted": gone, "left": []}
    assert function.secrets == {}
    for place in (result.evidence_path, *account.journal.directory.glob("*.jsonl")):
        assert password not in place.read_text()


def test_a_killed_drill_leaves_a_secret_that_the_reaper_deletes_and_no_other(
    account: Account, aws: RecordedRds, function: RecordedFunction
) -> None:
    routes = Routes(account.site, function=partial(function_of, account.site), look=silent)
    aws.contract.then("rds:DeleteDBInstance", [Refusal("ExpiredToken", "The security token has expired", 403)])
    with pytest.raises(CredentialsEnded):
        account.drill(routes=routes)
    (left,) = function.secrets
    (run,) = account.journal.unfinished("drill", "shop-db")
    own = function.secrets[left]
    function.secrets[left] = {**own, "Tags": [{"Key": "mainstay:run-id", "Value": "another"}]}
    assert forget(account.site, run) == ()
    function.secrets = {left: own, "of-another-machine": {**own, "Name": "of-another-machine"}}
    (name,) = aws.copies
    done = reap(
        (account.site,), "shop-db", stack="shop", journal=account.journal, progress=Silent(), clock=account.clock
    )
    assert done.deleted == (name, f"parameter group {name}", f"secret {left}")
    assert [(leak.identifier, leak.run, leak.is_expired) for leak in done.left] == [
        ("secret of-another-machine", run.id, False)
    ]
    assert list(function.secrets) == ["of-another-machine"]
    assert account.journal.run(run.id).fact("outcome") == "reaped"


def test_a_function_that_fails_on_the_way_proves_nothing_and_leaves_nothing(
    account: Account, aws: RecordedRds, function: RecordedFunction
) -> None:
    late = json.dumps({"errorMessage": "Task timed out after 300.00 seconds", "errorType": "Sandbox.Timedout"})

    def fail(members: Any) -> Any:
        if json.loads(members["Payload"])["probe"]["question"] == "find_markers":
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": late.encode()}
        return function.invoke(members)

    aws.contract.answers["lambda:Invoke"] = fail
    result = account.drill(routes=Routes(account.site, function=partial(function_of, account.site), through="function"))
    assert result.verdict.word == "INCONCLUSIVE"
    assert "the function ran out of time" in result.verdict.reasons[0]
    assert result.evidence["cleanup"]["left"] == []
    assert function.secrets == {}


def test_a_source_that_no_way_leads_to_is_told_before_anything_is_created(account: Account, aws: RecordedRds) -> None:
    routes = Routes(account.site, look=lambda _: "timed out")
    with pytest.raises(TargetRefused, match="no way to the database"):
        account.drill(routes=routes)
    assert aws.copies == {}
    assert all(run.is_finished for run in account.journal.runs())


def test_the_name_that_is_verified_is_the_databases_own(shop: Shop) -> None:
    source = shop.site.doors.rds.instance("shop-db")
    assert source.address is not None
    assert source.port is not None
    login, here = shop.site.doors.secrets.read_login("shop-login"), Address(source.address, source.port)
    with connect(login, Address(source.address, 1), shop.site.ca_bundle, dialled=here) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(TargetRefused, match="did not let us in") as stop:
        connect(login, Address("other.example", 1), shop.site.ca_bundle, dialled=here)
    assert "other.example" in stop.value.detail
    assert "certificate" in stop.value.detail


class Pressing(Silent):
    """Presses Ctrl-C once for each of these words, when it is next said what is waited for."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)

    def tick(self, text: str) -> None:
        if self.words and self.words[0] in text:
            self.words.pop(0)
            os.kill(os.getpid(), signal.SIGINT)


STILL_CREATING = Refusal("InvalidDBInstanceState", "Instance is not currently available - its state is creating.")


def test_ctrl_c_deletes_what_has_no_tags_yet_once_it_has_them(account: Account, aws: RecordedRds) -> None:
    aws.looks = ("creating", "creating", "creating", "backing-up")
    aws.contract.then("rds:DeleteDBInstance", [STILL_CREATING])
    result = account.drill(Pressing("is creating"))
    assert (result.verdict.word, result.verdict.reasons[0]) == ("INCONCLUSIVE", "The operator stopped the drill.")
    name = result.evidence["target"]["identifier"]
    assert result.evidence["cleanup"] == {"deleted": [name, f"parameter group {name}"], "left": []}
    assert len(aws.contract.of("rds:DeleteDBInstance")) == 2
    (run,) = account.journal.runs()
    assert run.is_finished


def test_a_second_ctrl_c_ends_the_tunnel_and_leaves_the_copy_to_the_reaper_who_proves_it_ours(
    account: Account, aws: RecordedRds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_plugin(tmp_path, monkeypatch)
    aws.contract.answers |= {"ssm:StartSession": granted, "ssm:TerminateSession": ended}
    aws.looks = ("creating", "creating", "backing-up")
    aws.contract.then("rds:DeleteDBInstance", [STILL_CREATING])
    with pytest.raises(Interrupted) as stop:
        account.drill(
            Pressing("is creating", "cannot be deleted yet"),
            Routes(account.site, bastion=BASTION, through="bastion"),
        )
    assert len(aws.contract.of("ssm:TerminateSession")) == 1
    assert plugins() == []
    assert "it goes on where it can" in stop.value.hint
    (name,) = aws.copies
    assert aws.is_there(name)
    (run,) = account.journal.unfinished("drill", "shop-db")
    done = reap(
        (account.site,), "shop-db", stack="shop", journal=account.journal, progress=Silent(), clock=account.clock
    )
    assert (done.deleted, done.left, done.exit_code) == ((name, f"parameter group {name}"), (), 0)
    assert not aws.is_there(name)
    assert account.journal.run(run.id).fact("outcome") == "reaped"


def test_a_login_that_ends_on_the_way_is_said_so_and_the_next_run_goes_on(account: Account, aws: RecordedRds) -> None:
    aws.looks = ("creating", Refusal("ExpiredToken", "The security token included in the request is expired", 403))
    with pytest.raises(CredentialsEnded, match="ended on the way") as stop:
        account.drill()
    (left,) = aws.copies
    (run,) = account.journal.unfinished("drill", "shop-db")
    assert stop.value.exit_code == 75
    assert f"{left} may be left; run {run.id} in the journal" in stop.value.detail
    assert "log in again and run the same command" in stop.value.hint
    assert aws.contract.of("rds:DeleteDBInstance") == []
    result = account.drill()
    result.require_proven()
    assert (result.run_id, [*aws.copies], aws.copies[left].is_deleted) == (run.id, [left], True)
    assert [gap["how"] for gap in result.evidence["resumed"]] == ["stopped"]


class Dead(BaseException):
    """The end of the process."""


class Dying(Silent):
    """Dies when it is next said that something is waited for that has this in it."""

    def __init__(self, word: str) -> None:
        self.word = word

    def tick(self, text: str) -> None:
        if self.word in text:
            raise Dead


def test_a_drill_that_dies_while_rds_restores_is_taken_up_before_its_copy_has_tags(
    account: Account, aws: RecordedRds
) -> None:
    aws.looks = (None, "creating", "creating", "creating", "backing-up", "available", "modifying")
    with pytest.raises(Dead):
        account.drill(Dying("is creating"))
    assert len(aws.contract.of("rds:DescribeDBInstances")) > 3
    account = Account(aws, account.workspace)  # another process: other doors, and nothing remembered
    first = len(aws.contract.asked)
    result = account.drill()
    result.require_proven()
    (restored,) = aws.contract.of("rds:RestoreDBInstanceToPointInTime")
    tags = {tag["Key"]: tag["Value"] for tag in restored["Tags"]}
    assert (result.run_id, restored["TargetDBInstanceIdentifier"]) == (tags["mainstay:run-id"], *aws.copies)
    changes = ("rds:Restore", "rds:Modify", "rds:Delete", "secretsmanager")
    asked = [one.operation for one in aws.contract.asked[first:] if one.operation.startswith(changes)]
    group = ["rds:DeleteDBParameterGroup"] * 2
    assert asked == ["secretsmanager:GetSecretValue", "rds:ModifyDBInstance", "rds:DeleteDBInstance", *group]
    (gap,) = result.evidence["resumed"]
    assert (gap["number"], gap["step"], gap["how"]) == (5, "Wait until it is available", "killed")
    called = [(call["operation"], bool(call["request_id"])) for call in result.evidence["calls"]]
    assert ("RestoreDBInstanceToPointInTime", True) in called
    assert called[0] == ("CreateDBParameterGroup", True)
    assert (result.evidence["rto"]["measured_s"], result.evidence["rto"]["available_s"]) == (None, None)
    jsonschema.validate(result.evidence, SCHEMA)


def test_a_second_ctrl_c_throws_no_restore_away(account: Account, aws: RecordedRds) -> None:
    aws.looks = ("creating", "creating", "backing-up")
    aws.contract.then("rds:DeleteDBInstance", [STILL_CREATING])
    with pytest.raises(Interrupted):
        account.drill(Pressing("is creating", "cannot be deleted yet"))
    result = account.drill()
    result.require_proven()
    assert len(aws.contract.of("rds:RestoreDBInstanceToPointInTime")) == 1
    assert [gap["how"] for gap in result.evidence["resumed"]] == ["interrupted"]
    calls = [call for call in result.evidence["calls"] if "Group" not in call["operation"]]
    assert [call["outcome"] for call in calls][1:] == ["failed", "done", "done"]


def test_a_restore_that_rds_never_heard_is_asked_for_again_under_the_same_name(
    account: Account, aws: RecordedRds
) -> None:
    def unheard(_: object) -> NoReturn:
        raise Dead

    aws.contract.answers["rds:RestoreDBInstanceToPointInTime"] = unheard
    with pytest.raises(Dead):
        account.drill()
    aws.contract.answers["rds:RestoreDBInstanceToPointInTime"] = aws.restore
    result = account.drill()
    result.require_proven()
    first, second = aws.contract.of("rds:RestoreDBInstanceToPointInTime")
    assert {**first, "Tags": None} == {**second, "Tags": None}
    assert [gap["step"] for gap in result.evidence["resumed"]] == ["Restore into a new instance"]


OUT: Final = Refusal("ServiceUnavailable", "The request has failed due to a temporary failure of the server", 503)


def test_a_group_that_was_heard_and_half_made_is_known_again_and_completed(account: Account, aws: RecordedRds) -> None:
    def lost(members: Mapping[str, Any]) -> NoReturn:
        aws.contract.answers["rds:CreateDBParameterGroup"] = aws.create_group
        aws.create_group(members)
        raise OUT

    def dying(members: Mapping[str, Any]) -> Mapping[str, Any]:
        if len(members["Parameters"]) < 20:
            raise Dead
        return aws.change_group(members)

    aws.contract.answers |= {"rds:CreateDBParameterGroup": lost, "rds:ModifyDBParameterGroup": dying}
    with pytest.raises(Dead):
        account.drill()
    assert len(account.aws.shop.groups()) == 1
    aws.contract.answers["rds:ModifyDBParameterGroup"] = aws.change_group
    result = account.drill()
    result.require_proven()
    asked = [one["DBParameterGroupName"] for one in aws.contract.of("rds:CreateDBParameterGroup")]
    assert asked == [result.evidence["target"]["identifier"]] * 3
    missing = [len(one["Parameters"]) for one in aws.contract.of("rds:ModifyDBParameterGroup")]
    assert missing == [20, len(SETS) + 1 - 20, len(SETS) + 1 - 20]
    made = {
        one["ParameterName"]: one
        for call in aws.contract.of("rds:ModifyDBParameterGroup")
        for one in call["Parameters"]
    }
    values = {name: one["ParameterValue"] for name, one in made.items()}
    silent = {"max_logical_replication_workers": "0", "shared_preload_libraries": "pg_stat_statements"}
    assert values == {**SETS, **silent}
    assert {one["ApplyMethod"] for one in made.values()} == {"pending-reboot"}


def test_a_group_that_is_never_answered_is_looked_for_and_nothing_is_restored(
    account: Account, aws: RecordedRds
) -> None:
    def out(_: object) -> NoReturn:
        raise OUT

    aws.contract.answers["rds:CreateDBParameterGroup"] = out
    result = account.drill()
    assert (result.verdict.word, result.evidence["cleanup"]) == ("INCONCLUSIVE", {"deleted": [], "left": []})
    assert result.verdict.reasons[0].startswith("the service failed; rds:CreateDBParameterGroup answered")
    assert aws.copies == {}
    assert account.clock.sleeps.count(30.0) >= 5  # until it would have shown itself


def test_a_group_of_that_name_that_is_somebody_elses_stops_the_drill(account: Account, aws: RecordedRds) -> None:
    def taken(members: Mapping[str, Any]) -> Mapping[str, Any]:
        aws.create_group({**members, "Tags": []})
        return aws.create_group(members)

    aws.contract.answers["rds:CreateDBParameterGroup"] = taken
    result = account.drill()
    name = result.evidence["target"]["identifier"]
    assert (result.verdict.word, result.evidence["cleanup"]) == ("INCONCLUSIVE", {"deleted": [], "left": []})
    assert result.verdict.reasons[0].startswith(f"the name is taken; Parameter group {name} in eu-central-1 does not")
    assert aws.copies == {}
    aws.client.delete_db_parameter_group(DBParameterGroupName=name)
