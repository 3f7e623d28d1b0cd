"""A function's code: a zip out of the request or out of a bucket, checked and kept beside the objects of S3."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.services import s3_objects
from mainstay.sandbox.services.functions.records import INVALID
from mainstay.sandbox.services.handler import Answer, Params, refuse_if
from mainstay.sandbox.state import Transaction

# CloudFormation Template Reference, aws-properties-lambda-function-code, ZipFile (not re-read): a few lines of
# Python are put into a file of this name.
INLINE_FILE: Final = "index.py"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_S3_ERRORS: Final = {"NoSuchBucket", "NoSuchKey", "NoSuchVersion"}


def store(tx: Transaction, params: Params, operation: str) -> Answer:
    """Keep the code that the request holds or points at; the members of the configuration that tell of it."""
    content = _content(tx, params, operation)
    _check_zip(content)
    digest = hashlib.sha256(content).digest()
    kept = s3_objects.store(tx.directory, content)
    return {"CodeSha256": base64.b64encode(digest).decode(), "CodeSize": len(content), "_code": kept}


def inline_zip(text: str) -> bytes:
    """The zip that CloudFormation makes of a function's text: the same bytes from the same text."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(INLINE_FILE, _EPOCH), text)
    return target.getvalue()


def _content(tx: Transaction, params: Params, operation: str) -> bytes:
    unknown = [name for name in ("ImageUri", "SourceKMSKeyArn", "S3ObjectStorageMode") if params.get(name)]
    if unknown:
        raise not_implemented("lambda", operation, ", ".join(unknown))
    has_zip, has_object = "ZipFile" in params, "S3Bucket" in params or "S3Key" in params
    refuse_if(has_zip == has_object, INVALID, "Please provide a source for function code.")
    if has_zip:
        return _bytes(params["ZipFile"])
    missing = [name for name in ("S3Bucket", "S3Key") if name not in params]
    refuse_if(missing, INVALID, f"Please provide {' and '.join(missing)} for the function code.")
    version = {"VersionId": params["S3ObjectVersion"]} if "S3ObjectVersion" in params else {}
    try:
        found = s3_objects.get_object(tx, {"Bucket": params["S3Bucket"], "Key": params["S3Key"], **version})
    except ServiceError as error:
        if error.code not in _S3_ERRORS:
            raise
        told = f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        raise ServiceError(INVALID, told) from error
    content: bytes = found["Body"]
    return content


def _check_zip(content: bytes) -> None:
    zipped, unzipped = facts.limit("lambda", "zipped_bytes"), facts.limit("lambda", "unzipped_bytes")
    refuse_if(len(content) > zipped, INVALID, f"The zip has {len(content)} bytes; {zipped} is the most.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        message = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise ServiceError(INVALID, message) from None
    size = sum(entry.file_size for entry in entries)
    refuse_if(size > unzipped, INVALID, f"Unzipped size must be smaller than {unzipped} bytes")
    refuse_if(not entries, INVALID, "Uploaded file must be a non-empty zip")


def _bytes(given: Any) -> bytes:  # Any: bytes, or anything with read(), as boto3 takes it
    return bytes(given.read() if hasattr(given, "read") else given)
