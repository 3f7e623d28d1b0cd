"""Every command for real, as a person and as a script call it: one sandbox from `init` to `sandbox down`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from mainstay import api, cli, sandbox
from mainstay.api._site import Where
from mainstay.engines.identity import data_home, engine_identity

pytestmark = pytest.mark.xdist_group("cli-commands")

SPEC = """\
name: shop
region: eu-central-1
cost_center: "1000"
database:
  engine: postgres
  version: "17"
  class: db.m7g.large
  name: shop
  multi_az: false
  replicas: {count: 1}
storage: {size: 100 GiB, max_size: 500 GiB}
credentials: {username: shop_owner}
protection:
  backups: {keep: 7d, window: "00:00-02:00"}
  maintenance: sun:04:00-sun:06:00
alerts: {subscribers: [ops@example.com]}
objectives: {rpo: 5m, rto: 60m}
drill: {every: 1d, evidence: {signed_by: kms, bucket: {keep: 1d}}}
"""


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Command lines in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __call__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> Told:
        capsys.readouterr()
        code = cli.run(list(arguments))
        told = capsys.readouterr()
        return Told(code, told.out, told.err)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with a spec, deployed into its sandbox."""
    directory = tmp_path_factory.mktemp("cli")
    (directory / "database.yaml").write_text(SPEC, encoding="utf-8")
    where = Where(is_sandbox=True, workspace=directory / ".mainstay")
    try:
        api.deploy(directory / "database.yaml", where=where, approve=lambda _: True)
        yield directory
    finally:
        api.sandbox_down(where=where)


