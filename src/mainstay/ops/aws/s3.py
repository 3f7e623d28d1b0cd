"""Buckets: for artifacts (templates too large for a request, the code of functions), and for evidence."""

from __future__ import annotations

import base64
import hashlib
import json

from mainstay.core.errors import TargetRefused
from mainstay.ops.aws.door import Door, found
from mainstay.ops.aws.errors import code_of, is_already_there
from mainstay.ops.aws.sts import Caller


def artifact_bucket(account: str, region: str) -> str:
    """The name of the one artifact bucket of an account in a region."""
    return f"mainstay-artifacts-{account}-{region}"


class S3Door(Door):
    """Questions to S3."""

    def ensure_artifact_bucket(self, caller: Caller, region: str) -> str:
        """The artifact bucket's name; made when missing, and made private, encrypted, versioned, TLS only."""
        name = artifact_bucket(caller.account, region)
        self._create(name, region)
        self._ask(
            "PutPublicAccessBlock",
            Bucket=name,
            ExpectedBucketOwner=caller.account,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self._ask(
            "PutBucketEncryption",
            Bucket=name,
            ExpectedBucketOwner=caller.account,
            ServerSideEncryptionConfiguration={"Rules": [rule]},
        )
        self._ask(
            "PutBucketVersioning",
            Bucket=name,
            ExpectedBucketOwner=caller.account,
            VersioningConfiguration={"Status": "Enabled"},
        )
        policy = json.dumps(_tls_only(name, caller.partition))
        self._ask("PutBucketPolicy", Bucket=name, ExpectedBucketOwner=caller.account, Policy=policy)
        return name

    def holds(self, bucket: str, key: str) -> bool:
        """Whether an object lies there."""
        return found(lambda: self._ask("HeadObject", Bucket=bucket, Key=key)) is not None

    def upload(self, bucket: str, key: str, body: bytes) -> str:
        """Put an object; its https address, as CloudFormation takes it."""
        self._ask("PutObject", Bucket=bucket, Key=key, Body=body)
        return f"https://{bucket}.s3.{self._client.meta.region_name}.amazonaws.com/{key}"

    def put_once(self, bucket: str, key: str, body: bytes) -> None:
        """Put an object that is not there yet, and have S3 compare its SHA-256; TargetRefused when it is there."""
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        self._ask("PutObject", Bucket=bucket, Key=key, Body=body, ChecksumSHA256=checksum, IfNoneMatch="*")

    def keys(self, bucket: str, prefix: str) -> frozenset[str]:
        """Every key below a prefix."""
        return frozenset(
            str(item["Key"]) for item in self._pages("ListObjectsV2", "Contents", Bucket=bucket, Prefix=prefix)
        )

    def read(self, bucket: str, key: str) -> bytes:
        """An object's bytes."""
        return bytes(self._ask("GetObject", Bucket=bucket, Key=key)["Body"].read())

    def _create(self, name: str, region: str) -> None:
        # us-east-1 is the one region that must not be named (S3 API Reference, CreateBucket, not re-read).
        where = None if region == "us-east-1" else {"LocationConstraint": region}
        try:
            self._ask("CreateBucket", Bucket=name, CreateBucketConfiguration=where)
        except TargetRefused as error:
            if code_of(error) == "BucketAlreadyExists":
                raise TargetRefused(
                    "the artifact bucket belongs to somebody else",
                    detail=f"Bucket {name} exists in another account.",
                    hint="make the template smaller than 51,200 bytes, or deploy in another region",
                ) from error
            if not is_already_there(error):
                raise


def _tls_only(bucket: str, partition: str) -> dict[str, object]:
    arn = f"arn:{partition}:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
