"""S3: buckets with their settings. Objects are in s3_objects.py."""

from __future__ import annotations

import re
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import s3_locks, s3_objects
from mainstay.sandbox.services.handler import Answer, Handler, Params, Table, policy_document, refuse_if
from mainstay.sandbox.services.s3_objects import BUCKET, bucket_of
from mainstay.sandbox.state import Transaction


def create_bucket(tx: Transaction, params: Params) -> Answer:
    """A bucket of this region; encrypted and closed to the public, as every new bucket is since April 2023."""
    name = params["Bucket"]
    _check_name(name)
    wanted = params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    # us-east-1 takes no constraint, every other region demands its own: S3 API, CreateBucket, checked 2026-11-21.
    expected = None if tx.region == "us-east-1" else tx.region
    message = "The unspecified location constraint is incompatible for the region specific endpoint."
    refuse_if(wanted != expected, "IllegalLocationConstraintException", message)
    if tx.get(BUCKET, name):
        is_silent = tx.region == "us-east-1"  # the one region that answers a second creation with success
        owned = "Your previous request to create the named bucket succeeded and you already own it."
        refuse_if(not is_silent, "BucketAlreadyOwnedByYou", owned, 409)
        return {"Location": f"/{name}"}
    encryption = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    ownership = {"Rules": [{"ObjectOwnership": params.get("ObjectOwnership", "BucketOwnerEnforced")}]}
    settings = {"encryption": {"Rules": [encryption]}, "public_access": block, "ownership": ownership}
    if params.get("ObjectLockEnabledForBucket"):
        settings |= {"object_lock": {"ObjectLockEnabled": "Enabled"}, "versioning": "Enabled"}
    created = render_time(tx.now)
    tx.put(BUCKET, name, {"Name": name, "CreationDate": created, "region": tx.region, "settings": settings})
    return {"Location": f"http://{name}.s3.amazonaws.com/" if wanted else f"/{name}"}


def head_bucket(tx: Transaction, params: Params) -> Answer:
    """Whether a bucket is there, and in which region."""
    bucket = tx.require(BUCKET, params["Bucket"], ServiceError("404", "Not Found", 404))
    return {"BucketRegion": bucket["region"]}


