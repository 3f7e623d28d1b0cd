"""What drills left behind: deleted when a journal proves it ours, named when it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from mainstay.core.clock import Clock, SystemClock, parse_time, render_time
from mainstay.core.errors import InputRefused
from mainstay.core.progress import Progress
from mainstay.ops import lease, parameter_groups
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import copy_login
from mainstay.ops.drill.restoring import RESTORES, delete
from mainstay.ops.drill.state import target_identifier
from mainstay.ops.instances import APPEARS_WITHIN_S, find_made
from mainstay.ops.journal import Journal, Run
from mainstay.ops.site import Site
from mainstay.ops.tags import DRILL, EXPIRES_AT, PURPOSE, RUN_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What looks like a drill's (instance, parameter group, secret) and was not deleted; `why` says what was missing to
    prove it.
    """

    identifier: str
    region: str
    run: str
    expires_at: str
    is_expired: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaped:
    """What was deleted, and what was left, in this site (`aws` or `sandbox`)."""

    site: str
    deleted: tuple[str, ...]
    left: tuple[Leak, ...]

    @property
    def exit_code(self) -> int:
        """1 when something is left that only a person can judge."""
        return int(bool(self.left))

    def as_json(self) -> dict[str, object]:
        """Both lists as a JSON document."""
        return {"site": self.site, "deleted": list(self.deleted), "left": [asdict(leak) for leak in self.left]}


def reap(
    sites: tuple[Site, ...],
    source: str,
    *,
    stack: str,
    journal: Journal,
    progress: Progress,
    clock: Clock | None = None,
) -> Reaped:
    """Delete what drills of this source left, in its own region and in the others where they restored.

    `sites` begins with the source's own. Busy while a drill is at work on the stack.
    """
    ticking = clock or SystemClock()
    deleted: list[str] = []
    with lease.hold(journal.directory, stack, operation="drill --reap", clock=ticking):
        for site in sites:
            subject = source if site is sites[0] else f"{source} in {site.region}"
            deleted += reap_earlier(site, journal, source, progress, ticking, subject=subject)
        left = tuple(leak for site in sites for leak in _leaks(site, ticking.now()))
    return Reaped(site=sites[0].label, deleted=tuple(deleted), left=left)


def reap_earlier(
    site: Site,
    journal: Journal,
    source: str,
    progress: Progress,
    clock: Clock,
    *,
    subject: str | None = None,
    spare: Run | None = None,
) -> tuple[str, ...]:
    """Delete what runs that never ended left behind, and end them; call it under the lease. The names deleted, of
    parameter groups after that word.

    An instance goes only when its name, its tags and the run's own journal agree, and it is not the source. `site` is
    where the runs on this `subject` (by default, the source) restore; `spare` is one that goes on.
    """
    reaped: list[str] = []
    for run in journal.unfinished("drill", subject or source):
        if spare is not None and run.id == spare.id:
            continue
        identifier = target_identifier(source, run.id)
        state = find_left(site, run, source, progress, clock)
        is_ours = state is not None and _is_of(run, state, source, site)
        if state is not None and is_ours:
            progress.note(f"run {run.id} ended halfway and left {identifier}: deleting it")
            delete(site, run, state, progress, clock)
        elif state is not None and state.resource_id == run.fact("resource_id") and RUN_ID not in state.tags:
            progress.note(f"run {run.id} made {identifier}, which carries none of its tags: left where it is")
            continue
        ended = [identifier] if is_ours else []
        has_users = state is not None and not is_ours and state.parameter_group == identifier
        if not has_users and parameter_groups.reap(site, run, identifier, progress, clock):
            ended.append(parameter_groups.label(identifier))
        ended += [copy_login.label(name) for name in copy_login.forget(site, run)]
        reaped += ended
        run.finish("reaped", deleted=list(ended))
    return tuple(reaped)


def find_left(site: Site, run: Run, source: str, progress: Progress, clock: Clock) -> DbState | None:
    """What a run left, waited for while RDS may not show what was asked for a moment ago, or not its tags."""
    asked = [parse_time(str(one["at"])) for one in run.calls(RESTORES)]
    made = run.fact("resource_id")
    return find_made(
        site,
        target_identifier(source, run.id),
        is_whole=lambda state: state is not None and (RUN_ID in state.tags or made not in (None, state.resource_id)),
        within_s=APPEARS_WITHIN_S - (clock.now() - max(asked)).total_seconds() if asked else 0.0,
        progress=progress,
        clock=clock,
    )


def is_made_by(run: Run, state: DbState, source: str, site: Site) -> bool:
    """Whether a run made an instance: by its tags, or by the id that RDS answered, while it has no tags yet."""
    is_known = run.fact("resource_id") == state.resource_id and RUN_ID not in state.tags
    return _is_of(run, state, source, site) or (is_known and not _is_source(state, source, site))


def _is_of(run: Run, state: DbState, source: str, site: Site) -> bool:
    tags = (state.tags.get(RUN_ID), state.tags.get(PURPOSE))
    announced = any(entry.get("target") == state.identifier for entry in run.entries)
    is_same = run.fact("resource_id") in (None, state.resource_id)
    return tags == (run.id, DRILL) and announced and is_same and not _is_source(state, source, site)


def _is_source(state: DbState, source: str, site: Site) -> bool:
    living = site.doors.rds.find_instance(source)
    return living is not None and living.resource_id == state.resource_id


def _leaks(site: Site, now: datetime) -> Iterator[Leak]:
    for state in site.doors.rds.instances_tagged(PURPOSE, DRILL):
        yield _leak(site, now, state.identifier, state.tags, "an instance of this name and id")
    for group in parameter_groups.of_drills(site):
        yield _leak(site, now, parameter_groups.label(group.name), group.tags, "a parameter group of this name and ARN")
    for name, tags in site.doors.secrets.tagged(PURPOSE, DRILL):
        yield _leak(site, now, copy_login.label(name), tags, "a secret of this name")


def _leak(site: Site, now: datetime, name: str, tags: Mapping[str, str], what: str) -> Leak:
    ends = _expiry(tags)
    return Leak(
        identifier=name,
        region=site.region,
        run=tags.get(RUN_ID, ""),
        expires_at=render_time(ends) if ends else "",
        is_expired=ends is not None and ends < now,
        why=f"no unfinished run in this journal made {what}; the journal that knows it may be on another machine",
    )


def _expiry(tags: Mapping[str, str]) -> datetime | None:
    try:
        return parse_time(tags.get(EXPIRES_AT, ""))
    except InputRefused:
        return None
