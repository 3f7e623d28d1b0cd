"""S3 objects: their bytes are files under the sandbox's directory, named by their content, their facts are records.

A file is written under its SHA-256 before the record that names it is committed, so a process that dies in between
leaves an unreferenced file and never a record without its bytes.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import EnvironmentLacking
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys, s3_locks
from mainstay.sandbox.services.handler import Answer, Params, Table, as_list, page, refuse_if, statements
from mainstay.sandbox.state import Record, Transaction

BUCKET, OBJECT = "s3:bucket", "s3:object"
PAGE: Final = 1000


def bucket_of(tx: Transaction, params: Params) -> Record:
    """The bucket that the parameters name, or NoSuchBucket."""
    return tx.require(
        BUCKET, params["Bucket"], ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)
    )


def versions_of(tx: Transaction, bucket: str) -> list[Record]:
    """Every version of every object of a bucket, oldest first."""
    return tx.all(OBJECT, prefix=f"{bucket}\n")


def is_public(document: dict[str, Any]) -> bool:
    """Whether a policy lets anybody in without a condition."""
    return any(
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and (statement.get("Principal") == "*" or "*" in as_list((statement.get("Principal") or {}).get("AWS")))
        for statement in statements(document)
    )


def put_object(tx: Transaction, params: Params) -> Answer:
    """Write an object; in a versioned bucket the older ones stay."""
    bucket = bucket_of(tx, params)
    content = _bytes(params.get("Body", b""))
    _refuse_damaged(content, params.get("ChecksumSHA256"))
    wanted = params.get("IfNoneMatch")
    exists = _current(tx, bucket["Name"], params["Key"]) is not None
    failed = "At least one of the pre-conditions you specified did not hold"
    refuse_if(wanted == "*" and exists, "PreconditionFailed", failed, 412)
    version = secrets.token_urlsafe(24) if bucket["settings"].get("versioning") == "Enabled" else "null"
    facts = {
        "Key": params["Key"],
        "VersionId": version,
        "ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
        "Size": len(content),
        "LastModified": render_time(tx.now),
        "ContentType": params.get("ContentType", "binary/octet-stream"),
        "Metadata": params.get("Metadata", {}),
        "StorageClass": params.get("StorageClass", "STANDARD"),
        "encryption": _encryption(tx, bucket, params),
        "lock": s3_locks.retention_of_new(tx, bucket, params),
        "file": store(tx.directory, content),
    }
    _write(tx, bucket["Name"], facts)
    answer = {"ETag": facts["ETag"], **facts["encryption"]}
    return answer if version == "null" else {**answer, "VersionId": version}


def get_object(tx: Transaction, params: Params) -> Answer:
    """An object's facts and bytes; refused while its key cannot be used."""
    facts = _find(tx, params)
    key = facts["encryption"].get("SSEKMSKeyId")
    if key:
        found = keys.find(tx, key)
        state = found["KeyState"] if found else "gone"
        refuse_if(state != "Enabled", "KMS.DisabledException", f"{key} is {state.lower()}.")
    content = place(tx.directory, facts["file"]).read_bytes()
    return {"Body": content, **_headers(facts)}


def head_object(tx: Transaction, params: Params) -> Answer:
    """An object's facts."""
    bucket_of(tx, params)
    try:
        return _headers(_find(tx, params))
    except ServiceError as error:
        # HEAD has no body, so its error has no code but the status: S3 API, HeadObject, checked 2026-11-21.
        raise ServiceError("404", "Not Found", 404) from error


def delete_object(tx: Transaction, params: Params) -> Answer:
    """Delete a version for good, or hide the object behind a delete marker in a versioned bucket."""
    bucket, key = bucket_of(tx, params), params["Key"]
    name = bucket["Name"]
    if "VersionId" in params:
        facts = tx.get(OBJECT, f"{name}\n{key}\n{params['VersionId']}")
        s3_locks.refuse_locked(tx, facts, params)
        _forget(tx, name, key, params["VersionId"])
        return {"VersionId": params["VersionId"]}
    if bucket["settings"].get("versioning") != "Enabled":
        _forget(tx, name, key, "null")
        return {}
    marker = {"Key": key, "VersionId": secrets.token_urlsafe(24), "LastModified": render_time(tx.now)}
    _write(tx, name, {**marker, "is_marker": True})
    return {"DeleteMarker": True, "VersionId": marker["VersionId"]}


