"""What the modules of our blueprints look like: a second region, no password, nothing that can be lost by mistake."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mainstay.formats import terraform
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.spec import load

ROOT = Path(__file__).parents[3]
CASES = [
    (path.stem, environment) for path in sorted((ROOT / "blueprints").glob("*.yaml")) for environment in ("dev", "prod")
]
ELSEWHERE = """
disaster_recovery:
  region: us-west-2
  keep: 14d
"""


def built(blueprint: str, environment: str) -> Plan:
    return build(load(ROOT / "blueprints" / f"{blueprint}.yaml", environment=environment))


@pytest.fixture(scope="module")
def two_regions(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    spec = tmp_path_factory.mktemp("spec") / "database.yaml"
    spec.write_text((ROOT / "blueprints" / "mysql-proxy.yaml").read_text() + ELSEWHERE)
    return build(load(spec, environment="prod"))


def test_a_second_region_is_a_file_and_a_provider_of_its_own(two_regions: Plan) -> None:
    files = terraform.render(two_regions)
    assert terraform.read(files) == two_regions
    other = json.loads(files["us-west-2.tf.json"])
    assert json.loads(files["versions.tf.json"])["provider"]["aws"] == [
        {"region": "us-east-1"},
        {"alias": "us-west-2", "region": "us-west-2"},
    ]
    bodies = [body for members in other["resource"].values() for body in members.values()]
    assert {body["provider"] for body in bodies} == {"aws.us-west-2"}
    assert all(label.startswith("us_west_2_") for members in other["resource"].values() for label in members)


def test_what_crosses_regions_is_a_reference_and_no_variable(two_regions: Plan) -> None:
    files = terraform.render(two_regions)
    replicated = json.loads(files["main.tf.json"])["resource"]["aws_db_instance_automated_backups_replication"]
    assert replicated["database"] == {
        "source_db_instance_arn": "${aws_db_instance.database.arn}",
        "region": "us-west-2",
        "retention_period": 14,
        "kms_key_id": "${aws_kms_key.us_west_2_database_key.arn}",
    }
    assert "variables.tf.json" not in files


@pytest.mark.parametrize(("blueprint", "environment"), CASES)
def test_no_password_can_reach_the_state(blueprint: str, environment: str) -> None:
    main = json.loads(terraform.render(built(blueprint, environment))["main.tf.json"])
    told = {path.rpartition(".")[2] for path, value in leaves(main["resource"]) if "ephemeral." in value}
    assert told == {"password_wo", "secret_string_wo"}
    assert "random_password" not in main["resource"]
    assert not any(path.endswith((".password", ".secret_string")) for path, _ in leaves(main["resource"]))


def leaves(node: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(node, dict):
        return [leaf for name, item in node.items() for leaf in leaves(item, f"{path}.{name}")]
    if isinstance(node, list):
        return [leaf for item in node for leaf in leaves(item, path)]
    return [(path, str(node))]


def test_what_must_not_be_lost_cannot_be_destroyed() -> None:
    main = json.loads(terraform.render(built("mysql-proxy", "prod"))["main.tf.json"])["resource"]
    for type_name in ("aws_db_instance", "aws_kms_key", "aws_backup_vault"):
        assert all(body["lifecycle"]["prevent_destroy"] is True for body in main[type_name].values()), type_name
    database = main["aws_db_instance"]["database"]
    assert database["lifecycle"]["ignore_changes"] == ["allocated_storage", "engine_version"]
    assert (database["skip_final_snapshot"], database["final_snapshot_identifier"]) == (False, "profiles-prod-final")
    small = json.loads(terraform.render(built("mysql-proxy", "dev"))["main.tf.json"])["resource"]["aws_db_instance"]
    assert small["database"]["skip_final_snapshot"] is True
    assert "prevent_destroy" not in small["database"]["lifecycle"]


def test_settings_say_whether_they_need_a_reboot() -> None:
    main = json.loads(terraform.render(built("postgres-ecommerce", "prod"))["main.tf.json"])["resource"]
    methods = {
        one["name"]: one["apply_method"] for one in main["aws_db_parameter_group"]["database_parameters"]["parameter"]
    }
    assert (methods["shared_buffers"], methods["work_mem"]) == ("pending-reboot", "immediate")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform here")
def test_terraform_itself_can_load_the_module(two_regions: Plan, tmp_path: Path) -> None:
    """`providers` loads the whole module, names and syntax, and needs no provider."""
    for name, text in terraform.render(two_regions).items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["terraform", "providers"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "hashicorp/aws" in done.stdout
    (tmp_path / "main.tf.json").write_text('{"resource": {"aws_vpc": {"x": {"depends_on": "${"}}}}')
    broken = subprocess.run(
        ["terraform", "providers"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert broken.returncode != 0


def test_the_state_lies_locked_in_a_bucket_on_wish(two_regions: Plan) -> None:
    backend = terraform.Backend(bucket="states", key="shop/terraform.tfstate", region="us-east-1")
    files = terraform.render(two_regions, backend=backend)
    assert json.loads(files["versions.tf.json"])["terraform"]["backend"] == {
        "s3": {
            "bucket": "states",
            "key": "shop/terraform.tfstate",
            "region": "us-east-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }
    assert "s3://states/shop/terraform.tfstate" in files["README.md"]
    assert "--state-bucket" in terraform.render(two_regions)["README.md"]


def test_the_readme_says_where_the_code_of_functions_comes_from() -> None:
    assert "--with-functions" in terraform.render(built("mysql-migration", "dev"))["README.md"]
    assert "--with-functions" not in terraform.render(built("mysql-proxy", "dev"))["README.md"]
