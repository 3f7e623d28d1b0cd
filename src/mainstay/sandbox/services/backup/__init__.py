"""AWS Backup: vaults, plans, selections and restore testing, kept and checked; jobs that are asked for really run.

No schedule begins anything in a sandbox: neither a plan's rules nor a restore testing plan. StartBackupJob does.
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
