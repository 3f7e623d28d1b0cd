"""The refusal to promote a server that is no standby."""

from __future__ import annotations

from mainstay.core.errors import TargetRefused


class NoStandby(TargetRefused):
    """A server follows nobody, so that it cannot be promoted; or it was promoted already."""