def delete_objects(tx: Transaction, params: Params) -> Answer:
    """Delete up to 1,000 objects or versions."""
    gone: list[Answer] = []
    kept: list[Answer] = []
    around = {name: params[name] for name in ("Bucket", "BypassGovernanceRetention") if name in params}
    for item in params["Delete"]["Objects"]:
        try:
            answer = delete_object(tx, {**around, **item})
        except ServiceError as error:  # of one object: the others go
            kept.append({**item, "Code": error.code, "Message": str(error)})
            continue
        shown = {"Key": item["Key"]}
        if answer.get("DeleteMarker"):
            shown |= {"DeleteMarker": True, "DeleteMarkerVersionId": answer["VersionId"]}
        elif "VersionId" in item:
            shown |= {"VersionId": item["VersionId"]}
        gone.append(shown)
    told: Answer = {} if params["Delete"].get("Quiet") else {"Deleted": gone}
    return {**told, "Errors": kept} if kept else told


def put_object_retention(tx: Transaction, params: Params) -> Answer:
    """Lock a version, or longer; sooner only in governance mode and by who may pass it."""
    bucket = bucket_of(tx, params)
    s3_locks.refuse_unlockable(bucket)
    facts, new = _find(tx, params), s3_locks.checked(tx, params.get("Retention", {}))
    s3_locks.refuse_weaker(tx, facts, new, params)
    tx.put(OBJECT, f"{bucket['Name']}\n{facts['Key']}\n{facts['VersionId']}", {**facts, "lock": new})
    return {}


def get_object_retention(tx: Transaction, params: Params) -> Answer:
    """Until when a version is locked."""
    s3_locks.refuse_unlockable(bucket_of(tx, params))
    lock = _find(tx, params).get("lock")
    message = "The specified object does not have a ObjectLock configuration"
    refuse_if(lock is None, "NoSuchObjectLockConfiguration", message, 404)
    return {"Retention": lock}


def _refuse_damaged(content: bytes, checksum: str | None) -> None:
    found = base64.b64encode(hashlib.sha256(content).digest()).decode()
    told = "The SHA256 you specified did not match the calculated checksum."
    refuse_if(checksum not in (None, found), "BadDigest", told)


def list_objects_v2(tx: Transaction, params: Params) -> Answer:
    """The current objects under a prefix, grouped by a delimiter."""
    bucket, prefix, delimiter = bucket_of(tx, params)["Name"], params.get("Prefix", ""), params.get("Delimiter")
    current = {item["Key"]: item for item in versions_of(tx, bucket)}
    names = sorted(
        key
        for key, item in current.items()
        if key.startswith(prefix) and not item.get("is_marker") and key > params.get("StartAfter", "")
    )
    entries: dict[str, Record | None] = {}
    for key in names:
        head, found, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
        entries[prefix + head + found if found else key] = None if found else current[key]
    size = params.get("MaxKeys", PAGE)
    shown, token = page(list(entries), params.get("ContinuationToken"), size, code="InvalidArgument")
    encode = urllib.parse.quote if params.get("EncodingType") == "url" else str
    listed = [(name, entries[name]) for name in shown]
    answer: Answer = {
        "IsTruncated": bool(token),
        "Contents": [{**_listed(item), "Key": encode(name)} for name, item in listed if item],
        "CommonPrefixes": [{"Prefix": encode(name)} for name, item in listed if not item],
        "Name": bucket,
        "Prefix": encode(prefix),
        "MaxKeys": size,
        "KeyCount": len(shown),
    }
    answer |= {"EncodingType": "url"} if "EncodingType" in params else {}
    answer |= {"Delimiter": encode(delimiter)} if delimiter else {}
    return {**answer, "NextContinuationToken": token} if token else answer


def list_object_versions(tx: Transaction, params: Params) -> Answer:
    """Every version and delete marker under a prefix, newest first for each key."""
    bucket, prefix = bucket_of(tx, params)["Name"], params.get("Prefix", "")
    encode = urllib.parse.quote if params.get("EncodingType") == "url" else str
    found = [item for item in reversed(versions_of(tx, bucket)) if item["Key"].startswith(prefix)]
    found.sort(key=lambda item: str(item["Key"]))
    latest: set[str] = set()
    versions: list[Answer] = []
    markers: list[Answer] = []
    for item in found:
        shown = {
            "Key": encode(item["Key"]),
            "VersionId": item["VersionId"],
            "IsLatest": item["Key"] not in latest,
            "LastModified": item["LastModified"],
        }
        latest.add(item["Key"])
        if item.get("is_marker"):
            markers.append(shown)
        else:
            versions.append({**_listed(item), **shown})
    answer = {"IsTruncated": False, "Versions": versions, "DeleteMarkers": markers, "Name": bucket, "Prefix": prefix}
    return {**answer, "EncodingType": "url"} if "EncodingType" in params else answer


