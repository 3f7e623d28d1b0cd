"""Files against files, whatever they are written in, and against what they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mainstay import api
from mainstay.api._compare import Compared
from mainstay.api._site import Where
from mainstay.core.errors import InputRefused, NotFound
from mainstay.diff import CLOUDFORMATION, TERRAFORM, Effect
from mainstay.engines.process import run

SPEC = """\
name: shop
profile: dev
region: eu-west-1
database: {{version: "17", class: {size}, name: shop}}
storage: {{size: 100 GiB}}
alerts: {{subscribers: [ops@example.com]}}
"""
SMALL, LARGE = SPEC.format(size="db.m7g.large"), SPEC.format(size="db.m7g.xlarge")
TEMPLATE = """\
Parameters:
  Size: {{Type: String, Default: {default}}}
  Secret: {{Type: String, NoEcho: true, Default: x}}
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceClass: {size}
      Engine: postgres
      AllocatedStorage: "20"
      MasterUserPassword: !Ref Secret
      DBSnapshotIdentifier: {snapshot}
"""


def compare(source: Path, against: Path | str, **options: object) -> Compared:
    where = Where(is_sandbox=True, workspace=source.parent / ".mainstay")
    return api.compare(source, against=str(against), where=where, **options)  # type: ignore[arg-type]  # of any type


@pytest.fixture
def specs(tmp_path: Path) -> tuple[Path, Path]:
    """The spec now, and as it was."""
    new, old = tmp_path / "database.yaml", tmp_path / "old.yaml"
    new.write_text(LARGE, encoding="utf-8")
    old.write_text(SMALL, encoding="utf-8")
    return new, old


def test_two_specs(specs: tuple[Path, Path]) -> None:
    found = compare(*specs)
    assert found.difference.target == CLOUDFORMATION
    (database,) = (one for one in found.difference.changes if one.key == "Database")
    assert database.effect is Effect.FAILOVER
    assert found.exit_code == 0
    assert found.as_json()["against"] == str(specs[1])


def test_settings_and_environment_hold_for_both(specs: tuple[Path, Path]) -> None:
    found = compare(*specs, settings={"database.multi_az": "false"}, region="eu-west-3")
    (database,) = (one for one in found.difference.changes if one.key == "Database")
    assert database.effect is Effect.REBOOT
    assert [one.region for one in found.difference.regions] == ["eu-west-3"]


def test_a_spec_against_what_synth_made_of_it(specs: tuple[Path, Path], tmp_path: Path) -> None:
    for form in ("cloudformation", "terraform"):
        api.synth(specs[1], to=form, out=tmp_path / form)
    template = next((tmp_path / "cloudformation").glob("*.json"))
    assert compare(specs[1], template).difference.changes == ()
    assert compare(template, specs[1]).difference.changes == ()
    for module in (tmp_path / "terraform", tmp_path / "terraform" / "main.tf.json"):
        same = compare(specs[1], module, settings={"database.multi_az": "false"}).difference
        assert same.target == TERRAFORM
        assert {one.key for one in same.changes} == {"Database"}
        assert compare(module, specs[1]).difference.changes == ()
    found = compare(specs[0], tmp_path / "terraform").difference
    assert found.target == TERRAFORM
    assert "Database" in {one.key for one in found.changes}
    # Settings are for specs: a template beside one takes none of them.
    found = compare(specs[1], template, settings={"database.class": "db.m7g.xlarge"}).difference
    assert "Database" in {one.key for one in found.changes}


def test_templates_that_somebody_else_wrote(tmp_path: Path) -> None:
    def written(name: str, *, default: str = "db.t4g.micro", size: str = "!Ref Size", snapshot: str = "first") -> Path:
        path = tmp_path / name
        path.write_text(TEMPLATE.format(default=default, size=size, snapshot=snapshot), encoding="utf-8")
        return path

    old = written("old.yaml")
    assert compare(written("same.yaml", size="db.t4g.micro"), old).difference.changes == ()
    (change,) = compare(written("new.yaml", default="db.t4g.small"), old).difference.changes
    assert change.effect is Effect.REBOOT
    lost = compare(written("lost.yaml", snapshot="!Ref AWS::NoValue"), old)
    assert lost.exit_code == 2
    assert lost.difference.changes[0].fields[0].written == "DBSnapshotIdentifier"


def test_a_shown_plan_against_a_shown_state(tmp_path: Path) -> None:
    def shown(name: str, size: str) -> Path:
        values = {"instance_class": size, "engine": "postgres", "identifier": "shop", "apply_immediately": False}
        resource = {
            "address": "aws_db_instance.a",
            "mode": "managed",
            "type": "aws_db_instance",
            "name": "a",
            "values": values,
        }
        path = tmp_path / name
        path.write_text(json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}))
        return path

    found = compare(shown("new.json", "db.m7g.xlarge"), shown("old.json", "db.m7g.large"))
    assert found.difference.target == TERRAFORM
    (change,) = found.difference.changes
    assert (change.effect, change.fields[0].then) == (Effect.DEFERRED, Effect.REBOOT)
    with pytest.raises(InputRefused, match="nothing that Terraform knows") as refused:
        compare(tmp_path / "new.json", "some-stack")
    assert "terraform show -json" in refused.value.hint


def test_a_state_shows_the_resources_of_both_regions(tmp_path: Path) -> None:
    spec = tmp_path / "database.yaml"
    spec.write_text(SMALL + "disaster_recovery: {region: eu-west-3, keep: 3d}\n", encoding="utf-8")
    keys = [("database_key", "first"), ("eu_west_3_database_key", "second")]
    resources = [
        {
            "address": f"aws_kms_key.{name}",
            "mode": "managed",
            "type": "aws_kms_key",
            "name": name,
            "values": {"description": text, "policy": "{}"},
        }
        for name, text in keys
    ]
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": resources}}}))
    found = compare(spec, state).difference
    seen = {one.key: one.action for one in found.changes if one.kind == "Key"}
    assert (seen["DatabaseKey"], seen["EuWest3DatabaseKey"]) == ("changed", "changed")
    assert not found.losses


def assembly(folder: Path, **sizes: str) -> Path:
    """What the CDK writes: a stack for each name, with a database of that size."""
    folder.mkdir()
    artifacts = {}
    for name, size in sizes.items():
        properties = {"Engine": "postgres", "DBInstanceClass": size, "DBInstanceIdentifier": name}
        template = {"Resources": {"Db": {"Type": "AWS::RDS::DBInstance", "Properties": properties}}}
        (folder / f"{name}.template.json").write_text(json.dumps(template), encoding="utf-8")
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://123456789012/eu-west-1",
            "properties": {"templateFile": f"{name}.template.json", "stackName": name},
        }
    manifest = {"version": "55.0.0", "artifacts": artifacts}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_an_app_of_the_cdk_meets_stack_by_stack(tmp_path: Path) -> None:
    old = assembly(tmp_path / "old", one="db.m7g.large", two="db.m7g.large", three="db.m7g.large")
    new = assembly(tmp_path / "new", two="db.m7g.xlarge", one="db.m7g.large", four="db.m7g.large")
    found = compare(new, old).difference
    assert [(one.stack, [c.effect for c in one.changes]) for one in found.regions] == [
        ("two", [Effect.REBOOT]),
        ("one", []),
        ("four", [Effect.CREATED]),
        ("three", []),
    ]
    assert "its stack stays" in found.regions[-1].notes[0]
    with pytest.raises(InputRefused, match="no such stack there"):
        compare(new, "five")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that can be read, as it was at one revision."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "database.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "stack.yaml").write_text(TEMPLATE.format(default="a", size="b", snapshot="c"), encoding="utf-8")
    api.synth(folder / "database.yaml", to="terraform", out=folder / "module")
    state = {"format_version": "1.0", "values": {"root_module": {}}}
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
    nobody = ("-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "all")):
        run(["git", *nobody, *arguments], timeout_s=60, cwd=folder)
    return folder


@pytest.mark.parametrize("name", ["database.yaml", "stack.yaml", "module", "state.json"])
def test_everything_is_read_at_a_revision(name: str, repository: Path) -> None:
    found = compare(repository / name, "git:HEAD")
    assert found.difference.changes == ()
    assert found.against == f"{repository / name} at HEAD"


def test_a_revision_shows_what_was_changed_since(repository: Path) -> None:
    path = repository / "database.yaml"
    path.write_text(LARGE, encoding="utf-8")
    assert "Database" in {one.key for one in compare(path, "git:HEAD").difference.changes}
    path.write_text(SMALL, encoding="utf-8")


@pytest.mark.parametrize("against", ["nowhere.yaml", "some/where", "nowhere.json"])
def test_what_looks_like_a_file_has_to_be_one(against: str, specs: tuple[Path, Path]) -> None:
    with pytest.raises(InputRefused, match="no such file"):
        compare(specs[0], against)


def test_a_stack_needs_a_place_and_a_name(specs: tuple[Path, Path]) -> None:
    with pytest.raises(NotFound, match="no sandbox"):
        compare(specs[0], "deployed")
    with pytest.raises(InputRefused, match="no name for a stack"):
        compare(specs[0], "a stack")
    with pytest.raises(InputRefused, match="two stacks"):
        compare(specs[0], "shop-dev", stack="other")
    foreign = specs[0].parent / "foreign.yaml"
    foreign.write_text(TEMPLATE.format(default="a", size="b", snapshot="c"), encoding="utf-8")
    with pytest.raises(InputRefused, match="no name for a stack") as refused:
        compare(foreign, "deployed")
    assert "--against NAME" in refused.value.hint
