"""`mainstay sandbox`: begin, look at and take away the sandbox of a workspace."""

from __future__ import annotations

import contextlib

from mainstay import sandbox
from mainstay.api._site import Where
from mainstay.core.progress import Progress
from mainstay.sandbox import Inventory, SandboxStatus


def sandbox_up(*, where: Where, progress: Progress | None = None) -> SandboxStatus:
    """Start the sandbox of a workspace, or find it running."""
    return sandbox.up(where.sandbox_directory, progress)


def sandbox_status(*, where: Where) -> SandboxStatus:
    """What the sandbox runs; starts nothing. InputRefused when there is none."""
    return sandbox.status(where.sandbox_directory)


def sandbox_down(*, where: Where, progress: Progress | None = None) -> Inventory:
    """Stop every process of the sandbox, remove its data, and prove that nothing is left.

    A workspace that held nothing else goes with it.
    """
    inventory = sandbox.down(where.sandbox_directory, progress)
    with contextlib.suppress(OSError):  # evidence, a schema, a journal of an account: then it is still in use
        where.workspace.rmdir()
    return inventory
