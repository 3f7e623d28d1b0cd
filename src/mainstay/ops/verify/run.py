"""Did it arrive? Named checks of a deployed stack against its plan; each passes, warns, fails, or was not observed.

Nothing is changed. At most a message is written into the log of transactions, which no table sees, to
watch it arrive on the replicas.
"""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import MainstayError, NotFound
from mainstay.core.progress import Progress, Silent
from mainstay.ops.routes import Routes, observed_from
from mainstay.ops.site import Site
from mainstay.ops.verify import alerts, database, names, proxies, recovery, settings
from mainstay.ops.verify.model import Answer, Check, Outcome, Scene, Verification, failed, unobserved
from mainstay.plan.plan import Plan

CHECKS: Final = (
    Check("the stack is complete", settings.stack_is_complete),
    Check("instances are set as planned", settings.instances_are_as_planned),
    Check("parameter groups are as planned", settings.parameter_groups_are_as_planned),
    Check("keys are usable", settings.keys_are_usable),
    Check("vaults are as planned", recovery.vaults_are_as_planned),
    Check("login over TLS works", database.login_works),
    Check("connections without TLS are refused", database.plain_is_refused),
    Check("parameters are in force", database.parameters_are_in_force),
    Check("replication is streaming", database.replication_streams),
    Check("replicas follow and take no writes", database.replicas_follow),
    Check("proxies are as planned", proxies.proxies_are_as_planned),
    Check("proxies reach their database", proxies.proxies_reach_their_database),
    Check("names lead to their database", names.names_lead_to_their_database),
    Check("the restorable time advances", settings.restorable_time_advances),
    Check("alarms are in place", alerts.alarms_are_in_place),
    Check("subscribers are confirmed", alerts.subscribers_are_confirmed),
)

RECOVERY_CHECKS: Final = (
    Check("the stack is complete", settings.stack_is_complete),
    Check("parameter groups are as planned", settings.parameter_groups_are_as_planned),
    Check("keys are usable", settings.keys_are_usable),
    Check("vaults are as planned", recovery.vaults_are_as_planned),
    Check("backups are replicated", recovery.backups_are_replicated),
    Check("copies arrive", recovery.copies_arrive),
    Check("subscribers are confirmed", alerts.subscribers_are_confirmed),
)
"""What is asked of a second region, in which no database runs."""


def verify(
    site: Site,
    plan: Plan,
    stack: str,
    *,
    progress: Progress | None = None,
    clock: Clock | None = None,
    routes: Routes | None = None,
) -> Verification:
    """Ask every check about the stack of the site's region. `routes` lead to its databases, None only directly.

    NotFound when there is no such stack; a fault of one check ends only that one.
    """
    clock, progress = clock or SystemClock(), progress or Silent()
    cloudformation = site.doors.cloudformation
    region = next((part for part in plan.regions if part.region == site.region), plan.primary)
    scene = Scene(
        site=site,
        region=region,
        intent=plan.intent,
        stack=cloudformation.stack(stack),
        resources={resource.logical_id: resource for resource in cloudformation.resources(stack)},
        progress=progress,
        clock=clock,
        routes=routes or Routes(site),
        elsewhere=tuple(part for part in plan.regions if part is not region),
    )
    checks = CHECKS if region is plan.primary else RECOVERY_CHECKS
    answers = []
    for number, check in enumerate(checks, start=1):
        progress.step(number, len(checks), check.name)
        outcome = _ask(check, scene)
        progress.note(f"{outcome.mark.value}: {outcome.sentence}")
        answers.append(Answer(check.name, outcome))
    return Verification(
        stack=stack,
        site=site.label,
        region=site.region,
        answers=tuple(answers),
        observed_from=observed_from(scene.routes),
    )


def _ask(check: Check, scene: Scene) -> Outcome:
    try:
        return check.ask(scene)
    except NotFound as error:
        return failed(_sentence(error), error.hint)
    except MainstayError as error:
        return unobserved(_sentence(error), error.hint)


def _sentence(error: MainstayError) -> str:
    return " ".join(f"{error.summary}: {error.detail}".split())
