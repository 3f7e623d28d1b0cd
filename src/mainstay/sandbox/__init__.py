"""The sandbox: AWS on this machine, answered in process at botocore's seam, over real database servers.

session        a boto3 session whose clients are answered here
up, down       begin a sandbox, and take everything of it away again, with proof
status         what it runs
require_engines  see that there are programs of every engine that is to run
substitutions  where an instance runs other values than planned, and why; proxy_substitutions: where a proxy does
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstay.sandbox.seam import session

if TYPE_CHECKING:
    from mainstay.sandbox.lifecycle import Inventory, down, up
    from mainstay.sandbox.overview import (
        NameStatus,
        ProxyStatus,
        SandboxStatus,
        proxy_substitutions,
        status,
        substitutions,
    )
    from mainstay.sandbox.preflight import require_engines

__all__ = [
    "Inventory",
    "NameStatus",
    "ProxyStatus",
    "SandboxStatus",
    "down",
    "proxy_substitutions",
    "require_engines",
    "session",
    "status",
    "substitutions",
    "up",
]

_ROOMS = {"Inventory": "lifecycle", "down": "lifecycle", "up": "lifecycle", "require_engines": "preflight"}


# Any: whatever the named room holds. Lazy, because these need the database driver and the session does not.
def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'mainstay.sandbox' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415  lazy, see above

    return getattr(import_module(f"mainstay.sandbox.{_ROOMS.get(name, 'overview')}"), name)
