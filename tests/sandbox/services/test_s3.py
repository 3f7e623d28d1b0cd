from __future__ import annotations

import json
from typing import Any

import pytest

HERE = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}


@pytest.fixture
def s3(site: Any) -> Any:
    client = site.client("s3")
    client.create_bucket(Bucket="files-here", **HERE)
    return client


def test_objects_are_written_read_listed_and_deleted(site: Any, s3: Any, refuses: Any) -> None:
    put = s3.put_object(Bucket="files-here", Key="a/ü b", Body=b"hello", ContentType="text/plain", Metadata={"k": "v"})
    got = s3.get_object(Bucket="files-here", Key="a/ü b")
    assert got["Body"].read() == b"hello"
    assert (got["ETag"], got["ContentType"], got["Metadata"]) == (put["ETag"], "text/plain", {"k": "v"})
    assert s3.head_object(Bucket="files-here", Key="a/ü b")["ContentLength"] == 5
    for number in range(3):
        s3.put_object(Bucket="files-here", Key=f"b/{number}", Body=b"")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="files-here")["Contents"]] == [
        "a/ü b",
        "b/0",
        "b/1",
        "b/2",
    ]
    folders = s3.list_objects_v2(Bucket="files-here", Delimiter="/")["CommonPrefixes"]
    assert [item["Prefix"] for item in folders] == ["a/", "b/"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="files-here", PaginationConfig={"PageSize": 3})
    assert [page["KeyCount"] for page in pages] == [3, 1]
    with refuses("BucketNotEmpty", status=409):
        s3.delete_bucket(Bucket="files-here")
    with refuses("PreconditionFailed", status=412):
        s3.put_object(Bucket="files-here", Key="b/0", Body=b"x", IfNoneMatch="*")
    s3.delete_object(Bucket="files-here", Key="a/ü b")
    gone = s3.delete_objects(Bucket="files-here", Delete={"Objects": [{"Key": f"b/{n}"} for n in range(3)]})
    assert len(gone["Deleted"]) == 3
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="files-here", Key="a/ü b")
    with refuses("404", status=404):
        s3.head_object(Bucket="files-here", Key="a/ü b")
    s3.delete_bucket(Bucket="files-here")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.list_objects_v2(Bucket="files-here")
    with refuses("404"):
        s3.head_bucket(Bucket="files-here")
    assert (site.directory / "objects").stat().st_mode & 0o777 == 0o700


def test_versions_stay_behind_a_marker(s3: Any, refuses: Any) -> None:
    s3.put_bucket_versioning(Bucket="files-here", VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket="files-here")["Status"] == "Enabled"
    first = s3.put_object(Bucket="files-here", Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket="files-here", Key="k", Body=b"2")
    marker = s3.delete_object(Bucket="files-here", Key="k")["VersionId"]
    with refuses("NoSuchKey"):
        s3.get_object(Bucket="files-here", Key="k")
    assert s3.get_object(Bucket="files-here", Key="k", VersionId=first)["Body"].read() == b"1"
    listed = s3.list_object_versions(Bucket="files-here")
    assert [item["IsLatest"] for item in listed["Versions"]] == [False, False]
    assert listed["DeleteMarkers"][0]["IsLatest"] is True
    s3.delete_object(Bucket="files-here", Key="k", VersionId=marker)
    assert s3.get_object(Bucket="files-here", Key="k")["Body"].read() == b"2"
    with refuses("NoSuchVersion"):
        s3.get_object(Bucket="files-here", Key="k", VersionId="none")
    with refuses("MalformedXML"):
        s3.put_bucket_versioning(Bucket="files-here", VersioningConfiguration={"MFADelete": "Disabled"})


def test_a_closed_key_closes_the_objects(site: Any, s3: Any, refuses: Any) -> None:
    kms = site.client("kms")
    key = kms.create_key()["KeyMetadata"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]}}
    s3.put_bucket_encryption(Bucket="files-here", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.put_object(Bucket="files-here", Key="k", Body=b"1")["SSEKMSKeyId"] == key["Arn"]
    kms.disable_key(KeyId=key["KeyId"])
    with refuses("KMS.DisabledException"):
        s3.get_object(Bucket="files-here", Key="k")
    with refuses("KMS.DisabledException"):
        s3.put_object(Bucket="files-here", Key="l", Body=b"1")
    wrong = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": key["Arn"]}}
    with refuses("InvalidArgument"):
        s3.put_bucket_encryption(Bucket="files-here", ServerSideEncryptionConfiguration={"Rules": [wrong]})


def test_settings_are_kept_and_missing_ones_named(s3: Any, refuses: Any) -> None:
    bucket = {"Bucket": "files-here"}
    assert s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] is True
    assert s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == (
        "BucketOwnerEnforced"
    )
    for call, code in (
        (s3.get_bucket_policy, "NoSuchBucketPolicy"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
    ):
        with refuses(code, status=404):
            call(**bucket)
    public = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}})
    with refuses("AccessDenied", "public", 403):
        s3.put_bucket_policy(**bucket, Policy=public)
    s3.delete_public_access_block(**bucket)
    s3.put_bucket_policy(**bucket, Policy=public)
    assert s3.get_bucket_policy(**bucket)["Policy"] == public
    s3.delete_bucket_policy(**bucket)
    with refuses("MalformedPolicy"):
        s3.put_bucket_policy(**bucket, Policy="{")
    s3.put_bucket_tagging(**bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(**bucket)["TagSet"] == [{"Key": "a", "Value": "b"}]
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    with refuses("InvalidArgument", "unique"):
        s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": [rule, rule]})
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(**bucket)["Rules"] == [rule]
    assert "LoggingEnabled" not in s3.get_bucket_logging(**bucket)
    target = {"TargetBucket": "files-here", "TargetPrefix": "l/"}
    s3.put_bucket_logging(**bucket, BucketLoggingStatus={"LoggingEnabled": target})
    assert s3.get_bucket_logging(**bucket)["LoggingEnabled"] == target


def test_buckets_belong_to_a_region(site: Any, s3: Any, refuses: Any) -> None:
    assert s3.get_bucket_location(Bucket="files-here")["LocationConstraint"] == "eu-central-1"
    assert s3.head_bucket(Bucket="files-here")["BucketRegion"] == "eu-central-1"
    with refuses("BucketAlreadyOwnedByYou", status=409):
        s3.create_bucket(Bucket="files-here", **HERE)
    with refuses("IllegalLocationConstraintException"):
        s3.create_bucket(Bucket="files-there")
    for name in ("UPPER", "192.168.0.1", "a..b", "xn--abc"):
        with refuses("InvalidBucketName"):
            s3.create_bucket(Bucket=name, **HERE)
    virginia = site.client("s3", "us-east-1")
    virginia.create_bucket(Bucket="files-there")
    virginia.create_bucket(Bucket="files-there")
    assert [item["Name"] for item in s3.list_buckets()["Buckets"]] == ["files-here", "files-there"]


def test_files_go_up_through_the_transfer_manager(s3: Any, tmp_path: Any) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * 100_000)
    s3.upload_file(str(source), "files-here", "f")
    s3.download_file("files-here", "f", str(target))
    assert target.read_bytes() == source.read_bytes()
