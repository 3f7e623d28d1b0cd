from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.generated_secrets import PUNCTUATION, generated_value, random_password


@pytest.fixture
def secrets(site: Any) -> Any:
    return site.client("secretsmanager")


def test_a_secret_is_found_by_name_and_both_forms_of_its_arn(secrets: Any, refuses: Any) -> None:
    arn = secrets.create_secret(Name="app/db", SecretString="v1", Tags=[{"Key": "a", "Value": "b"}])["ARN"]
    for name in ("app/db", arn, arn[:-7]):
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == "v1"
    for name in ("app", arn[:-3] + "xyz"):
        with refuses("ResourceNotFoundException"):
            secrets.get_secret_value(SecretId=name)


def test_versions_move_through_their_stages(secrets: Any, refuses: Any) -> None:
    secrets.create_secret(Name="s", SecretString="one", ClientRequestToken="a" * 32)
    secrets.put_secret_value(SecretId="s", SecretString="two", ClientRequestToken="b" * 32)
    pending = secrets.put_secret_value(SecretId="s", SecretString="three", VersionStages=["AWSPENDING"])["VersionId"]
    values = {stage: secrets.get_secret_value(SecretId="s", VersionStage=stage)["SecretString"]
              for stage in ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")}  # fmt: skip
    assert values == {"AWSCURRENT": "two", "AWSPREVIOUS": "one", "AWSPENDING": "three"}
    with refuses("InvalidParameterException", "RemoveFromVersionId"):
        secrets.update_secret_version_stage(SecretId="s", VersionStage="AWSCURRENT", MoveToVersionId=pending)
    secrets.update_secret_version_stage(
        SecretId="s", VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId="b" * 32
    )
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "three"
    assert secrets.get_secret_value(SecretId="s", VersionStage="AWSPREVIOUS")["SecretString"] == "two"
    assert secrets.get_secret_value(SecretId="s", VersionId="a" * 32)["SecretString"] == "one"
    listed = secrets.list_secret_version_ids(SecretId="s")["Versions"]
    assert len(listed) == 2
    assert len(secrets.list_secret_version_ids(SecretId="s", IncludeDeprecated=True)["Versions"]) == 3
    secrets.update_secret_version_stage(SecretId="s", VersionStage="AWSPENDING", RemoveFromVersionId=pending)
    with refuses("ResourceNotFoundException", "AWSPENDING"):
        secrets.get_secret_value(SecretId="s", VersionStage="AWSPENDING")


def test_a_token_stands_for_one_value(secrets: Any, refuses: Any) -> None:
    secrets.create_secret(Name="s", SecretString="one", ClientRequestToken="a" * 32)
    secrets.put_secret_value(SecretId="s", SecretString="one", ClientRequestToken="a" * 32)
    with refuses("ResourceExistsException"):
        secrets.put_secret_value(SecretId="s", SecretString="other", ClientRequestToken="a" * 32)


def test_deletion_waits_and_can_be_taken_back(secrets: Any, refuses: Any) -> None:
    secrets.create_secret(Name="s", SecretString="one")
    for days in (6, 31):
        with refuses("InvalidParameterException", "between 7 and 30"):
            secrets.delete_secret(SecretId="s", RecoveryWindowInDays=days)
    with refuses("InvalidParameterException", "conjunction"):
        secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True)
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    with refuses("InvalidRequestException", "marked for deletion"):
        secrets.get_secret_value(SecretId="s")
    with refuses("InvalidRequestException", "already scheduled"):
        secrets.create_secret(Name="s")
    assert secrets.list_secrets()["SecretList"] == []
    assert "DeletedDate" in secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"][0]
    secrets.restore_secret(SecretId="s")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "one"
    secrets.delete_secret(SecretId="s", ForceDeleteWithoutRecovery=True)
    with refuses("ResourceNotFoundException"):
        secrets.describe_secret(SecretId="s")


def test_a_disabled_key_closes_the_secret(site: Any, secrets: Any, refuses: Any) -> None:
    kms = site.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name="s", SecretString="one", KmsKeyId=key)
    kms.disable_key(KeyId=key)
    with refuses("DecryptionFailure", "Disabled"):
        secrets.get_secret_value(SecretId="s")
    with refuses("EncryptionFailure"):
        secrets.update_secret(SecretId="s", KmsKeyId=key)
    with refuses("InvalidParameterException", "another service"):
        secrets.create_secret(Name="t", KmsKeyId="alias/aws/rds")


def test_description_tags_filters(secrets: Any, refuses: Any) -> None:
    secrets.create_secret(Name="app-one", Description="first", SecretString="x")
    secrets.create_secret(Name="other")
    secrets.update_secret(SecretId="app-one", Description="changed", SecretString="y")
    secrets.tag_resource(SecretId="app-one", Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}])
    secrets.untag_resource(SecretId="app-one", TagKeys=["c"])
    described = secrets.describe_secret(SecretId="app-one")
    assert described["Description"] == "changed"
    assert described["Tags"] == [{"Key": "a", "Value": "b"}]
    assert sorted(stage for stages in described["VersionIdsToStages"].values() for stage in stages) == [
        "AWSCURRENT",
        "AWSPREVIOUS",
    ]
    found = secrets.list_secrets(Filters=[{"Key": "name", "Values": ["app"]}])["SecretList"]
    assert [item["Name"] for item in found] == ["app-one"]
    with refuses("ResourceNotFoundException"):
        secrets.get_secret_value(SecretId="other")
    with refuses("ValidationException"):
        secrets.create_secret(Name="no spaces")
    with refuses("InvalidParameterException", "secret strings only"):
        secrets.create_secret(Name="b", SecretBinary=b"x")
    with refuses("InvalidRequestException"):
        secrets.put_secret_value(SecretId="other")
    assert len(secrets.get_random_password(PasswordLength=12)["RandomPassword"]) == 12


@given(
    length=st.integers(4, 200),
    excluded=st.text(string.printable, max_size=20),
    no_punctuation=st.booleans(),
)
def test_generated_passwords_keep_their_promises(length: int, excluded: str, no_punctuation: bool) -> None:
    params = {"PasswordLength": length, "ExcludeCharacters": excluded, "ExcludePunctuation": no_punctuation}
    made = random_password(params)
    assert len(made) == length
    assert not set(made) & set(excluded)
    kinds = [string.ascii_lowercase, string.ascii_uppercase, string.digits, *([] if no_punctuation else [PUNCTUATION])]
    for kind in kinds:
        assert set(made) & set(kind) or set(kind) <= set(excluded)


def test_passwords_that_cannot_be_are_refused() -> None:
    for params in ({"PasswordLength": 3}, {"PasswordLength": 4097}, {"ExcludeCharacters": string.printable}):
        with pytest.raises(ServiceError, match="InvalidParameterException"):
            random_password(params)
    assert random_password({"PasswordLength": 3, "RequireEachIncludedType": False})


def test_a_template_is_completed() -> None:
    made = json.loads(generated_value('{"username": "master"}', "password", {"PasswordLength": 20}))
    assert made["username"] == "master"
    assert len(made["password"]) == 20
    assert len(generated_value(None, None, {})) == 32
    for template, key in (("[]", "k"), ("{", "k"), ("{}", None), (None, "k")):
        with pytest.raises(ServiceError, match="JSON object"):
            generated_value(template, key, {})
