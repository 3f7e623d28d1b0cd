"""AWS Backup: vaults, plans, selections and restore testing, kept and checked; jobs that are asked for really run.

No plan's rule begins a backup in a sandbox, StartBackupJob does; restore testing plans do test on schedule.
"""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.services.backup import jobs, plans, points, restore_testing, tags, vaults
from mainstay.sandbox.services.handler import Table

HANDLERS: Final[Table] = {
    **vaults.HANDLERS,
    **plans.HANDLERS,
    **points.HANDLERS,
    **jobs.HANDLERS,
    **restore_testing.HANDLERS,
    **tags.HANDLERS,
}
