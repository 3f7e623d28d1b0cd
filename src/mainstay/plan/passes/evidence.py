"""What holds the evidence of drills: a key that signs it and never leaves KMS, a bucket that lets nobody delete it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.export import bucket_policy
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import EVIDENCE_BUCKET, EVIDENCE_KEY
from mainstay.plan.resources import (
    Bucket,
    BucketEncryption,
    Key,
    LifecycleRule,
    ObjectLock,
    PublicAccessBlock,
    Resource,
)
from mainstay.spec import Spec

_PATH: Final = "drill.evidence"
_UNFINISHED: Final = Duration.days(7)


def build_evidence(spec: Spec, draft: Draft) -> Draft:
    """The draft with the evidence's key and bucket, where the spec asks for them."""
    return draft.adding(*_key(spec), *_bucket(spec))


def _key(spec: Spec) -> Iterator[Resource]:
    """A key on NIST P-256, which signs and cannot rotate (KMS Developer Guide, rotate-keys, 2026-11-21)."""
    if spec.drill.evidence.signed_by != "kms":
        return
    for one in key(spec, EVIDENCE_KEY, "evidence", "Signs the evidence of drills", _PATH):
        yield replace(one, spec="ECC_NIST_P256", usage="SIGN_VERIFY", rotates=None) if isinstance(one, Key) else one


def _bucket(spec: Spec) -> Iterator[Resource]:
    """Versioned, as object lock demands (S3 User Guide, object-lock, 2026-11-21).

    Encrypted by S3's own keys: evidence holds no data, and has to be read when every key of the stack is gone.
    """
    wanted = spec.drill.evidence.bucket
    if wanted is None:
        return
    yield Bucket(
        key=EVIDENCE_BUCKET,
        encryption=BucketEncryption(algorithm="AES256"),
        versioning="Enabled",
        public_access=PublicAccessBlock(),
        ownership="BucketOwnerEnforced",
        lifecycle=(LifecycleRule(name="unfinished", aborts_uploads_after=_UNFINISHED),),
        has_object_lock=True,
        object_lock=ObjectLock(mode=wanted.lock.upper(), keeps=Duration(wanted.keep)),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of(f"{_PATH}.bucket"),
    )
    yield bucket_policy(spec, EVIDENCE_BUCKET, f"{_PATH}.bucket")
