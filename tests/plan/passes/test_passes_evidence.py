"""What holds the evidence of drills: the key that signs it, and the bucket that keeps it."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Bucket, BucketPolicy, Fate, Key, ObjectLock

Built = Callable[..., Plan]


def test_a_key_signs_where_it_is_asked_for(built: Built) -> None:
    keys = {one.key: one for one in built(drill__evidence__signed_by="kms").primary.of(Key)}
    key = keys["EvidenceKey"]
    assert (key.spec, key.usage, key.rotates) == ("ECC_NIST_P256", "SIGN_VERIFY", None)
    assert {one.spec for one in keys.values()} == {None, "ECC_NIST_P256"}
    assert "EvidenceKey" not in {one.key for one in built().primary.of(Key)}


def test_a_bucket_keeps_it_where_it_is_asked_for(built: Built) -> None:
    plan = built(drill__evidence__bucket="{lock: compliance, keep: 10d}")
    (bucket,) = [one for one in plan.primary.of(Bucket) if one.key == "EvidenceBucket"]
    assert (bucket.has_object_lock, bucket.versioning) == (True, "Enabled")
    assert bucket.object_lock == ObjectLock(mode="COMPLIANCE", keeps=Duration.days(10))
    assert bucket.public_access is not None
    assert bucket.encryption is not None
    assert (bucket.on_delete, bucket.on_replace) == (Fate.RETAIN_EXCEPT_ON_CREATE, Fate.RETAIN)
    assert "EvidenceBucketPolicy" in {one.key for one in plan.primary.of(BucketPolicy)}
    assert "EvidenceBucket" in {output.name for output in plan.primary.outputs}
    (usual,) = [one for one in built(drill__evidence__bucket="{}").primary.of(Bucket) if one.key == "EvidenceBucket"]
    assert usual.object_lock == ObjectLock(mode="GOVERNANCE", keeps=Duration.days(365))
    assert "EvidenceBucket" not in {one.key for one in built().primary.of(Bucket)}
