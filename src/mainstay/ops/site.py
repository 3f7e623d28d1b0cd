"""Where an operation works: the doors to one account and region, and what differs between AWS and the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from mainstay.ops.aws.doors import Doors

Label = Literal["aws", "sandbox"]
AWS: Final[Label] = "aws"
SANDBOX: Final[Label] = "sandbox"
# What a parameter of the plan becomes at this site: the value that is expected in force, or None when the site
# cannot have it. A key may end in `*`.
Substitutions = Mapping[str, Callable[[str], str | None]]

# The sandbox answers in process, so that looking often costs nothing.
_SANDBOX_PACE_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A target. `ca_bundle` holds the certificates that its databases are trusted by; None when nobody gave one."""

    doors: Doors
    label: Label
    region: str
    ca_bundle: Path | None = None
    substitutions: Substitutions = field(default_factory=dict)

    @property
    def is_sandbox(self) -> bool:
        """Whether this is the machine itself, and not AWS."""
        return self.label == SANDBOX

    def pace(self, aws_s: float) -> float:
        """Seconds between two looks, given how often AWS may be asked."""
        return min(aws_s, _SANDBOX_PACE_S) if self.is_sandbox else aws_s

    def substitute(self, parameter: str, planned: str) -> str | None:
        """The value in force here of what the plan asks for; None when it cannot be had here."""
        for pattern, becomes in self.substitutions.items():
            if pattern == parameter or (pattern.endswith("*") and parameter.startswith(pattern[:-1])):
                return becomes(planned)
        return planned
