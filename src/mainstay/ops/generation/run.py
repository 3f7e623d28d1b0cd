"""`restore --verify` and `restore --swap`: a new generation of the database, verified, and put in the old one's place.

Steps:
 1. Look at what is there, and at what would be swapped
 2. Ask for the stack's name, where clients are to be moved
 3. Restore into a new instance: beside the old one, with the plan's settings, tagged
 4. Wait until it is available
 5. Give it a password of its own
 6. Set what a restore leaves at its default
 7. Log in over TLS
 8. Verify the point and the data
 9. Ask the user's own questions
10. Take a commit
11. Write the evidence, and let the verdict decide
12. Give it the login that clients have
13. Move the old generation's name away
14. Give the new one its name
15. Point the secret at it
16. Lead the name in DNS to it
17. Move the proxies to it
18. Come as a client does
19. Say what is left to do

The old generation is never changed but in its name, and never deleted. What a step found out is in the journal before
the next begins, and steps 12 to 18 look at how things stand before they act: the same command goes on with whatever
was stopped anywhere. Steps 7 to 10 only look; what stops one of them is a reason not to swap.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Final

from mainstay.core.clock import Clock, SystemClock, parse_time, render_time
from mainstay.core.errors import AnswerIsNo, Inconclusive, InputRefused, NotFound
from mainstay.core.progress import Progress
from mainstay.ops import evidence, tags
from mainstay.ops.drill import document, staying, verdict
from mainstay.ops.generation import moves, naming, proving, swapped
from mainstay.ops.generation.model import Generating, Generation, GenerationRequest
from mainstay.ops.generation.remaining import reconcile, remaining
from mainstay.ops.generation.serving import refuse_strangers, telling_gaps
from mainstay.ops.journal import Journal, Run
from mainstay.ops.lease import hold
from mainstay.ops.restoration import Restoration, Restored, Wish, cut_identifier
from mainstay.ops.restore import begin, compare_with_window, look_at_source, placement_of, wait
from mainstay.ops.routes import Routes
from mainstay.ops.settling import give_password_once, set_the_rest
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps, there
from mainstay.plan.values import Json

Action = Callable[[Generating], None]
OPERATION: Final = "generation"
_HOW: Final = {
    "rename": "{old} becomes {away}, and the new one {old}: the endpoint's DNS name goes with the name",
    "secret": "a new version of secret {secret} leads to the new one; the version before is kept as AWSPREVIOUS",
    "proxy": "{proxies} sends its clients to the new one, and secret {secret} leads to it",
    "dns": "{name} leads to the new one, and so does secret {secret}",
}


def replace_database(
    site: Site,
    request: GenerationRequest,
    *,
    confirm: str | None,
    workspace: Path,
    journal: Journal,
    progress: Progress,
    clock: Clock | None = None,
    routes: Routes | None = None,
) -> Generation:
    """Make a new generation, verify it, and with a `swap` move the clients to it; `confirm` has to name the stack.

    `routes` lead to the databases, None directly.

    InputRefused without the name (with what would be done), or where the way cannot be gone; AnswerIsNo or Inconclusive
    when the verdict is none that is accepted: the new generation is kept aside then, and no client was moved.
    """
    ticking = clock or SystemClock()
    with hold(journal.directory, request.stack, operation="restore", clock=ticking):
        run = _resume_or_begin(journal, request, ticking)
        work = Generating(
            site=site,
            request=request,
            confirm=confirm,
            run=run,
            journal=journal,
            workspace=workspace,
            progress=progress,
            clock=ticking,
            started_at=parse_time(str(run.entries[0]["at"])),
            routes=routes,
        )
        again = f"run the same command again to go on; mainstay restore --undo {run.id} goes back"
        with telling_gaps(moves.stand(work), run):
            run_steps(STEPS, work, run=run, progress=progress, resume=again)
        return _result(work)


def _resume_or_begin(journal: Journal, request: GenerationRequest, clock: Clock) -> Run:
    moment = f"{clock.now().astimezone(UTC):%Y%m%d-%H%M%S}"
    names: dict[str, Json] = {
        "made_as": (request.target or cut_identifier(request.source, f"-restore-{moment}")).lower(),
        "old_name": cut_identifier(request.source, f"-old-{moment}"),
    }
    return journal.resume_or_begin(
        OPERATION,
        request.stack,
        names,
        source=request.source,
        point=request.point,
        swap=request.swap,
        wanted=request.target,
    )


def _see(work: Generating) -> None:
    rds, request, run = work.site.doors.rds, work.request, work.run
    if run.fact("old_resource"):  # by its id: its name may be another by now
        work.old = moves.stand(work).find(moves.old_resource(run))
        return
    work.old = rds.instance(request.source)
    if work.old.is_replica:
        raise InputRefused(
            "not a primary",
            detail=f"{request.source} is a replica of {work.old.source_id}.",
            hint=f"restore {work.old.source_id}",
        )
    if work.routes is not None:
        work.routes.require(work.old)
    if request.swap:
        _refuse_impossible(work)


def _refuse_impossible(work: Generating) -> None:
    request, old = work.request, there(work.old, "the source was not looked at")
    if old.secret_arn:
        raise InputRefused(
            "the login is RDS's own",
            detail=f"RDS manages the password of {old.identifier} in {old.secret_arn}, a secret that nobody else can "
            "write and no other instance can take over.",
            hint="restore without --swap, and give the applications the new instance's secret",
        )
    login = work.site.doors.secrets.read_login(request.secret)
    if login.username != old.username:
        raise InputRefused(
            "another user",
            detail=f"Secret {request.secret} is of {login.username}, and the master user is {old.username}.",
            hint="restore without --swap",
        )
    if request.swap == "secret" and login.host is None:
        raise InputRefused(
            "the secret leads nowhere",
            detail=f"Secret {request.secret} names no host, so that clients find the database in another way.",
            hint="use --swap rename",
        )
    if request.swap == "proxy" and not work.site.doors.proxies.in_front_of(old.identifier):
        raise InputRefused(
            "no proxy", detail=f"No proxy has {old.identifier} behind it.", hint="use --swap rename or secret"
        )


def _ask(work: Generating) -> None:
    request, run = work.request, work.run
    if run.fact("old_resource"):
        return
    names = work.site.doors.proxies.in_front_of(request.source)
    known = naming.look(work, there(work.old, "the source was not looked at")) if request.swap == "dns" else None
    if request.swap and work.confirm != request.stack:
        given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
        how = _HOW[request.swap].format(
            old=request.source,
            away=run.fact("old_name"),
            secret=request.secret,
            proxies=", ".join(names),
            name=naming.told(known),
        )
        lines = [
            f"Nothing was restored, because stack {request.stack} was not confirmed: {given}. This would happen:",
            f"restore {request.source} ({request.point}) as {work.target}, verify it, and go on when it is PROVEN",
            f"{how}; what was committed to the old one after that point stays there",
            "the old generation is kept, and mainstay restore --undo latest goes back to it",
        ]
        raise InputRefused("not confirmed", detail="\n".join(lines), hint=f"confirm: --confirm {request.stack}")
    old = there(work.old, "the source was not looked at")
    run.write("agreed", old_resource=old.resource_id, proxies=list(names), **naming.facts(known))


def _restore(work: Generating) -> None:
    request, old = work.request, there(work.old, "the source was not looked at")
    place = placement_of(old, is_multi_az=request.is_multi_az)
    restoring = work.restoration = Restoration(
        site=work.site,
        wish=Wish(
            source=old.identifier,
            time=request.time,
            snapshot=request.snapshot,
            target=work.target,
            tags=request.tags,
            placement=place.kept_as(request.keeping),
            is_multi_az=request.is_multi_az,
        ),
        target=work.target,
        run=work.run,
        journal=work.journal,
        progress=work.progress,
        clock=work.clock,
        deadline_s=float(request.restore_deadline),
    )
    if work.is_settled:
        return
    look_at_source(restoring)
    restoring.placement = place.kept_as(request.keeping)
    compare_with_window(restoring)
    if restoring.state is None:
        held = restoring.requested_time
        asked = {"asked_at": render_time(work.clock.now())}
        work.run.write("asking", **asked, **({"held_at_least": render_time(held)} if held else {}))
    begin(restoring)


def _wait(work: Generating) -> None:
    if work.is_settled:
        return
    wait(work.restoring)
    state = there(work.restoring.state, "nothing was restored")
    _remember_maker(work, state.tags.get(tags.RUN_ID, ""))
    work.run.write("made", new_resource=state.resource_id)


def _remember_maker(work: Generating, maker: str) -> None:
    """Of a generation that an earlier run made, when that was asked for tells how new it is."""
    if maker in ("", work.run.id) or work.run.fact("asked_at"):
        return
    try:
        known = work.journal.run(maker)
    except NotFound:
        return
    facts = {name: known.fact(name) for name in ("asked_at", "held_at_least")}
    work.run.write("made by", maker=maker, **{name: value for name, value in facts.items() if value})


def _give_password(work: Generating) -> None:
    if not work.is_settled:
        give_password_once(work.restoring)


def _set_rest(work: Generating) -> None:
    if work.is_settled:
        return
    old = there(work.old, "the source was not looked at")
    set_the_rest(work.restoring, work.request.keeping, old.monitoring)
    proving.begin(work)


def _judge(work: Generating) -> None:
    if not work.is_settled:
        _settle(work)


def _settle(work: Generating) -> None:
    request, stored = work.request, work.workspace / "evidence" / work.run.id / "evidence.json"
    if not stored.exists():  # else we were killed just after it was written
        drill = work.looking
        staying.tell_objectives(drill)
        composed = document.compose(drill, verdict.judge(drill))
        signer = evidence.signer_of(work.site, request.signing_key)
        evidence.store(work.workspace, composed, secrets=drill.passwords, signer=signer)
    sealed = evidence.load(stored)
    judged = sealed["verdict"]
    word = judged["word"]
    facts = {"verdict": word, "level": judged["level"], "evidence": sealed["digest"], "evidence_file": str(stored)}
    if request.swap and word not in ("PROVEN", request.accepts):
        work.run.finish("kept aside", **facts)
        error = AnswerIsNo if word == "DISPROVEN" else Inconclusive
        raise error(
            "not swapped",
            detail=f"The new generation {work.target} is {word}: {' '.join(judged['reasons'])} Clients were not "
            f"moved. Evidence: {stored}",
            hint=f"look at {work.target}; to take it nevertheless: --target {work.target} --accept {word}",
        )
    work.run.write("settled", settled=word, **facts)


def _hand_over(work: Generating) -> None:
    if work.request.swap and not work.run.fact("handed_over"):
        refuse_strangers(moves.stand(work), work.run, work.request.secret)
    moves.hand_over(work)


def _tell(work: Generating) -> None:
    where = moves.stand(work)
    old, new = where.find(moves.old_resource(work.run)), where.find(moves.new_resource(work.run))
    work.remaining, work.reconcile = remaining(work, old, new), reconcile(work, old, new)
    if work.request.swap:
        work.run.write("evidence of the swap", swap_evidence=swapped.store(work, old, new)["digest"])
    work.run.finish("swapped" if work.request.swap else "verified", identifier=new.identifier)


def _unless_settled(action: Action) -> Action:
    def act(work: Generating) -> None:
        if not work.is_settled:
            action(work)

    return act


# What only looks is not done again once the verdict is there, and its own stop is no stop.
_MAKING: Final[tuple[tuple[str, Action, bool], ...]] = (
    ("Look at what is there", _see, False),
    ("Ask for the stack's name", _ask, False),
    ("Restore into a new instance", _restore, False),
    ("Wait until it is available", _wait, False),
    ("Give it a password of its own", _give_password, False),
    ("Set what a restore leaves at its default", _set_rest, False),
)
_LOOKING: Final[tuple[tuple[str, Action], ...]] = (
    ("Log in over TLS", proving.log_in),
    ("Verify the point and the data", proving.verify),
    ("Ask the user's own questions", proving.ask),
    ("Take a commit", proving.use),
)
_SWAPPING: Final[tuple[tuple[str, Action], ...]] = (
    ("Write the evidence, and let the verdict decide", _judge),
    ("Give it the login that clients have", _hand_over),
    ("Move the old generation's name away", moves.move_old_away),
    ("Give the new one its name", moves.take_its_name),  # free only once the old one is away
    ("Point the secret at it", moves.point_secret),
    ("Lead the name in DNS to it", moves.lead_name),
    ("Move the proxies to it", moves.move_proxies),
    ("Come as a client does", moves.come_as_a_client),
    ("Say what is left to do", _tell),
)


def _steps() -> tuple[Step[Generating], ...]:
    made = [staying.staying_step(number, *row[:2], looks=row[2]) for number, row in enumerate(_MAKING, 1)]
    first = len(_MAKING) + 1
    looked = [staying.staying_step(number, *row, looks=True) for number, row in enumerate(_LOOKING, first)]
    return (
        *made,
        *(Step(step.name, _unless_settled(step.action)) for step in looked),
        *(Step(name, action) for name, action in _SWAPPING),
    )


STEPS: Final = _steps()


def _result(work: Generating) -> Generation:
    run, request, where = work.run, work.request, moves.stand(work)
    old, new = where.find(moves.old_resource(run)), where.find(moves.new_resource(run))
    stored = Path(str(run.fact("evidence_file")))
    held = request.time or (work.restoring.requested_time if request.snapshot is None else None)
    return Generation(
        restored=Restored(
            site=work.site.label,
            identifier=new.identifier,
            resource_id=new.resource_id,
            source_id=request.source,
            source_resource_id=old.resource_id,
            point=request.point,
            requested_time=held,
            address=new.address or "",
            port=new.port or 0,
            username=new.username,
            login_secret_arn=request.secret if request.swap else str(run.fact("password")),
            run_id=run.id,
            phases_s={str(step["name"]): float(str(step["seconds"])) for step in work.steps},
        ),
        swap=request.swap,
        old_identifier=old.identifier,
        old_resource_id=old.resource_id,
        word=str(run.fact("verdict")),
        level=str(run.fact("level")),
        remaining=work.remaining,
        reconcile=work.reconcile,
        evidence=evidence.load(stored),
        evidence_path=stored,
    )
