"""What replaces a resource."""

from __future__ import annotations

from mainstay import facts


def test_nested_properties_count_as_their_top_level_one() -> None:
    endpoint = facts.replacement("AWS::EC2::VPCEndpoint")
    assert {"DnsOptions", "VpcId"} <= endpoint.replacing
    assert not endpoint.is_always


def test_what_the_schemas_leave_open_is_added() -> None:
    database = facts.replacement("AWS::RDS::DBInstance")
    assert {"KmsKeyId", "DBSnapshotIdentifier", "Engine"} <= database.replacing
    assert "MultiAZ" in database.conditional - database.replacing


def test_types_without_an_update_and_unknown_ones() -> None:
    assert facts.replacement("AWS::SNS::Subscription").is_always
    assert facts.replacement("AWS::Nothing::Here") == facts.ReplacementFact()
    assert "AWS::EC2::EIP" in facts.replacement_types()
