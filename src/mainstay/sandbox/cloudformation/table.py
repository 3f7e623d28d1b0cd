"""Every operation of CloudFormation that the sandbox answers, in one visible table."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.cloudformation import changesets, drift, events, policies, stacks
from mainstay.sandbox.services.handler import Table

HANDLERS: Final[Table] = {
    **changesets.HANDLERS,
    **stacks.HANDLERS,
    **events.HANDLERS,
    **policies.HANDLERS,
    **drift.HANDLERS,
}
"""By operation of botocore's service `cloudformation`."""
