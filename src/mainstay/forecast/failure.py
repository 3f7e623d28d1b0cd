"""What can happen to a database, from the most common to the rarest."""

from __future__ import annotations

import enum


class Failure(enum.StrEnum):
    """One kind of loss; each takes something else with it."""

    ROW_DELETED = "row deleted"
    INSTANCE_LOST = "instance lost"
    ZONE_LOST = "zone lost"
    STACK_DELETED = "stack deleted"
    REGION_LOST = "region lost"
    ACCOUNT_COMPROMISED = "account compromised"
    KEY_LOST = "key lost"
