"""Keys: whether what is encrypted with them can still be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


class KmsDoor(Door):
    """Questions to the Key Management Service."""

    def key(self, key_id: str) -> KeyState:
        """A key by id, ARN or alias."""
        known = self._ask("DescribeKey", KeyId=key_id)["KeyMetadata"]
        return KeyState(
            key_id=known["KeyId"], arn=known["Arn"], state=known["KeyState"], deleted_at=known.get("DeletionDate")
        )
