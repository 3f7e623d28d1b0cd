"""What a deployment knows, what somebody approves of it, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from mainstay.core.clock import Clock
from mainstay.core.progress import Progress
from mainstay.ops import stack_policy
from mainstay.ops.aws.stack_states import Change, ChangeSetState, StackState
from mainstay.ops.aws.sts import Caller
from mainstay.ops.following import Follower
from mainstay.ops.function_packages import FunctionPackage
from mainstay.ops.journal import Run
from mainstay.ops.site import Site
from mainstay.plan.intent import Intent
from mainstay.plan.plan import RegionPlan

Kind = Literal["CREATE", "UPDATE"]


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that is put into a bucket once the changes are approved; it lies there under its own digest."""

    bucket: str
    key: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What somebody approves: which stack, where, every change, and what is uploaded for them."""

    stack: str
    account: str
    region: str
    kind: Kind
    changes: tuple[Change, ...]
    uploads: tuple[Upload, ...] = ()

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that were confirmed to remove or replace something precious."""
        return tuple(stack_policy.losses(self.changes))


Approve = Callable[[Review], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a deployment came to. `has_changed` is False when everything was as planned already."""

    stack: str
    stack_id: str
    status: str
    account: str
    region: str
    site: str
    has_changed: bool
    changes: tuple[Change, ...]
    outputs: Mapping[str, str]
    seconds: float
    run_id: str

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {**asdict(self), "changes": [asdict(change) for change in self.changes], "outputs": dict(self.outputs)}


@dataclass(slots=True, kw_only=True)
class Deployment:
    """What the steps know of each other."""

    site: Site
    region: RegionPlan
    intent: Intent
    template: str
    stack: str
    approve: Approve
    given: Mapping[str, str]
    confirmed: Collection[str]
    account: str | None
    progress: Progress
    clock: Clock
    run: Run
    caller: Caller | None = None
    state: StackState | None = None
    kind: Kind = "CREATE"
    parameters: dict[str, str | None] = field(default_factory=dict)
    url: str | None = None
    change_set: ChangeSetState | None = None
    has_changed: bool = False
    packages: tuple[FunctionPackage, ...] = ()

    def code_bucket(self, placed: FunctionPackage) -> str:
        """The bucket that a package is for: the one that was given, else the account's artifact bucket."""
        return str(self.parameters[placed.bucket_parameter])

    def follower(self) -> Follower:
        """A reader of this stack's events, from now on."""
        known = self.site.doors.cloudformation.stack(self.stack)
        follower = Follower(site=self.site, stack_id=known.stack_id, progress=self.progress, clock=self.clock)
        follower.skip_past()
        return follower
