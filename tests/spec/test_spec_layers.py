"""Precedence: argument, environment, spec, default."""

from __future__ import annotations

from mainstay.core.findings import Origin
from mainstay.spec import load

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
