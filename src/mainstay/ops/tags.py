"""The tags by which we know again what we made. Set by the call that creates, never afterwards."""

from __future__ import annotations

from typing import Final

RUN_ID: Final = "mainstay:run-id"
"""The run whose journal tells how it came to be."""
PURPOSE: Final = "mainstay:purpose"
"""`drill` (ours to delete), `restore` or `failover` (somebody's data, never deleted by us)."""
SOURCE: Final = "mainstay:source"
"""The DbiResourceId of the instance that it was restored from."""
EXPIRES_AT: Final = "mainstay:expires-at"
"""RFC 3339; after that a drill's restore has leaked."""
MANAGED_BY: Final = "ManagedBy"

DRILL: Final = "drill"
RESTORE: Final = "restore"
FAILOVER: Final = "failover"
