"""Precedence: argument, environment, spec, default."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Origin
from mainstay.spec import load
from mainstay.spec.existing_network import ExistingNetwork

TEXT = """\
name: shop
environment: test
tags: {Owner: us, Team: shop}
database:
  version: "17"
  class: db.m7g.large
  name: tap
  replicas: {count: 2}
storage: {size: 100 GiB}
access:
  cidrs: [10.1.0.0/16, 10.2.0.0/16]
alerts:
  subscribers: [ops@example.com, https://example.com/hook]
environments:
  test:
    database:
      class: db.t4g.medium
    access:
      cidrs: [10.3.0.0/16]
    tags: {Owner: them}
  prod:
    region: eu-central-1
  empty:
"""


def test_each_layer_beats_the_one_below() -> None:
    plain = load(TEXT, environment="prod")
    assert plain.database.instance_class == "db.m7g.large"
    chosen = load(TEXT, environment="test")
    assert chosen.database.instance_class == "db.t4g.medium"
    argued = load(TEXT, environment="test", overrides={"database.class": "db.r7g.large"})
    assert argued.database.instance_class == "db.r7g.large"
    assert argued.database.listens_on == 5432


def test_sections_are_merged_and_lists_replaced() -> None:
    spec = load(TEXT)
    assert spec.environment == "test"
    assert spec.database.name == "tap"
    assert spec.database.replicas.count == 2
    assert dict(spec.tags) == {"Owner": "them", "Team": "shop"}
    assert [str(cidr) for cidr in spec.access.cidrs] == ["10.3.0.0/16"]


def test_an_environment_without_settings_is_the_spec_itself() -> None:
    assert load(TEXT, environment="empty").database.instance_class == "db.m7g.large"


def test_places_follow_the_value_that_counts() -> None:
    spec = load(TEXT, overrides={"database.replicas.class": "db.t4g.large", "access.security_groups": "[sg-0a1b2c3d]"})
    assert spec.origin_of("database.class") == Origin("spec.yaml", 17, 7)
    assert spec.origin_of("database.name") == Origin("spec.yaml", 7, 3)
    assert spec.origin_of("access.cidrs.0") == Origin("spec.yaml", 19, 15)
    assert spec.origin_of("access.cidrs.1") == Origin("spec.yaml", 19, 7)  # the replaced list's item is gone
    assert spec.origin_of("database.replicas.class") == Origin("argument database.replicas.class")
    assert spec.origin_of("access.security_groups.0") == Origin("argument access.security_groups")
    assert spec.origin_of("database.port") == Origin("argument database.replicas.class")
    assert spec.origin_of("monitoring.enhanced") is None


def test_a_parameter_keeps_its_own_dots() -> None:
    text = TEXT.replace("  replicas: {count: 2}", "  parameters: {rds.force_ssl: 1}").replace(
        "      class: db.t4g.medium", "      parameters: {rds.force_ssl: 0}"
    )
    spec = load(text)
    assert dict(spec.database.parameters) == {"rds.force_ssl": 0}
    assert spec.origin_of("database.parameters.rds.force_ssl") == Origin("spec.yaml", 17, 20)
    argued = load(text, overrides={"database.parameters.rds.force_ssl": "1"})
    assert dict(argued.database.parameters) == {"rds.force_ssl": 1}


MAPPED: dict[str, Any] = {
    "name": "shop",
    "database": {"version": "17", "class": "db.m7g.large", "name": "tap"},
    "storage": {"size": "100 GiB"},
    "alerts": {"subscribers": ["ops@example.com"]},
    "suppress": [{"rule": "DB001", "resource": "Database", "reason": "for a while", "until": date(2030, 1, 31)}],
    "environments": {"prod": {"database": {"class": "db.r7g.large"}}, "dev": {}},
}


def test_a_mapping_is_read_as_its_text_would_be() -> None:
    spec = load(MAPPED, environment="prod")
    assert (spec.identifier, spec.database.instance_class) == ("shop-prod", "db.r7g.large")
    assert spec.suppress[0].until == date(2030, 1, 31)
    with pytest.raises(InputRefused, match=r"the spec of Orders: 1 fault.\n.*the spec of Orders: database.clas: there"):
        load({**MAPPED, "database": {**MAPPED["database"], "clas": "x"}}, file="the spec of Orders")
    with pytest.raises(InputRefused, match=r"\n  spec\.yaml: storage: it has to be given"):
        load({key: value for key, value in MAPPED.items() if key != "storage"})
    with pytest.raises(InputRefused, match=r"a object is no setting"):
        load({**MAPPED, "region": object()})
    with pytest.raises(InputRefused, match=r"spec\.yaml: It is nested more than 20 levels deep"):
        load({**MAPPED, "tags": json.loads('{"a":' * 30 + "1" + "}" * 30)})


def test_an_override_says_where_it_was_given() -> None:
    with pytest.raises(InputRefused, match=r"context mainstay: database.clas: there is no such key"):
        load(TEXT, overrides={"database.clas": "x"}, given={"database.clas": "context mainstay"})
    with pytest.raises(InputRefused, match=r"argument database.clas: database.clas: there is no such key"):
        load(TEXT, overrides={"database.clas": "x"}, given={"database.class": "context mainstay"})


def test_a_fallback_counts_where_nothing_else_says_anything() -> None:
    fallbacks = {"region": "eu-west-1"}
    assert load(TEXT, environment="test", fallbacks=fallbacks).region == "eu-west-1"
    assert load(TEXT, environment="prod", fallbacks=fallbacks).region == "eu-central-1"
    assert load(TEXT, environment="test", overrides={"region": "us-east-1"}, fallbacks=fallbacks).region == "us-east-1"


def test_a_network_that_exists_takes_the_place_of_the_one_that_is_written() -> None:
    existing = ExistingNetwork(
        vpc="vpc-0a1b2c3d",
        isolated=("subnet-0a1b2c3d", "subnet-1a1b2c3d"),
        private=("subnet-2a1b2c3d", "subnet-3a1b2c3d"),
    )
    spec = load({**MAPPED, "network": {"nat": "one", "flow_logs": {"traffic": "all"}}})
    placed = spec.standing_in(existing).network
    assert placed.existing == existing
    assert placed.flow_logs == spec.network.flow_logs
    with pytest.raises(ValueError, match=r"no second region"):
        spec.recovering_in(existing)
    two = load({**MAPPED, "region": "eu-central-1", "disaster_recovery": {"region": "eu-west-1"}})
    recovery = two.recovering_in(existing).disaster_recovery
    assert recovery is not None
    assert recovery.network.existing == existing
    assert recovery.region == "eu-west-1"


@pytest.mark.parametrize("section", ["[a]", "[{profile: dev}]", "5", "text"])
def test_an_environment_that_is_no_mapping_is_named(section: str) -> None:
    text = TEXT.replace("  empty:\n", f"  empty: {section}\n")
    with pytest.raises(InputRefused, match="spec refused") as refused:
        load(text, environment="empty")
    assert "environments.empty" in refused.value.detail