def _find(tx: Transaction, params: Params) -> Record:
    name = bucket_of(tx, params)["Name"]
    if "VersionId" in params:
        found = tx.get(OBJECT, f"{name}\n{params['Key']}\n{params['VersionId']}")
        refuse_if(found is None, "NoSuchVersion", "The specified version does not exist.", 404)
    else:
        found = _current(tx, name, params["Key"])
    if found is None or found.get("is_marker"):
        raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
    return found


def _current(tx: Transaction, bucket: str, key: str) -> Record | None:
    versions = tx.all(OBJECT, prefix=f"{bucket}\n{key}\n")
    return None if not versions or versions[-1].get("is_marker") else versions[-1]


def _write(tx: Transaction, bucket: str, facts: Record) -> None:
    """Put a version so that it is the newest: records are listed in the order in which they came."""
    _forget(tx, bucket, facts["Key"], facts["VersionId"])
    tx.put(OBJECT, f"{bucket}\n{facts['Key']}\n{facts['VersionId']}", facts)


def _forget(tx: Transaction, bucket: str, key: str, version: str) -> None:
    """The record goes; the bytes stay until the sandbox goes, since another record may name the same content."""
    tx.delete(OBJECT, f"{bucket}\n{key}\n{version}")


def _headers(facts: Record) -> Answer:
    version = {} if facts["VersionId"] == "null" else {"VersionId": facts["VersionId"]}
    return {
        "AcceptRanges": "bytes",
        "ContentLength": facts["Size"],
        "ETag": facts["ETag"],
        "LastModified": parse_time(facts["LastModified"]).replace(microsecond=0),
        "ContentType": facts["ContentType"],
        "Metadata": facts["Metadata"],
        **facts["encryption"],
        **version,
        **({f"ObjectLock{name}": value for name, value in facts["lock"].items()} if facts.get("lock") else {}),
    }


def _listed(facts: Record) -> Answer:
    return {name: facts[name] for name in ("Key", "LastModified", "ETag", "Size", "StorageClass")}


def _encryption(tx: Transaction, bucket: Record, params: Params) -> Answer:
    rule = bucket["settings"]["encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    algorithm = params.get("ServerSideEncryption", rule["SSEAlgorithm"])
    if algorithm != "aws:kms":
        return {"ServerSideEncryption": algorithm}
    name = params.get("SSEKMSKeyId") or rule.get("KMSMasterKeyID") or "alias/aws/s3"
    key = keys.find(tx, name)
    if key is None:
        raise ServiceError("KMS.NotFoundException", f"Key '{name}' does not exist")
    refuse_if(key["KeyState"] != "Enabled", "KMS.DisabledException", f"{key['Arn']} is {key['KeyState'].lower()}.")
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["Arn"]}


def _bytes(body: Any) -> bytes:  # Any: bytes, text, or anything with read(), as boto3 takes it
    content = body.read() if hasattr(body, "read") else body
    return content.encode() if isinstance(content, str) else bytes(content)


def place(directory: Path, name: str) -> Path:
    """Where stored bytes lie."""
    return directory / "objects" / name


def store(directory: Path, content: bytes) -> str:
    """Keep bytes under their SHA-256, which is their name from then on. Error: EnvironmentLacking."""
    name = hashlib.sha256(content).hexdigest()
    target = place(directory, name)
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        if not target.exists():
            handle, temporary = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(target)
    except OSError as error:
        raise EnvironmentLacking(
            "object cannot be stored in the sandbox",
            detail=f"{target}: {error.strerror or error} ({len(content)} bytes).",
            hint="free disk space, then try again",
        ) from error
    return name


HANDLERS: Final[Table] = {
    "PutObject": put_object,
    "GetObject": get_object,
    "HeadObject": head_object,
    "DeleteObject": delete_object,
    "DeleteObjects": delete_objects,
    "PutObjectRetention": put_object_retention,
    "GetObjectRetention": get_object_retention,
    "ListObjectsV2": list_objects_v2,
    "ListObjectVersions": list_object_versions,
}
