"""The stop that both engines share: a replica that cannot follow a new primary."""

from __future__ import annotations

from mainstay.core.errors import TargetRefused


class ReplicaAhead(TargetRefused):
    """A replica has what its new primary never received; it must be made anew."""
