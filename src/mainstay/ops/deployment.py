"""What a deployment knows, what somebody approves of it, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from mainstay.core.clock import Clock
from mainstay.core.errors import TargetRefused
from mainstay.core.progress import Progress
from mainstay.diff import RegionDifference
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
    """What somebody approves: which stack, where, every change, and what is uploaded for them.

    `difference` says what each change does to what stands; None for a new stack, or one that cannot be read. It is
    region `number` (from 1) `of` so many, each of which is approved by itself.
    """

    stack: str
    account: str
    region: str
    kind: Kind
    changes: tuple[Change, ...]
    difference: RegionDifference | None = None
    uploads: tuple[Upload, ...] = ()
    number: int = 1
    of: int = 1

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that were confirmed to remove or replace something precious."""
        return tuple(stack_policy.losses(self.changes, self.difference))


Approve = Callable[[Review], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a deployment came to. `has_changed` is False when everything was as planned already.

    `stand_ins` says, in a sentence each, what runs at this site in place of what was planned.
    """

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
    stand_ins: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {**asdict(self), "changes": [asdict(change) for change in self.changes], "outputs": dict(self.outputs)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One region of a plan, the site where it is deployed, and its template; in nested form, with its children's
    templates by file name.
    """

    site: Site
    region: RegionPlan
    template: str
    children: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Deployment:
    """What the steps know of each other; `earlier` are the regions that were deployed before, `of` so many in all."""

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
    children: Mapping[str, str] = field(default_factory=dict)
    caller: Caller | None = None
    state: StackState | None = None
    kind: Kind = "CREATE"
    parameters: dict[str, str | None] = field(default_factory=dict)
    url: str | None = None
    change_set: ChangeSetState | None = None
    has_changed: bool = False
    packages: tuple[FunctionPackage, ...] = ()
    earlier: tuple[Deployment, ...] = ()
    of: int = 1
    began_at: float | None = None
    ended_at: float | None = None

    def taken(self) -> dict[str, str]:
        """Values of parameters that are outputs of earlier regions; TargetRefused when one does not tell its own."""
        values: dict[str, str] = {}
        for parameter in self.region.parameters:
            source = parameter.source
            there = next((one for one in self.earlier if source and one.region.region == source.region), None)
            if source is None or there is None:
                continue
            outputs = there.state.outputs if there.state else {}
            if source.output not in outputs:
                raise TargetRefused(
                    "the other region does not tell",
                    detail=f"{parameter.name} is output {source.output} of stack {there.stack} in {source.region}, "
                    f"which has: {', '.join(outputs) or 'none'}.",
                    hint=f"give it by --parameter {parameter.name}=VALUE, or see what became of that stack",
                )
            values[parameter.name] = outputs[source.output]
        return values

    @property
    def left_by_earlier(self) -> str:
        """What stays of the regions before this one, as a hint; empty when they were as planned already."""
        changed = [one.region.region for one in self.earlier if one.has_changed]
        return f"what was deployed in {', '.join(changed)} stays; deploy again to go on" if changed else ""

    def code_bucket(self, placed: FunctionPackage) -> str:
        """The bucket that a package is for: the one that was given, else the account's artifact bucket."""
        return str(self.parameters[placed.bucket_parameter])

    def follower(self) -> Follower:
        """A reader of this stack's events, from now on."""
        known = self.site.doors.cloudformation.stack(self.stack)
        follower = Follower(site=self.site, stack_id=known.stack_id, progress=self.progress, clock=self.clock)
        follower.skip_past()
        return follower
