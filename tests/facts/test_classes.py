"""Instance classes: shapes, and where they are offered."""

from __future__ import annotations

from mainstay import facts
from mainstay.core.units import Bytes


def test_shapes() -> None:
    assert facts.class_shape("db.t4g.micro") == (2, Bytes.gib(1))
    assert facts.class_shape("db.r6g.2xlarge") == (8, Bytes.gib(64))
    assert facts.class_shape("db.z9.large") is None


def test_every_class_that_a_region_offers_today_has_its_shape() -> None:
    families = {name.split(".")[1] for name in facts.class_names()}
    offered = facts.classes_offered("us-east-1", "postgres") or []
    assert [name for name in offered if name.split(".")[1] in families and facts.class_shape(name) is None] == []
    assert facts.class_shape("db.x2iedn.32xlarge") == (128, Bytes.gib(4096))
    assert facts.class_shape("db.m7i.48xlarge") == (192, Bytes.gib(768))


def test_formulas_get_less_than_the_nominal_memory() -> None:
    left = facts.memory_left(Bytes.gib(8))
    assert left < Bytes.gib(8)
    assert facts.evaluate("{DBInstanceClassMemory/12582880}", {"DBInstanceClassMemory": left}) == 629


def test_what_a_region_offers() -> None:
    assert facts.class_offered("us-east-1", "postgres", "db.m7g.large") is True
    assert facts.class_offered("ap-east-2", "postgres", "db.m5.large") is False
    assert facts.class_offered("xx-north-1", "postgres", "db.m5.large") is None
    assert facts.class_offered("us-east-1", "oracle", "db.m5.large") is None


def test_a_family_keeps_its_sizes_apart_where_regions_differ() -> None:
    offered = facts.classes_offered("us-east-1", "mysql")
    assert offered is not None
    assert len(offered) == len(set(offered)) > 100
    assert not any("/" in name for name in offered)
    assert all(name.startswith("db.") for name in offered)


def test_every_family_of_every_region_has_sizes() -> None:
    table = facts.load("class_regions").data
    named = {family for region in table["offered"].values() for names in region.values() for family in names.split()}
    assert named == set(table["sizes"])
    assert len(table["offered"]) >= 38
