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


def test_terraform_and_cloudformation_differ() -> None:
    provider = facts.replacement("aws_db_instance")
    assert {"kms_key_id", "availability_zone", "snapshot_identifier"} <= provider.replacing
    assert "identifier" not in provider.replacing  # CloudFormation replaces it, the provider renames it
    assert "snapshot_identifier" in provider.computed  # left out, it stays
    assert "db_subnet_group_name" not in provider.replacing
    assert facts.replacement("aws_flow_log").is_always


def test_a_type_is_known_or_not() -> None:
    assert facts.has_replacement_facts("AWS::SNS::TopicPolicy")
    assert facts.has_replacement_facts("aws_internet_gateway")
    assert not facts.has_replacement_facts("AWS::Nothing::Here")
    assert not facts.has_replacement_facts("aws_nothing")


def test_what_holds_data_is_known_in_both_formats() -> None:
    database, logs = facts.held("AWS::RDS::DBInstance"), facts.held("aws_cloudwatch_log_group")
    assert database == facts.Held("the database and its automated backups", is_guarded=True)
    assert logs == facts.Held("the log events", is_guarded=False)
    assert facts.held("AWS::SNS::Topic") is None
    assert {"AWS::KMS::Key", "aws_db_instance"} <= facts.guarded_types()
    assert "AWS::Logs::LogGroup" not in facts.guarded_types()
