"""What holds the evidence of drills: the key that signs it."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.plan.plan import Plan
from mainstay.plan.resources import Key

Built = Callable[..., Plan]


def test_a_key_signs_where_it_is_asked_for(built: Built) -> None:
    keys = {one.key: one for one in built(drill__evidence__signed_by="kms").primary.of(Key)}
    key = keys["EvidenceKey"]
    assert (key.spec, key.usage, key.rotates) == ("ECC_NIST_P256", "SIGN_VERIFY", None)
    assert {one.spec for one in keys.values()} == {None, "ECC_NIST_P256"}
    assert "EvidenceKey" not in {one.key for one in built().primary.of(Key)}
