"""What keys mean: read from the text below each, those of other sections and written under other names included."""

from __future__ import annotations

from mainstay.spec import Spec
from mainstay.spec.database import Database
from mainstay.spec.disaster_recovery import RecoveryNetwork
from mainstay.spec.meanings import described, meanings
from mainstay.spec.network import Network


def test_every_key_of_a_spec_has_a_meaning() -> None:
    found = meanings(Spec)
    assert set(found) == {field.alias or name for name, field in Spec.model_fields.items()}
    assert found["name"] == "What it is called; resources are called <name>-<environment>."


def test_a_key_is_named_as_it_is_written() -> None:
    assert "class" in meanings(Database)
    assert "instance_class" not in meanings(Database)


def test_a_section_has_the_keys_of_the_one_that_it_extends_and_its_own_words() -> None:
    above, own = meanings(Network), meanings(RecoveryNetwork)
    assert own["zones"] == above["zones"]
    assert own["cidr"] != above["cidr"]


def test_a_schema_is_told_of_its_own_sections_only() -> None:
    schema = described({"properties": {key: {} for key in meanings(Network)}}, Network)
    assert schema == {"properties": {key: {"description": text} for key, text in meanings(Network).items()}}
