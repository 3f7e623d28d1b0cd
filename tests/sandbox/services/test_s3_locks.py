"""Object lock in the sandbox's S3: what is locked stays, by the mode, until its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

WEEK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}}}
SOON = datetime.now(UTC) + timedelta(days=1)
BOTH = {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}
LATER = SOON + timedelta(days=9)


@pytest.fixture
def s3(site: Any) -> Any:
    """Two buckets: one with object lock, and one without."""
    client = site.client("s3")
    here = {"LocationConstraint": client.meta.region_name}
    client.create_bucket(Bucket="locked", CreateBucketConfiguration=here, ObjectLockEnabledForBucket=True)
    client.create_bucket(Bucket="plain", CreateBucketConfiguration=here)
    return client


def put(s3: Any, **members: Any) -> str:
    return str(s3.put_object(Bucket="locked", Key="k", Body=b"x", **members)["VersionId"])


def lock(mode: str, until: datetime = LATER) -> dict[str, Any]:
    return {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until}


def test_a_bucket_with_object_lock_keeps_versions_for_ever(s3: Any, refuses: Any) -> None:
    assert s3.get_bucket_versioning(Bucket="locked")["Status"] == "Enabled"
    with refuses("InvalidBucketState"):
        s3.put_bucket_versioning(Bucket="locked", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=WEEK)
    assert s3.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"] == WEEK


def test_a_new_object_is_locked_as_the_bucket_says(s3: Any, refuses: Any) -> None:
    free = put(s3)
    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=WEEK)
    version = put(s3)
    about = s3.get_object_retention(Bucket="locked", Key="k")["Retention"]
    assert about["Mode"] == "GOVERNANCE"
    assert timedelta(days=6, hours=23) < about["RetainUntilDate"] - datetime.now(UTC) <= timedelta(days=7)
    assert s3.head_object(Bucket="locked", Key="k")["ObjectLockMode"] == "GOVERNANCE"
    s3.delete_object(Bucket="locked", Key="k", VersionId=free)
    with refuses("AccessDenied"):
        s3.delete_object(Bucket="locked", Key="k", VersionId=version)
    assert s3.delete_object(Bucket="locked", Key="k")["DeleteMarker"] is True  # it hides, and deletes nothing
    assert s3.get_object(Bucket="locked", Key="k", VersionId=version)["Body"].read() == b"x"
    with refuses("BucketNotEmpty"):
        s3.delete_bucket(Bucket="locked")


def test_governance_lets_those_through_who_may(s3: Any) -> None:
    version = put(s3, **lock("GOVERNANCE"))
    s3.delete_object(Bucket="locked", Key="k", VersionId=version, BypassGovernanceRetention=True)
    assert s3.list_object_versions(Bucket="locked")["Versions"] == []


def test_compliance_lets_nobody_through(s3: Any, refuses: Any) -> None:
    version = put(s3, **lock("COMPLIANCE"))
    with refuses("AccessDenied"):
        s3.delete_object(Bucket="locked", Key="k", VersionId=version, BypassGovernanceRetention=True)
    asked = {"Bucket": "locked", "Key": "k", "BypassGovernanceRetention": True}
    with refuses("AccessDenied"):
        s3.put_object_retention(**asked, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": SOON})
    with refuses("AccessDenied"):
        s3.put_object_retention(**asked, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": LATER})
    longer = {"Mode": "COMPLIANCE", "RetainUntilDate": LATER + timedelta(days=1)}
    s3.put_object_retention(**asked, Retention=longer)
    assert s3.get_object_retention(Bucket="locked", Key="k")["Retention"]["RetainUntilDate"] > LATER


def test_a_governance_lock_is_shortened_by_those_who_may(s3: Any, refuses: Any) -> None:
    put(s3, **lock("GOVERNANCE"))
    asked = {"Bucket": "locked", "Key": "k", "Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": SOON}}
    with refuses("AccessDenied"):
        s3.put_object_retention(**asked)
    s3.put_object_retention(**asked, BypassGovernanceRetention=True)


def test_of_many_objects_those_that_are_locked_stay(s3: Any) -> None:
    locked, free = put(s3, **lock("COMPLIANCE")), put(s3)
    objects = [{"Key": "k", "VersionId": version} for version in (locked, free)]
    answer = s3.delete_objects(Bucket="locked", Delete={"Objects": objects})
    assert [each["VersionId"] for each in answer["Deleted"]] == [free]
    assert [(each["VersionId"], each["Code"]) for each in answer["Errors"]] == [(locked, "AccessDenied")]


def test_what_cannot_be_locked_is_refused(s3: Any, refuses: Any) -> None:
    with refuses("InvalidRequest"):
        s3.put_object(Bucket="plain", Key="k", Body=b"x", **lock("GOVERNANCE"))
    with refuses("ObjectLockConfigurationNotFoundError"):
        s3.get_object_lock_configuration(Bucket="plain")
    with refuses("InvalidBucketState"):
        s3.put_object_lock_configuration(Bucket="plain", ObjectLockConfiguration=WEEK)
    with refuses("InvalidArgument"):
        put(s3, **lock("GOVERNANCE", datetime.now(UTC) - timedelta(seconds=1)))
    with refuses("MalformedXML"):
        put(s3, ObjectLockMode="GOVERNANCE")
    put(s3)
    with refuses("NoSuchObjectLockConfiguration"):
        s3.get_object_retention(Bucket="locked", Key="k")


@pytest.mark.parametrize(
    ("configuration", "code"),
    [
        ({}, "MalformedXML"),
        ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE"}}}, "MalformedXML"),
        ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Days": 1}}}, "MalformedXML"),
        (
            {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": BOTH},
            },
            "MalformedXML",
        ),
        (
            {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 0}}},
            "InvalidArgument",
        ),
    ],
)
def test_a_lock_that_s3_does_not_understand(s3: Any, refuses: Any, configuration: Any, code: str) -> None:
    with refuses(code):
        s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=configuration)


def test_years_count_too_and_a_wrong_checksum_is_seen(s3: Any, refuses: Any) -> None:
    years = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}
    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=years)
    put(s3)
    until = s3.get_object_retention(Bucket="locked", Key="k")["Retention"]["RetainUntilDate"]
    assert until - datetime.now(UTC) > timedelta(days=364)
    with refuses("BadDigest"):
        put(s3, ChecksumSHA256="AAAA")