@pytest.fixture
def shell(deployed: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(deployed)
    monkeypatch.setenv("COLUMNS", "200")
    return Shell(deployed)


Caught = pytest.CaptureFixture[str]


def test_check_shows_findings_promise_and_tally(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "check")
    assert told.code == 0
    assert "What Database survives, at worst" in told.out
    assert "database.yaml: 1 warning" in told.out
    document = shell(capsys, "check", "--json").document
    # What it says is true: in production this has no standby.
    assert [finding["id"] for finding in document["findings"]] == ["DB045"]
    assert {"row deleted", "instance lost"} <= {outcome["failure"] for outcome in document["promise"]["outcomes"]}


def test_check_shows_cost_and_every_way_back_on_wish(shell: Shell, capsys: Caught) -> None:
    assert "What it costs" not in shell(capsys, "check").out
    told = shell(capsys, "check", "--cost", "--why")
    assert "What it costs a month, in USD" in told.out
    assert "stays automated backups" in told.out
    assert shell(capsys, "check", "--json").document["cost"]["total"]["low_usd"] > 200


def test_plan_counts_what_it_would_create(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "plan")
    assert told.code == 0
    assert "shop-dev in eu-central-1" in told.out
    assert "2  db instance" in told.out
    assert "What it costs a month, in USD" in told.out
    assert "every way back" not in told.out
    assert "every way back" in shell(capsys, "plan", "--why").out
    stack = shell(capsys, "plan", "--json").document["stacks"][0]
    assert [row["key"] for row in stack["resources"] if row["kind"] == "DbInstance"] == ["Database", "DatabaseReplica1"]


def test_synth_prints_or_writes_the_same_bytes(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    printed = shell(capsys, "synth")
    assert json.loads(printed.out)["Resources"]["Database"]["Type"] == "AWS::RDS::DBInstance"
    written = shell(capsys, "synth", "--out", str(tmp_path))
    path = tmp_path / "shop-dev.eu-central-1.template.json"
    assert path.name in written.out
    assert path.read_text(encoding="utf-8") == printed.out
    assert shell(capsys, "synth", "--json").document["files"][path.name] == printed.out


def test_synth_writes_the_nested_form_on_wish(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    written = shell(capsys, "synth", "--nested", "--out", str(tmp_path / "nested"))
    assert "TemplateBase=" in written.out
    assert len(list((tmp_path / "nested").iterdir())) >= 5


def test_synth_writes_the_code_of_functions_on_wish(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    rotating = SPEC.replace("{username: shop_owner}", "{username: shop_owner, rotation: {every: 30d}}")
    (shell.directory / "rotating.yaml").write_text(rotating)
    out = tmp_path / "out"
    plain = shell(capsys, "synth", "rotating.yaml", "--out", str(out))
    assert "RotationFunction" in plain.out
    assert "--with-functions" in plain.out
    assert not (out / "functions").exists()
    nowhere = shell(capsys, "synth", "rotating.yaml", "--with-functions")
    assert nowhere.code == 2
    assert "--out" in nowhere.err
    untrusting = shell(capsys, "synth", "rotating.yaml", "--with-functions", "--out", str(out))
    assert untrusting.code != 0
    assert "--ca-bundle" in untrusting.err
    bundle = tmp_path / "rds.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----\n")
    asked = ("synth", "rotating.yaml", "--with-functions", "--ca-bundle", str(bundle), "--out", str(out))
    assert "s3://BUCKET" in shell(capsys, *asked).out
    (package,) = (out / "functions").iterdir()
    parameters = json.loads((out / "shop-dev.eu-central-1.parameters.json").read_text())
    assert parameters == [{"ParameterKey": "RotationFunctionCode", "ParameterValue": f"functions/{package.name}"}]
    document = shell(capsys, *asked, "--json").document
    assert document["packages"] == {f"functions/{package.name}": package.stat().st_size}


def test_synth_writes_a_module_for_terraform(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = shell(capsys, "synth", "--to", "terraform", "--out", str(out), "--state-bucket", "shop-states")
    assert told.code == 0
    assert {path.name for path in out.iterdir()} >= {"main.tf.json", "outputs.tf.json", "versions.tf.json", "README.md"}
    assert (
        json.loads((out / "main.tf.json").read_text())["resource"]["aws_db_instance"]["database"]["engine"]
        == "postgres"
    )
    backend = json.loads((out / "versions.tf.json").read_text())["terraform"]["backend"]["s3"]
    assert (backend["bucket"], backend["key"], backend["use_lockfile"]) == (
        "shop-states",
        "shop-dev/terraform.tfstate",
        True,
    )
    printed = shell(capsys, "synth", "--to", "terraform").out
    assert [line for line in printed.splitlines() if line.startswith("# ") and ".tf.json" in line] == [
        f"# {path}" for path in ("main.tf.json", "outputs.tf.json", "versions.tf.json")
    ]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (("--to", "terraform", "--state-bucket", "ab"), "'ab' is not a name that S3 gives"),
        (("--to", "terraform", "--state-bucket", "Shop"), "'Shop' is not a name that S3 gives"),
        (("--state-bucket", "shop-states"), "--state-bucket is for --to terraform"),
        (("--to", "terrafrom"), "did you mean terraform?"),
    ],
)
def test_synth_refuses_what_has_no_meaning(shell: Shell, capsys: Caught, asked: tuple[str, ...], reason: str) -> None:
    refused = shell(capsys, "synth", *asked)
    assert refused.code == 2
    assert reason in " ".join(refused.err.split())


def test_a_state_needs_a_region(shell: Shell, capsys: Caught) -> None:
    (shell.directory / "anywhere.yaml").write_text(SPEC.replace("region: eu-central-1\n", ""))
    refused = shell(capsys, "synth", "anywhere.yaml", "--to", "terraform", "--state-bucket", "abc")
    assert refused.code == 2
    assert "leaves its region open" in refused.err


def test_synth_tells_terraform_which_code_is_which(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    rotating = SPEC.replace("{username: shop_owner}", "{username: shop_owner, rotation: {every: 30d}}")
    (shell.directory / "rotating.yaml").write_text(rotating)
    bundle = tmp_path / "rds.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----\n")
    out = tmp_path / "out"
    asked = ("--to", "terraform", "--with-functions", "--ca-bundle", str(bundle), "--out", str(out))
    assert "code_bucket=BUCKET" in shell(capsys, "synth", "rotating.yaml", *asked).out
    (package,) = (out / "functions").iterdir()
    given = json.loads((out / "functions.auto.tfvars.json").read_text())
    assert given == {"rotation_function_code": f"functions/{package.name}"}
    assert given.keys() <= json.loads((out / "variables.tf.json").read_text())["variable"].keys()
    plain = shell(capsys, "synth", "--to", "terraform", "--with-functions", "--out", str(tmp_path / "none"))
    assert plain.code == 0
    assert not (tmp_path / "none" / "functions.auto.tfvars.json").exists()


def test_schema_is_one_document(shell: Shell, capsys: Caught) -> None:
    assert shell(capsys, "schema").document["title"] == "mainstay spec"
    assert shell(capsys, "schema", "--json").document == shell(capsys, "schema").document


def test_deploy_again_finds_nothing_to_change(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "deploy", "--sandbox")
    assert told.code == 0
    assert "shop-dev as planned already in eu-central-1 (sandbox)" in told.out
    assert "DatabaseEndpoint = 127." in told.out
    document = shell(capsys, "deploy", "--sandbox", "--json").document
    assert document["changes"] == []
    assert document["outputs"]["DatabaseEndpoint"].startswith("127.")


def test_a_change_is_shown_before_it_is_made(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(SPEC.replace("max_size: 500 GiB", "max_size: 600 GiB"), encoding="utf-8")
    told = shell(capsys, "deploy", str(changed), "--sandbox")
    assert told.code == 0, told.err
    assert "~ Database: MaxAllocatedStorage in place" in told.err
    assert "update stack shop-dev in account 123456789012" in told.err
    assert shell(capsys, "deploy", "--sandbox").code == 0


def test_a_plan_says_what_a_change_does_to_what_stands(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    same = shell(capsys, "plan", "--against", "deployed", "--sandbox")
    assert (same.code, "nothing to do" in same.out) == (0, True)
    path = tmp_path / "database.yaml"
    path.write_text(SPEC.replace("size: 100 GiB", "size: 136 GiB").replace("db.m7g.large", "db.m7g.xlarge"))
    bigger = shell(capsys, "plan", str(path), "--against", "shop-dev", "--sandbox")
    assert bigger.code == 0
    assert "connections to Database are interrupted for about 5 to 15 min" in bigger.out
    path.write_text(SPEC.replace("username: shop_owner", "username: somebody"))
    lost = shell(capsys, "plan", str(path), "--against", "deployed", "--sandbox")
    assert lost.code == 2
    assert "loses the database and its automated backups" in lost.out
    assert "--confirm-loss Database" in lost.out
    document = shell(capsys, "plan", str(path), "--against", "deployed", "--sandbox", "--json").document
    assert (document["loses_data"], document["exit_code"]) == (True, 2)
    nowhere = shell(capsys, "plan", "--against", "other", "--sandbox")
    assert (nowhere.code, "There is no stack other" in nowhere.err) == (4, True)


def test_storage_that_grew_by_itself_is_measured_as_it_stands(shell: Shell, capsys: Caught, tmp_path: Path) -> None:
    client = sandbox.session(shell.directory / ".mainstay" / "sandbox", "eu-central-1").client("rds")
    client.modify_db_instance(DBInstanceIdentifier="shop-dev", AllocatedStorage=137, ApplyImmediately=True)
    client.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier="shop-dev", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    same = shell(capsys, "plan", "--against", "deployed", "--sandbox")
    assert (same.code, "nothing to do" in same.out) == (0, True)
    path = tmp_path / "database.yaml"
    path.write_text(SPEC.replace("size: 100 GiB", "size: 136 GiB"))
    below = shell(capsys, "plan", str(path), "--against", "deployed", "--sandbox")
    assert (below.code, "Storage never shrinks" in below.out) == (1, True)
    path.write_text(SPEC.replace("size: 100 GiB", "size: 138 GiB"))
    assert shell(capsys, "plan", str(path), "--against", "deployed", "--sandbox").code == 0


def test_verify_shows_each_check_and_a_verdict(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "verify", "--sandbox")
    assert told.code == 0
    assert "✔ login over TLS works" in told.out
    assert "! subscribers are confirmed" in told.out
    assert "next" in told.out
    assert "(sandbox, eu-central-1): pass" in told.out
    assert "observed from " in told.out
    assert shell(capsys, "verify", "--sandbox", "--json").document["verdict"] == "pass"
    refused = shell(capsys, "verify", "--sandbox", "--through", "bastion", "--json")
    assert (refused.code, refused.document["error"]["summary"]) == (2, "no bastion in the sandbox")


def test_status_shows_the_stack_and_its_databases(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "status", "--sandbox")
    assert told.code == 1  # a drill a day is asked for, and there was none yet
    assert "not proven since 20" in told.out
    assert "shop-dev-not-proven" in told.out
    assert "sandbox eu-central-1" in told.out
    assert "shop-dev-replica-1 available · replica of shop-dev" in told.out
    document = shell(capsys, "status", "--sandbox", "--json").document
    assert [row["identifier"] for row in document["instances"]] == ["shop-dev", "shop-dev-replica-1"]


def test_sandbox_status_shows_servers(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "sandbox", "status")
    assert "shop-dev eu-central-1" in told.out
    assert "replica  127.0.0.1:" in told.out
    assert "lag" in told.out
    instances = shell(capsys, "sandbox", "status", "--json").document["instances"]
    assert [len(instance["servers"]) for instance in instances] == [1, 1]
    again = shell(capsys, "sandbox", "up")
    assert again.code == 0
    assert f"process {shell(capsys, 'sandbox', 'status', '--json').document['supervisor_pid']}" in again.out


def test_a_drill_by_a_function_needs_one(shell: Shell, capsys: Caught) -> None:
    refused = shell(capsys, "drill", "--sandbox", "--through", "function", "--json")
    assert (refused.code, refused.document["error"]["summary"]) == (2, "no validation function")
    assert "write validation in the spec and deploy" in refused.document["error"]["hint"]


def test_drill_is_proven_and_leaves_evidence(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "drill", "--sandbox")
    assert told.code == 0, told.err
    assert "PROVEN, proof level" in told.out
    assert "(sandbox)" in told.out
    assert "kept     in bucket " in told.out
    document = shell(capsys, "drill", "--sandbox", "--json").document
    assert document["verdict"]["word"] == "PROVEN"
    assert json.loads(Path(document["evidence_file"]).read_text(encoding="utf-8")) == document["evidence"]
    assert "sandbox" in Path(document["report_file"]).read_text(encoding="utf-8")
    assert document["evidence"]["signed_by"]["kind"] == "kms"
    program = document["evidence"]["source"]["engine_program"]
    assert hashlib.sha256(Path(program["path"]).read_bytes()).hexdigest() == program["sha256"]
    assert (document["kept"], document["not_kept"]) == ([document["run_id"]], None)
    told = shell(capsys, "evidence", "verify", "--sandbox", "--region", "eu-central-1", "--bucket", document["bucket"])
    assert (told.code, "unaltered: 2 documents" in told.out) == (0, True)
    status = shell(capsys, "status", "--sandbox", "--json").document
    assert status["proof"]["run"] == document["run_id"]
    assert {name: state for name, state in status["alarms"].items() if "not-proven" in name} == {
        "shop-dev-not-proven": "OK"
    }
    assert "PROVEN until " in shell(capsys, "status", "--sandbox").out
    evidence = Path(document["evidence_file"]).parents[1]
    evidence.rename(evidence.with_name("elsewhere"))
    from_bucket = shell(capsys, "status", "--sandbox", "--json").document["proof"]
    evidence.with_name("elsewhere").rename(evidence)
    assert (from_bucket["is_proven"], from_bucket["run"]) == (True, document["run_id"])


@pytest.mark.parametrize(
    ("options", "code", "summary", "said"),
    [
        (["--swap", "rename"], 2, "not confirmed", "shop-dev becomes shop-dev-old-"),
        (["--swap", "secret", "--confirm", "shop"], 2, "not confirmed", "kept as AWSPREVIOUS"),
        (["--swap", "proxy", "--confirm", "shop-dev"], 2, "no proxy", "No proxy has shop-dev behind it"),
        (["--verify", "--accept", "GOOD"], 2, "no such verdict", "'GOOD' is no verdict"),
        (["--verify", "--to", "latest", "--target", "x--y"], 2, "no name for an instance", "x--y"),
        (["--undo", "latest", "--swap", "rename"], 2, "options that do not go together", "restores nothing"),
        (["--confirm", "shop-dev"], 2, "options that do not go together", "--accept"),
        (["--undo", "latest"], 4, "nothing to undo", "no swap that was not undone"),
        (["--undo", "nowhere", "--confirm", "shop-dev"], 4, "nothing to undo", "run nowhere"),
    ],
)
def test_clients_are_moved_only_with_the_stacks_name(
    shell: Shell, capsys: Caught, options: list[str], code: int, summary: str, said: str
) -> None:
    told = shell(capsys, "restore", "--sandbox", *options, "--json")
    assert (told.code, told.document["error"]["summary"]) == (code, summary)
    assert said in told.document["error"]["detail"]


def test_restored_data_keeps_its_stack_until_it_is_given_up(shell: Shell, capsys: Caught) -> None:
    told = shell(capsys, "restore", "--sandbox", "--target", "back")
    assert told.code == 0, told.err
    assert re.search(r"back \(sandbox\) holds shop-dev as of \d{4}-\S+Z or later", told.out)
    assert "login in  arn:aws:secretsmanager" in told.out
    assert "restored copy back: available" in shell(capsys, "status", "--sandbox").out
    refused = shell(capsys, "destroy", "--sandbox", "--confirm", "shop-dev", "--json")
    assert refused.code == 2
    assert "--discard back" in refused.document["error"]["hint"]
    unsure = shell(capsys, "destroy", "--sandbox", "--discard", "back")
    assert unsure.code == 2
    assert "delete after a snapshot Database" in unsure.err
    assert "--confirm shop-dev" in unsure.err


def test_no_password_is_told_or_left_anywhere(shell: Shell, capsys: Caught) -> None:
    """Nor in a process's arguments: only Secrets Manager has it, which here is the sandbox's store."""
    workspace = shell.directory / ".mainstay"
    vault = sandbox.session(workspace / "sandbox", "eu-central-1").client("secretsmanager")
    names = [one["Name"] for one in vault.list_secrets()["SecretList"]]
    passwords = [json.loads(vault.get_secret_value(SecretId=name)["SecretString"])["password"] for name in names]
    assert passwords != []
    assert min(map(len, passwords)) >= 16
    said = []
    for command in ("check", "plan", "synth", "verify", "status", "deploy"):
        target = ["--sandbox"] if command in {"verify", "status", "deploy"} else []
        yes = ["--yes"] if command == "deploy" else []
        for form in ([], ["--json"]):
            told = shell(capsys, command, *target, *yes, *form)
            said.append(told.out + told.err)
    said += [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    assert [text[:200] for text in said if any(one in text for one in passwords)] == []
    servers = data_home(workspace / "sandbox" / "data", engine_identity())
    files = [path for folder in (workspace, servers) for path in folder.rglob("*") if path.is_file()]
    assert {"evidence.json", "report.html", "PG_VERSION"} <= {path.name for path in files}
    telling = {path.name for path in files if any(one in held(path) for one in passwords)}
    assert {name.partition(".")[0] for name in telling} == {"state"}


def held(path: Path) -> str:
    """What a file holds; nothing when a server has just taken it away."""
    try:
        return path.read_bytes().decode("latin-1")
    except FileNotFoundError:
        return ""


def test_destroy_and_down_leave_nothing(shell: Shell, capsys: Caught) -> None:
    (shell.directory / ".mainstay" / "sandbox" / "mine.txt").write_text("mine", encoding="utf-8")
    gone = shell(capsys, "destroy", "--sandbox", "--confirm", "shop-dev", "--discard", "back")
    assert gone.code == 0, gone.err
    assert "shop-dev in eu-central-1 (sandbox) is gone" in gone.out
    assert "left: " in gone.out
    assert shell(capsys, "status", "--sandbox", "--json").document["error"]["summary"] == "not deployed"
    down = shell(capsys, "sandbox", "down")
    assert "nothing is left" in down.out
    assert "not ours, kept: " in down.out
    assert shell(capsys, "sandbox", "down", "--json").code == 2
    (shell.directory / ".mainstay" / "sandbox" / "mine.txt").unlink()
    (shell.directory / ".mainstay" / "sandbox").rmdir()
    assert shell(capsys, "sandbox", "down", "--json").document == {"stopped": [], "removed": [], "kept": []}


def test_init_begins_what_check_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path)
    told = shell(capsys, "init")
    assert told.code == 0
    assert "database.yaml" in told.out
    assert "mainstay check" in told.out
    assert shell(capsys, "check").code == 0
    assert shell(capsys, "init", "--json").document["error"]["summary"] == "spec exists"
    assert shell(capsys, "init", "new", "--json").document["blueprint"] == "postgres-ecommerce"
    guess = shell(capsys, "init", "x", "--blueprint", "postgres-ecomerce")
    assert "did you mean postgres-ecommerce?" in guess.err


def test_an_account_without_credentials_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Caught
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    Path("database.yaml").write_text(SPEC, encoding="utf-8")
    for command in ("deploy", "verify", "status", "drill", "restore", "destroy"):
        told = Shell(tmp_path)(capsys, command, "--json")
        assert told.code == 6
        assert "--sandbox" in told.document["error"]["hint"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["database.yaml"]
