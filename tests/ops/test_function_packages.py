"""The code of functions: found from the plan, uploaded under its digest once somebody approved, and not again."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import AnswerIsNo, EnvironmentLacking, InputRefused
from mainstay.ops.deploy import deploy
from mainstay.ops.deployment import Deployed, Review
from mainstay.ops.function_packages import FunctionPackage, needs_ca_bundle, packages_of, read_ca_bundle
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Parameter, Plan, RegionPlan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import Function, Role
from mainstay.plan.values import Param, Ref

Fixture = Any  # fixtures of conftest
PARAMETERS = ("CodeBucket", "RotateCode")
BUCKET = "mainstay-artifacts-123456789012-eu-central-1"
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\n"


def region(**changes: Any) -> RegionPlan:
    function = Function(
        key="Rotate",
        role=Ref("Role"),
        handler="mainstay.functions.rotation.handler",
        code_bucket=Param("CodeBucket"),
        code_key=Param("RotateCode"),
        architectures=("arm64",),
    )
    return RegionPlan(
        region="eu-central-1",
        parameters=tuple(Parameter(name=name) for name in PARAMETERS),
        resources=(Role(key="Role", trust=Policy(())), replace(function, **changes)),
    )


def names(placed: FunctionPackage) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(placed.package.content)) as archive:
        return set(archive.namelist())


def put(place: Fixture, stack: str, *, display: str = "one", **options: Any) -> Deployed:
    """A deployment whose plan has a function and whose template has what the sandbox needs to be asked for one."""
    text = json.dumps(
        {
            "Parameters": {name: {"Type": "String"} for name in PARAMETERS},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": display}}},
            "Outputs": {name: {"Value": {"Ref": name}} for name in PARAMETERS},
        }
    )
    given = {"approve": lambda _: True, "journal": place.journal, **options}
    return deploy(place.site, Plan(regions=(region(),)), text, stack=stack, **given)


def objects(place: Fixture, bucket: str = BUCKET) -> dict[str, int]:
    """Keys of packages in a bucket, with how often each was put there."""
    s3 = place.site.doors.s3._client
    found: dict[str, int] = {}
    for version in s3.list_object_versions(Bucket=bucket, Prefix="functions/").get("Versions", []):
        found[version["Key"]] = found.get(version["Key"], 0) + 1
    return found


def test_a_plan_says_which_package_each_function_is() -> None:
    (placed,) = packages_of(region(), Intent(), ca_bundle=CERTIFICATE)
    assert (placed.function, placed.bucket_parameter, placed.key_parameter) == ("Rotate", *PARAMETERS)
    assert placed.package.name == "rotation"
    assert placed.key == f"functions/rotation-{placed.package.sha256}.zip"
    assert {"ca.pem", "mainstay/functions/rotation.py"} < names(placed)
    assert "manifest.json" not in names(placed)


def test_what_is_none_of_ours_or_given_by_somebody_is_left_alone() -> None:
    for changes in (
        {"handler": "index.handler"},
        {"handler": Param("CodeBucket")},
        {"code_bucket": "their-bucket"},
        {"code_key": "their.zip"},
    ):
        assert packages_of(region(**changes), Intent(), ca_bundle=None) == ()
    assert packages_of(region(), Intent(), ca_bundle=None, given={"RotateCode": "x"}) == ()
    assert needs_ca_bundle(region())
    assert not needs_ca_bundle(region(), {"RotateCode": "x"})
    assert not needs_ca_bundle(region(handler="index.handler"))


def test_other_certificates_or_another_manifest_are_another_key() -> None:
    validation = region(handler="mainstay.functions.validation.handler")
    keys = {
        packages_of(plan, intent, ca_bundle=bundle)[0].key
        for plan, intent, bundle in (
            (validation, Intent(), CERTIFICATE),
            (validation, Intent(), None),
            (validation, Intent(manifest="{}"), CERTIFICATE),
            (region(), Intent(manifest="{}"), CERTIFICATE),
            (region(), Intent(), CERTIFICATE),
        )
    }
    assert len(keys) == 4  # rotation takes no manifest
    (placed,) = packages_of(validation, Intent(manifest='{"version": "17"}'), ca_bundle=None)
    with zipfile.ZipFile(io.BytesIO(placed.package.content)) as archive:
        assert archive.read("manifest.json") == b'{"version": "17"}'


def test_a_function_that_names_no_architecture_gets_lambda_s_own() -> None:
    (placed,) = packages_of(region(architectures=()), Intent(), ca_bundle=None)
    assert placed.package.architecture == "x86_64"


def test_certificates_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="no certificates to pack") as lacking:
        read_ca_bundle(None)
    assert "global-bundle.pem" in lacking.value.hint
    with pytest.raises(EnvironmentLacking, match="cannot be read"):
        read_ca_bundle(tmp_path / "missing.pem")
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("hello")
    with pytest.raises(InputRefused, match="not a ca bundle"):
        read_ca_bundle(wrong)
    wrong.write_bytes(CERTIFICATE)
    assert read_ca_bundle(wrong) == CERTIFICATE


def test_nothing_is_uploaded_that_nobody_approved(place: Fixture) -> None:
    seen: list[Review] = []

    def decline(review: Review) -> bool:
        seen.append(review)
        return False

    with pytest.raises(AnswerIsNo):
        put(place, "declined-code", approve=decline)
    (upload,) = seen[0].uploads
    assert upload.bucket == BUCKET
    assert upload.key.startswith("functions/rotation-")
    assert upload.size > 100_000
    buckets = [bucket["Name"] for bucket in place.site.doors.s3._client.list_buckets()["Buckets"]]
    assert BUCKET not in buckets or upload.key not in objects(place)


def test_a_package_is_placed_once_and_the_same_code_is_no_change(place: Fixture, heard: Fixture) -> None:
    first = put(place, "coded", progress=heard)
    key = first.outputs["RotateCode"]
    assert first.outputs["CodeBucket"] == BUCKET
    assert objects(place)[key] == 1
    assert f"{key} placed in {BUCKET}" in heard.notes
    again = put(place, "coded", approve=lambda _: pytest.fail("asked"), progress=heard)
    assert not again.has_changed
    changed = put(place, "coded", display="two", progress=heard)
    assert changed.outputs["RotateCode"] == key
    assert objects(place)[key] == 1
    assert f"{key} lies in {BUCKET} already" in heard.notes


def test_a_bucket_of_one_s_own_is_used_and_given_code_is_not_packed(place: Fixture) -> None:
    place.site.doors.s3._client.create_bucket(
        Bucket="own-code", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    result = put(place, "own-bucket", parameters={"CodeBucket": "own-code"})
    assert list(objects(place, "own-code")) == [result.outputs["RotateCode"]]
    given = put(place, "own-key", parameters={"CodeBucket": "own-code", "RotateCode": "mine.zip"})
    assert given.outputs["RotateCode"] == "mine.zip"
    assert len(objects(place, "own-code")) == 1


def test_in_an_account_certificates_are_packed(place: Fixture, tmp_path: Path) -> None:
    account = replace(place, site=replace(place.site, label="aws", ca_bundle=None))
    with pytest.raises(EnvironmentLacking, match="no certificates to pack"):
        put(account, "in-account")
    bundle = tmp_path / "rds.pem"
    bundle.write_bytes(CERTIFICATE)
    trusting = replace(place, site=replace(place.site, label="aws", ca_bundle=bundle))
    key = put(trusting, "in-account").outputs["RotateCode"]
    stored = place.site.doors.s3._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        assert archive.read("ca.pem") == CERTIFICATE
