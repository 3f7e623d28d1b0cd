"""A signer whose private key never leaves KMS: whoever may write the evidence cannot sign another one unseen.

Each signature is a call of its own, which CloudTrail keeps.
"""

from __future__ import annotations

from mainstay.core.errors import TargetRefused
from mainstay.ops.aws.kms import KmsDoor
from mainstay.ops.evidence.signing import ECDSA, Signer, described
from mainstay.ops.site import Site


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


class AbsentSigner:
    """A key that was to sign, and that nobody can ask: the operator's own signs, and the document says why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def describe(self) -> dict[str, str]:
        """Never an answer. Error: TargetRefused, with the reason."""
        raise TargetRefused("no answer", detail=f"{self._why}.")

    def sign(self, message: bytes) -> bytes:
        """Never a signature. Error: as above."""
        del message
        raise TargetRefused("no answer", detail=f"{self._why}.")


def signer_of(site: Site, key: str | None) -> Signer | None:
    """The signer by a stack's key, in the site's region; None where the operator's own is to sign."""
    return KmsSigner(site.doors.kms, key) if key else None
