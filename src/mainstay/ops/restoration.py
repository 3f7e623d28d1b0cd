"""What a restore is asked for, what it knows on the way, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from mainstay import facts
from mainstay.core.clock import Clock, render_time
from mainstay.core.errors import InputRefused
from mainstay.core.progress import Progress
from mainstay.ops import tags
from mainstay.ops.aws.rds import Placement
from mainstay.ops.aws.rds_states import AutomatedBackup, DbState, RestorableWindow
from mainstay.ops.aws.secrets import Login
from mainstay.ops.journal import Journal, Run
from mainstay.ops.site import Site


def point_in_words(time: datetime | None, snapshot: str | None = None) -> str:
    """Where a restore goes to, the same each time it is asked for: `latest`, `snapshot NAME`, or an RFC 3339 time."""
    if snapshot is not None:
        return f"snapshot {snapshot}"
    return render_time(time) if time is not None else "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants back: the source's identifier, and a time, a snapshot, or neither (the latest there is).

    `target` names the new instance; None derives it. `purpose` is a tag's value: what is restored for a `drill` is
    ours to delete, anything else is somebody's data. `placement` None means where the source stands. With `backup` (an
    ARN) or a snapshot of `from_region`, the source is of that other region: nobody looks for it, and its name is free.
    """

    source: str
    time: datetime | None = None
    snapshot: str | None = None
    backup: str | None = None
    from_region: str | None = None
    target: str | None = None
    purpose: str = tags.RESTORE
    tags: Mapping[str, str] = field(default_factory=dict)
    placement: Placement | None = None
    is_multi_az: bool = False

    def __post_init__(self) -> None:
        if self.time is not None and self.snapshot is not None:
            raise InputRefused("a time and a snapshot", detail="A restore goes to one of them.", hint="leave one out")
        if self.time is not None and self.time.tzinfo is None:
            raise InputRefused(
                "time without an offset", detail=f"{self.time} names no offset.", hint="append Z for UTC"
            )
        is_here = self.from_region is None
        if is_here and self.target is not None and self.target.lower() == self.source.lower():
            raise InputRefused(
                "the source itself",
                detail=f"A restore makes a new instance, and '{self.source}' is the source.",
                hint="name another target; the source is never touched",
            )

    @property
    def point(self) -> str:
        """The point in words."""
        return point_in_words(self.time, self.snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A new instance with the data of that point, and where its login is kept. Phases are in seconds; `site` is `aws`
    or `sandbox`.

    `requested_time` is None for a snapshot; for the latest it is the latest restorable time that was seen before.
    """

    site: str
    identifier: str
    resource_id: str
    source_id: str
    source_resource_id: str
    point: str
    requested_time: datetime | None
    address: str
    port: int
    username: str
    login_secret_arn: str
    run_id: str
    phases_s: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        when = render_time(self.requested_time) if self.requested_time else None
        return {**asdict(self), "requested_time": when, "phases_s": dict(self.phases_s)}


@dataclass(slots=True, kw_only=True)
class Restoration:
    """What the steps know of each other."""

    site: Site
    wish: Wish
    target: str
    run: Run
    journal: Journal
    progress: Progress
    clock: Clock
    deadline_s: float
    placement: Placement | None = None
    source: DbState | None = None
    source_resource_id: str = ""
    backup: AutomatedBackup | None = None
    window: RestorableWindow | None = None
    requested_time: datetime | None = None
    state: DbState | None = None
    login: Login | None = None
    secret_arn: str = ""
    phases_s: dict[str, float] = field(default_factory=dict)


def secret_name(target: str) -> str:
    """The name of the secret that holds the login of a restored instance."""
    return f"mainstay/restored/{target}"


def cut_identifier(source: str, end: str) -> str:
    """`<source><end>`, cut in the source's name to what RDS takes, without a double hyphen before the end."""
    # RDS API Reference, RestoreDBInstanceToPointInTime, constraints of the identifier, 2026-11-20.
    return source[: facts.identifier("instance").most - len(end)].rstrip("-") + end
