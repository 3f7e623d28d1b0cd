"""What is asked of a failed-over database: the point it reached, its data, the user's questions, a commit.

The questions are a drill's. There is no source to compare with, so what contradicts itself is found, and how much is
lost is told by the newest marker that survived.
"""

from __future__ import annotations

from mainstay.core.units import Duration
from mainstay.ops import tags
from mainstay.ops.aws.rds_states import DbState, RestorableWindow
from mainstay.ops.drill import restoring, staying, verifying
from mainstay.ops.drill.model import DrillRequest
from mainstay.ops.drill.state import Drill
from mainstay.ops.failover.model import Failover
from mainstay.ops.restore import result_of
from mainstay.plan.values import Json
from mainstay.probe.markers import MarkerCheck


def begin(work: Failover) -> None:
    """The questions' own state, with the restored instance and a source that nobody has to reach."""
    request, choice, state = work.request, work.chosen, work.restoring.state
    login = work.restoring.login
    work.inspection = Drill(
        site=work.site,
        request=DrillRequest(
            stack=request.stack,
            source=request.source,
            secret="",
            time=choice.holds,
            canary_database=request.database,
            checks=request.checks,
            rpo=request.rpo,
            rto=request.rto,
            required="P0",  # what it can show without its source is told, not demanded
            plan_hash=request.plan_hash,
            spec_hash=request.spec_hash,
            findings=request.findings,
            cost_usd=0.0 if work.site.is_sandbox else None,
            cost_basis="the sandbox costs nothing" if work.site.is_sandbox else "it stays, as a primary",
        ),
        run=work.run,
        workspace=work.workspace,
        progress=work.progress,
        clock=work.clock,
        started_at=work.started_at,
        source_region=request.source_region,
        restored_as=request.target,
        routes=work.routes,
        purpose=tags.FAILOVER,
        way=_way(work),
        source=DbState(
            identifier=request.source,
            resource_id=choice.source_resource_id,
            arn="",
            status="not asked",
            engine=choice.engine,
            engine_version=choice.engine_version,
            username=choice.username,
            database_name=state.database_name if state else None,
            retention=_kept(work),
        ),
        window=RestorableWindow(earliest=None, latest=choice.holds),
        exposure_s=work.exposure_s,
        target=choice.holds,
        restored=state,
        password=login.password if login else "",
        requested_at_s=work.clock.monotonic() - staying.since_request_s(work.run, work.clock),
        steps=work.steps,
    )
    for phase in ("t_request", "t_create", "t_available"):
        work.inspection.reached_s[phase] = work.reached_s.get(phase, 0.0)


def _kept(work: Failover) -> Duration:
    """How long what was restored from is kept: as the backup says, or for a recovery point the plan."""
    own = Duration.days(work.chosen.retention_days)
    return own or work.request.keeping.retention or own


def _way(work: Failover) -> dict[str, Json]:
    choice = work.chosen
    return {"kind": choice.kind, "region": work.site.region, "name": choice.arn, "reason": choice.reason}


def log_in(work: Failover) -> None:
    """The first login, over TLS; then what was asked for beside what there is."""
    restoring.log_in(work.looking)
    staying.compare_settings(work.looking, work.restoring, work.request.keeping)


def verify(work: Failover) -> None:
    """How much is lost, by the newest marker; and every database, as far as it can contradict itself."""
    drill = work.looking
    with drill.restored_database("") as connection:
        held = drill.dialect.read_markers(connection)
    newest = max(held, key=lambda marker: marker.written_at, default=None)
    drill.marker_check = MarkerCheck(work.started_at, len(held), 0, (), (), newest, None)
    told = (
        f"written {(work.started_at - newest.written_at).total_seconds():.1f} s before" if newest else "there is none"
    )
    drill.note_check("marker", "newest marker", "noted", "as new as can be", told, database=drill.home)
    drill.reach("t_point_verified")
    verifying.verify_data(drill)


def ask(work: Failover) -> None:
    """The user's own questions."""
    verifying.ask_questions(work.looking)


def use(work: Failover) -> None:
    """It takes a commit."""
    verifying.use_it(work.looking)
    result = result_of(work.restoring)
    work.progress.note(f"{result.identifier} takes writes at {result.address}:{result.port}")
