"""AWS Backup: vaults, plans, selections and restore testing, kept and checked. No schedule begins anything here."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.services.backup import plans, restore_testing, tags, vaults
from mainstay.sandbox.services.handler import Table

HANDLERS: Final[Table] = {
    **vaults.HANDLERS,
    **plans.HANDLERS,
    **restore_testing.HANDLERS,
    **tags.HANDLERS,
}
