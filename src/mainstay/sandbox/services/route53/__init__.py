"""Route 53: zones of names, the records in them, and changes that are PENDING before they are INSYNC.

Nothing here answers a query: the sandbox does not change this machine's resolver. `mainstay sandbox status` says what
each name would lead to.
"""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.services.handler import Table
from mainstay.sandbox.services.route53 import changes, records, zones

HANDLERS: Final[Table] = {**zones.HANDLERS, **records.HANDLERS, **changes.HANDLERS}