def delete_bucket(tx: Transaction, params: Params) -> Answer:
    """Remove an empty bucket."""
    name = bucket_of(tx, params)["Name"]
    is_empty = not s3_objects.versions_of(tx, name)
    refuse_if(not is_empty, "BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
    tx.delete(BUCKET, name)
    return {}


def list_buckets(tx: Transaction, params: Params) -> Answer:
    """Every bucket of the account."""
    found = sorted(tx.all(BUCKET), key=lambda bucket: str(bucket["Name"]))
    wanted = params.get("Prefix", "")
    shown = [
        {"Name": bucket["Name"], "CreationDate": bucket["CreationDate"]}
        for bucket in found
        if bucket["Name"].startswith(wanted)
    ]
    return {"Buckets": shown, "Owner": {"ID": "sandbox", "DisplayName": "sandbox"}}


def get_bucket_location(tx: Transaction, params: Params) -> Answer:
    """The bucket's region; nothing for us-east-1."""
    region = bucket_of(tx, params)["region"]
    return {} if region == "us-east-1" else {"LocationConstraint": region}


def get_bucket_versioning(tx: Transaction, params: Params) -> Answer:
    """Enabled, Suspended, or nothing when it never was on."""
    status = bucket_of(tx, params)["settings"].get("versioning")
    return {"Status": status} if status else {}


def put_bucket_versioning(tx: Transaction, params: Params) -> Answer:
    """Keep old versions from now on, or no more."""
    status = params["VersioningConfiguration"].get("Status")
    refuse_if(
        status not in ("Enabled", "Suspended"),
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
    has_lock = "object_lock" in bucket_of(tx, params)["settings"]
    told = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
    refuse_if(has_lock and status == "Suspended", "InvalidBucketState", told, 409)
    return _set(tx, params, "versioning", status)


def put_object_lock_configuration(tx: Transaction, params: Params) -> Answer:
    """How each new object is locked; possible for a versioned bucket, and never taken back."""
    is_versioned = bucket_of(tx, params)["settings"].get("versioning") == "Enabled"
    told = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
    refuse_if(not is_versioned, "InvalidBucketState", told, 409)
    return _set(tx, params, "object_lock", s3_locks.check_configuration(params["ObjectLockConfiguration"]))


def get_object_lock_configuration(tx: Transaction, params: Params) -> Answer:
    """How each new object is locked."""
    message = "Object Lock configuration does not exist for this bucket"
    found = _get(tx, params, "object_lock", "ObjectLockConfigurationNotFoundError", message)
    return {"ObjectLockConfiguration": found}


def put_bucket_policy(tx: Transaction, params: Params) -> Answer:
    """Replace the bucket's policy; a public one is refused while the bucket blocks public policies."""
    bucket = bucket_of(tx, params)
    message = "Policies must be valid JSON and the first byte must be '{'"
    document = policy_document(params["Policy"], code="MalformedPolicy", message=message)
    is_blocked = bucket["settings"].get("public_access", {}).get("BlockPublicPolicy")
    denied = (
        "User: sandbox is not authorized to perform: s3:PutBucketPolicy because public policies are blocked by the "
    )
    refuse_if(
        is_blocked and s3_objects.is_public(document),
        "AccessDenied",
        f"{denied}BlockPublicPolicy block public access setting.",
        403,
    )
    return _set(tx, params, "policy", params["Policy"])


def get_bucket_policy(tx: Transaction, params: Params) -> Answer:
    """The bucket's policy."""
    policy = _get(tx, params, "policy", "NoSuchBucketPolicy", "The bucket policy does not exist")
    return {"Policy": policy}


def put_bucket_encryption(tx: Transaction, params: Params) -> Answer:
    """Another default encryption."""
    rules = params["ServerSideEncryptionConfiguration"]["Rules"]
    for rule in rules:
        chosen = rule.get("ApplyServerSideEncryptionByDefault", {})
        key_without_kms = "KMSMasterKeyID" in chosen and not chosen["SSEAlgorithm"].startswith("aws:kms")
        message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms"
        refuse_if(key_without_kms, "InvalidArgument", message)
    return _set(tx, params, "encryption", {"Rules": rules})


def get_bucket_encryption(tx: Transaction, params: Params) -> Answer:
    """The default encryption."""
    return {"ServerSideEncryptionConfiguration": bucket_of(tx, params)["settings"]["encryption"]}


def put_bucket_lifecycle_configuration(tx: Transaction, params: Params) -> Answer:
    """Replace the lifecycle rules."""
    rules = params.get("LifecycleConfiguration", {}).get("Rules", [])
    names = [rule["ID"] for rule in rules if "ID" in rule]
    message = "Rule ID must be unique. Found same ID for more than one rule"
    refuse_if(len(names) != len(set(names)), "InvalidArgument", message)
    return _set(tx, params, "lifecycle", rules)


def get_bucket_lifecycle_configuration(tx: Transaction, params: Params) -> Answer:
    """The lifecycle rules."""
    message = "The lifecycle configuration does not exist"
    return {"Rules": _get(tx, params, "lifecycle", "NoSuchLifecycleConfiguration", message)}


def get_public_access_block(tx: Transaction, params: Params) -> Answer:
    """The four switches."""
    message = "The public access block configuration was not found"
    block = _get(tx, params, "public_access", "NoSuchPublicAccessBlockConfiguration", message)
    return {"PublicAccessBlockConfiguration": block}


def get_bucket_ownership_controls(tx: Transaction, params: Params) -> Answer:
    """Who owns what is put into the bucket."""
    message = "The bucket ownership controls were not found"
    return {"OwnershipControls": _get(tx, params, "ownership", "OwnershipControlsNotFoundError", message)}


def get_bucket_tagging(tx: Transaction, params: Params) -> Answer:
    """The tags of a bucket."""
    return {"TagSet": _get(tx, params, "tags", "NoSuchTagSet", "The TagSet does not exist")}


def get_bucket_logging(tx: Transaction, params: Params) -> Answer:
    """Where access is logged; nothing when it is not."""
    logging = bucket_of(tx, params)["settings"].get("logging")
    return {"LoggingEnabled": logging} if logging else {}


def _putting(setting: str, member: str, inner: str | None = None) -> Handler:
    def put(tx: Transaction, params: Params) -> Answer:
        value = params[member]
        return _set(tx, params, setting, value.get(inner) if inner else value)

    return put


def _removing(setting: str) -> Handler:
    def remove(tx: Transaction, params: Params) -> Answer:
        bucket = bucket_of(tx, params)
        bucket["settings"].pop(setting, None)
        tx.put(BUCKET, bucket["Name"], bucket)
        return {}

    return remove


def _set(tx: Transaction, params: Params, setting: str, value: Any) -> Answer:  # Any: JSON of many shapes
    bucket = bucket_of(tx, params)
    bucket["settings"][setting] = value
    tx.put(BUCKET, bucket["Name"], bucket)
    return {}


def _get(tx: Transaction, params: Params, setting: str, code: str, message: str) -> Any:  # Any: see _set
    value = bucket_of(tx, params)["settings"].get(setting)
    refuse_if(value is None, code, message, 404)
    return value


def _check_name(name: str) -> None:
    """The rules of a general purpose bucket: S3 guide, bucketnamingrules, checked 2026-11-21."""
    is_name = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) and ".." not in name
    is_address = re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name)
    is_reserved = name.startswith(("xn--", "sthree-")) or name.endswith(("-s3alias", "--ol-s3"))
    refuse_if(not is_name or is_address or is_reserved, "InvalidBucketName", "The specified bucket is not valid.")


