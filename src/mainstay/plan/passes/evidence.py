"""What holds the evidence of drills: a key that signs it and never leaves KMS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.plan.passes.draft import Draft
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import EVIDENCE_KEY
from mainstay.plan.resources import Key, Resource
from mainstay.spec import Spec


def build_evidence(spec: Spec, draft: Draft) -> Draft:
    """The draft with the evidence's key, where the spec asks for it."""
    return draft.adding(*_key(spec)) if spec.drill.evidence.signed_by == "kms" else draft


def _key(spec: Spec) -> Iterator[Resource]:
    """A key on NIST P-256, which signs and cannot rotate (KMS Developer Guide, rotate-keys, 2026-11-21)."""
    for one in key(spec, EVIDENCE_KEY, "evidence", "Signs the evidence of drills", "drill.evidence"):
        yield replace(one, spec="ECC_NIST_P256", usage="SIGN_VERIFY", rotates=None) if isinstance(one, Key) else one
