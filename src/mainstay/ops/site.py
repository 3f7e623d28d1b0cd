"""Where an operation works: the doors to one account and region, and what differs between AWS and the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.stack_states import StackResource

Label = Literal["aws", "sandbox"]
AWS: Final[Label] = "aws"
SANDBOX: Final[Label] = "sandbox"
# What is expected in force of what a parameter group says, at this instance: by parameter, None where the value
# cannot be told beforehand or cannot be had at this site.
InForce = Callable[[Mapping[str, str], DbState], Mapping[str, str | None]]


def as_planned(planned: Mapping[str, str], _instance: DbState) -> Mapping[str, str | None]:
    """AWS runs what is planned; a formula depends on memory that only RDS knows (less than the class has)."""
    return {name: None if value.startswith("{") or "(" in value else value for name, value in planned.items()}


# In a sentence each, what runs at this site in place of what a stack's resources ask for.
StandIns = Callable[[Sequence[StackResource]], tuple[str, ...]]


def no_stand_ins(_resources: Sequence[StackResource]) -> tuple[str, ...]:
    """AWS runs what it is asked for."""
    return ()


# The file that an instance's server runs, by its identifier: `path`, and the `sha256` of its content.
ProgramOf = Callable[[str], Mapping[str, str]]


def no_program(_identifier: str) -> Mapping[str, str]:
    """Nobody can see which file it is."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What can be broken on purpose at a site: faults by name, each done to an instance by its identifier.

    `has_redundancy` tells of an instance whether its standby could take over now, `program_of` which file it runs.
    """

    faults: Mapping[str, Callable[[str], None]]
    has_redundancy: Callable[[str], bool]
    program_of: ProgramOf = no_program


# The sandbox answers in process, so that looking often costs nothing.
_SANDBOX_PACE_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A target. `ca_bundle` holds the certificates that its databases are trusted by; None when nobody gave one.
    `in_force` says what becomes of planned parameters here, `stand_ins` what runs in place of something else. `lab` is
    None where nothing can be broken but by RDS's own calls.
    """

    doors: Doors
    label: Label
    region: str
    ca_bundle: Path | None = None
    in_force: InForce = as_planned
    stand_ins: StandIns = no_stand_ins
    lab: Lab | None = None

    @property
    def is_sandbox(self) -> bool:
        """Whether this is the machine itself, and not AWS."""
        return self.label == SANDBOX

    def lacks_standby(self, state: DbState) -> bool:
        """Whether a database is to have a standby and it could not take over now; False where that cannot be seen."""
        return state.is_multi_az and self.lab is not None and not self.lab.has_redundancy(state.identifier)

    def program_of(self, identifier: str) -> Mapping[str, str]:
        """The file that an instance's server runs; empty where nobody can see it, as in AWS."""
        return self.lab.program_of(identifier) if self.lab is not None else {}

    def pace(self, aws_s: float) -> float:
        """Seconds between two looks, given how often AWS may be asked."""
        return min(aws_s, _SANDBOX_PACE_S) if self.is_sandbox else aws_s