HANDLERS: Final[Table] = {
    "CreateBucket": create_bucket,
    "HeadBucket": head_bucket,
    "DeleteBucket": delete_bucket,
    "ListBuckets": list_buckets,
    "GetBucketLocation": get_bucket_location,
    "GetBucketVersioning": get_bucket_versioning,
    "PutBucketVersioning": put_bucket_versioning,
    "PutObjectLockConfiguration": put_object_lock_configuration,
    "GetObjectLockConfiguration": get_object_lock_configuration,
    "PutBucketPolicy": put_bucket_policy,
    "GetBucketPolicy": get_bucket_policy,
    "DeleteBucketPolicy": _removing("policy"),
    "PutBucketEncryption": put_bucket_encryption,
    "GetBucketEncryption": get_bucket_encryption,
    "PutBucketLifecycleConfiguration": put_bucket_lifecycle_configuration,
    "GetBucketLifecycleConfiguration": get_bucket_lifecycle_configuration,
    "DeleteBucketLifecycle": _removing("lifecycle"),
    "PutPublicAccessBlock": _putting("public_access", "PublicAccessBlockConfiguration"),
    "GetPublicAccessBlock": get_public_access_block,
    "DeletePublicAccessBlock": _removing("public_access"),
    "PutBucketOwnershipControls": _putting("ownership", "OwnershipControls"),
    "GetBucketOwnershipControls": get_bucket_ownership_controls,
    "PutBucketTagging": _putting("tags", "Tagging", "TagSet"),
    "GetBucketTagging": get_bucket_tagging,
    "DeleteBucketTagging": _removing("tags"),
    "PutBucketLogging": _putting("logging", "BucketLoggingStatus", "LoggingEnabled"),
    "GetBucketLogging": get_bucket_logging,
    **s3_objects.HANDLERS,
}
