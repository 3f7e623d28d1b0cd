"""A signer whose private key never leaves KMS: whoever may write the evidence cannot sign another one unseen.

Each signature is a call of its own, which CloudTrail keeps.
"""

from __future__ import annotations

from mainstay.ops.aws.kms import KmsDoor
from mainstay.ops.evidence.signing import ECDSA, described


class KmsSigner:
    """A key of KMS on NIST P-256, by its ARN."""

    def __init__(self, door: KmsDoor, arn: str) -> None:
        self._door = door
        self._arn = arn

    def describe(self) -> dict[str, str]:
        """The document's `signed_by`; MainstayError when the key is not to be had."""
        return described("kms", self._arn, ECDSA, self._door.public_key(self._arn))

    def sign(self, message: bytes) -> bytes:
        """A signature in DER; MainstayError when KMS gives none."""
        return self._door.sign(self._arn, message)
