"""What is asked of a new generation before it is put in place: a drill's questions, with the living source as witness.

The source has gone on since the point that was asked for. What is equal in both is proven by it; what differs may have
changed since, so that it is told and accuses nobody.
"""

from __future__ import annotations

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import EnvironmentLacking, MainstayError, NotFound, TargetRefused
from mainstay.ops import tags
from mainstay.ops.drill import baseline, restoring, staying, verifying
from mainstay.ops.drill.model import DrillRequest, Outcome
from mainstay.ops.drill.state import Drill
from mainstay.ops.generation.model import Generating
from mainstay.ops.steps import there
from mainstay.plan.values import Json
from mainstay.probe import fingerprint
from mainstay.probe.markers import MarkerCheck
from mainstay.probe.session import DriverError, said


def begin(work: Generating) -> None:
    """The questions' own state, and the markers that the source holds, as far as it answers."""
    request, restored, old = work.request, work.restoring.state, there(work.old, "the source was not looked at")
    login = work.restoring.login
    drill = work.inspection = Drill(
        site=work.site,
        request=_questions(work),
        run=work.run,
        workspace=work.workspace,
        progress=work.progress,
        clock=work.clock,
        started_at=work.started_at,
        restored_as=work.target,
        routes=work.routes,
        made_by=restored.tags.get(tags.RUN_ID, "") if restored else "",
        purpose=tags.RESTORE,
        source=old,
        restored=restored,
        password=login.password if login else "",
        requested_at_s=work.clock.monotonic() - staying.since_request_s(work.run, work.clock),
        steps=work.steps,
    )
    _set_point(work, drill)
    drill.reach("t_available")
    if request.swap == "dns":
        _note_name(work, drill)
    _ask_source(drill, request.database)


def _note_name(work: Generating, drill: Drill) -> None:
    """By what clients will come, and for how long they may still come to the old one afterwards."""
    name, kept = work.run.fact("dns_name"), work.run.fact("dns_ttl_s")
    drill.note_check("instance", "name in DNS", "noted", "as long as clients can wait", f"{name} is kept for {kept} s")


def _questions(work: Generating) -> DrillRequest:
    request = work.request
    return DrillRequest(
        stack=request.stack,
        source=request.source,
        secret=request.secret,
        time=request.time,
        snapshot=request.snapshot,
        canary_database=request.database,
        checks=request.checks,
        rpo=request.rpo,
        rto=request.rto,
        required="P2",  # the point and the data are told as far as the source can still witness them
        plan_hash=request.plan_hash,
        spec_hash=request.spec_hash,
        findings=request.findings,
        cost_usd=0.0 if work.site.is_sandbox else None,
        cost_basis="the sandbox costs nothing" if work.site.is_sandbox else _monthly(work),
    )


def _monthly(work: Generating) -> str:
    monthly = work.request.monthly_usd
    price = f"about {monthly:.0f} USD" if monthly is not None else "a price that is not known,"
    return f"it stays, for {price} a month by list prices"


def _set_point(work: Generating, drill: Drill) -> None:
    """The point in time; of the latest only from when to when it is, of a snapshot when it was taken."""
    request, rds = work.request, work.site.doors.rds
    drill.window = rds.restorable_window(drill.require_source().identifier)
    newest = drill.window.latest
    if request.snapshot is not None:
        drill.snapshot = rds.snapshot(request.snapshot)
        drill.target = newest = drill.snapshot.taken_at
        name: dict[str, Json] = {"kind": "snapshot", "name": request.snapshot, "region": work.site.region}
        drill.way = {**name, "reason": "it was asked for"}
    elif request.time is not None:
        drill.target = request.time
    else:
        asked, made = work.run.fact("asked_at"), work.run.fact("held_at_least")
        drill.target = parse_time(str(asked)) if asked else None
        drill.certain_until = parse_time(str(made)) if made else None
    if newest is not None:
        drill.exposure_s = max(0.0, (work.started_at - newest).total_seconds())


def _ask_source(drill: Drill, database: str | None) -> None:
    try:
        drill.source_login = drill.site.doors.secrets.read_login(drill.request.secret)
        with drill.source_database(database or "") as connection:
            drill.markers = drill.dialect.read_markers(connection)
            drill.note_position("source", "when it was looked at", connection)
    except (*DriverError, TargetRefused, EnvironmentLacking, NotFound) as error:
        drill.source_login = None
        drill.note_check("instance", "source answers", "noted", "a login to the source", _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, MainstayError):
        return " ".join(f"{error.summary}: {error.detail}".split())
    return said(error)


def log_in(work: Generating) -> None:
    """The first login, over TLS; then what was asked for beside what there is.

    A run that was stopped after its own commit has left a marker there, which would be newer than the point.
    """
    drill, here = work.looking, work.run.fact("new_resource")
    restoring.log_in(drill)
    ours = [run.id for run in work.journal.runs() if run.fact("new_resource") == here]
    with drill.restored_database("") as connection:
        drill.dialect.erase_markers(connection, ours)
    staying.compare_settings(work.looking, work.restoring, work.request.keeping)


def verify(work: Generating) -> None:
    """The point by the markers on both sides of it; every database, alone and against the source as it is now."""
    drill = work.looking
    if drill.target is not None:
        verifying.verify_point(drill)
    else:
        drill.marker_check = MarkerCheck(work.started_at, 0, 0, (), (), None, None)
    verifying.verify_data(drill)
    if drill.source_login is not None:
        _compare_with_living(drill)


def _compare_with_living(drill: Drill) -> None:
    """Each table beside the source's: equal is proof, and a difference may have come since."""
    try:
        now = baseline.read(drill.dialect, drill.source_database, timeout_s=float(drill.request.statement_timeout))
    except (*DriverError, TargetRefused) as error:
        drill.note_check("instance", "source's tables are read", "noted", "an answer", _words(error))
        return
    for name in sorted(drill.data):
        if name not in now:
            drill.note_check("table", "database", "noted", "one of the source", "the source has none", database=name)
            continue
        for row in fingerprint.compare(now[name].fingerprints, None, drill.data[name].fingerprints):
            outcome: Outcome = "passed" if row.state == "equal" else "noted"
            wanted = f"{row.expected} at the source now"
            drill.note_check("table", row.table, outcome, wanted, row.observed, database=name)


def ask(work: Generating) -> None:
    """The user's own questions."""
    verifying.ask_questions(work.looking)


def use(work: Generating) -> None:
    """It takes a commit: the marker by which it is known again, and where in the log it stands with that."""
    drill = work.looking
    verifying.use_it(drill)
    with drill.restored_database("") as connection:
        marker = max(drill.dialect.read_markers(connection), key=lambda one: one.id)
        position = drill.dialect.log_position(connection)
    work.run.write(
        "used", marker_id=marker.id, marker_at=render_time(marker.written_at), position=position, database=drill.home
    )
