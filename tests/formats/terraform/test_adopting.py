"""Addresses of what a state has to forget and to import are those of the module."""

from __future__ import annotations

import json
from pathlib import Path

from mainstay.formats import terraform
from mainstay.formats.terraform.adopting import Adopted, adopted, import_blocks, removed_blocks
from mainstay.plan.passes import build
from mainstay.spec import load

BLUEPRINT = Path(__file__).parents[3] / "blueprints" / "mysql-proxy.yaml"
LOG = "/aws/rds/instance/shop-next/error"


def test_the_database_its_log_and_the_proxy_s_target_are_found_in_the_module() -> None:
    spec = load(BLUEPRINT, overrides={"database.identifier": "shop-next"})
    files = terraform.render(build(spec))
    database, *others = adopted(files, "shop-next", is_behind_proxy=True)
    assert database == Adopted("aws_db_instance.database", "shop-next")
    assert [one.id for one in others] == [f"{spec.identifier}/default/RDS_INSTANCE/shop-next"]
    assert others[0].address.startswith("aws_db_proxy_target.")
    logged = adopted(files, "shop-next", [LOG])
    assert Adopted("aws_cloudwatch_log_group.database_error_log", LOG) in logged
    assert [one.address for one in adopted(files, "shop-next")] == ["aws_db_instance.database"]
    assert adopted(files, "another") == ()  # no database of that name


def test_what_is_no_module_holds_nothing() -> None:
    texts = {"README.md": "# no JSON", "a": "[]", "b": "{}", "c": json.dumps({"resource": {"x": 1, "y": {"z": 2}}})}
    assert adopted(texts, "shop") == ()


def test_blocks_name_addresses_and_ids() -> None:
    found = (Adopted("aws_db_instance.a", "one"), Adopted("aws_db_instance.b", "two"))
    assert import_blocks(found) == (
        'import {\n  to = aws_db_instance.a\n  id = "one"\n}\n\nimport {\n  to = aws_db_instance.b\n  id = "two"\n}\n'
    )
    assert removed_blocks(found[:1]) == (
        "removed {\n  from = aws_db_instance.a\n  lifecycle {\n    destroy = false\n  }\n}\n"
    )
