"""Keys: whether what is encrypted with them can still be read, and those that sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """A key: `state` is `Enabled`, `Disabled`, `PendingDeletion`…; `deleted_at` is set while deletion is pending."""

    key_id: str
    arn: str
    state: str
    deleted_at: datetime | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it encrypts and decrypts."""
        return self.state == "Enabled"


# The one algorithm of a key on NIST P-256 (KMS Developer Guide, symm-asymm-choose-key-spec, 2026-11-21).
ECDSA: Final = "ECDSA_SHA_256"


class KmsDoor(Door):
    """Questions to the Key Management Service."""

    def public_key(self, key_id: str) -> bytes:
        """The public half of a key that signs, in DER; TargetRefused for any other key."""
        return bytes(self._ask("GetPublicKey", KeyId=key_id)["PublicKey"])

    def sign(self, key_id: str, message: bytes) -> bytes:
        """A signature (ECDSA over SHA-256) of a message of up to 4,096 bytes."""
        answer = self._ask("Sign", KeyId=key_id, Message=message, MessageType="RAW", SigningAlgorithm=ECDSA)
        return bytes(answer["Signature"])

    def key(self, key_id: str) -> KeyState:
        """A key by id, ARN or alias."""
        known = self._ask("DescribeKey", KeyId=key_id)["KeyMetadata"]
        return KeyState(
            key_id=known["KeyId"], arn=known["Arn"], state=known["KeyState"], deleted_at=known.get("DeletionDate")
        )
