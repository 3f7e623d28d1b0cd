"""`generation reconcile`: the stack holds the generation that clients reach, under the logical id that it always had.

Steps:
 1. Look at the swap, the stack and both generations
 2. Ask for the stack's name
 3. Let the stack's policy allow it
 4. Write values in the place of references
 5. Take the other generation out of the stack
 6. Import the one that serves
 7. Refer to it again
 8. Put the stack's policy back
 9. Look for differences

A swap by name needs no import, unless the stack reads the database's resource id. Nothing is deleted: what leaves the
stack stays, and no server, name, secret or proxy is touched but by the last form, which says what is so already. The
stack as it was lies beside the journal. After an undo the same steps bring the old generation back into the stack.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import InputRefused, MainstayError, NotFound, TargetRefused
from mainstay.core.progress import Progress
from mainstay.formats.cloudformation import letting_go
from mainstay.formats.cloudformation.document import load
from mainstay.ops import stack_policy
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.evidence import path_of
from mainstay.ops.generation import naming, reconciliation
from mainstay.ops.generation.carrying import template_of
from mainstay.ops.generation.forms import RESOURCE_ID, forms_of, literals_of, prefix_of, target_groups
from mainstay.ops.generation.inheriting import inherit
from mainstay.ops.generation.moved import Filing
from mainstay.ops.generation.reconciled import (
    IMPORTING,
    RECONCILE,
    TAKING_OUT,
    Reconciled,
    Reconciling,
    believed,
    listed,
    literals_in,
    reconcilable,
    serving,
)
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Journal
from mainstay.ops.lease import hold
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps, there


def reconcile_stack(
    site: Site,
    stack: str,
    *,
    key: str,
    secret: str,
    planned: str,
    run_id: str | None,
    confirm: str | None,
    journal: Journal,
    filing: Filing,
    progress: Progress,
    clock: Clock | None = None,
) -> Reconciled:
    """Have the stack's database be the generation that serves after a swap, the newest one without `run_id`.

    `key` is the database's logical id, `secret` the login that clients have, `planned` what the spec calls it. `filing`
    says where the evidence goes, which there is where the stack is changed; the stack as it was is kept there, too.
    InputRefused without the stack's name as `confirm`, and where the stack cannot be brought there by an import, with
    what to do instead; TargetRefused with CloudFormation's reason.
    """
    ticking = clock or SystemClock()
    with hold(journal.directory, stack, operation=RECONCILE, clock=ticking):
        swapped = reconcilable(journal, stack, run_id)
        resource = serving(swapped)
        work = Reconciling(
            site=site,
            stack=stack,
            key=key,
            secret=secret,
            planned=planned,
            confirm=confirm,
            swapped=swapped,
            run=journal.resume_or_begin(RECONCILE, stack, swap_run=swapped.id, serving=resource),
            journal=journal,
            workspace=filing.workspace,
            progress=progress,
            clock=ticking,
        )
        again = "run the same command again to go on: the stack is between two forms until then"
        run_steps(RECONCILE_STEPS, work, run=work.run, progress=progress, resume=again)
        sealed = reconciliation.store(work, _held(work), filing) if work.forms else None
        work.run.finish("reconciled", reconciled=resource, evidence=sealed["digest"] if sealed else None)
        return _result(work, str(path_of(filing.workspace, work.run.id)) if sealed else "")


def _see(work: Reconciling) -> None:
    cloudformation = work.site.doors.cloudformation
    where = Stand(site=work.site, run=work.run, progress=work.progress, clock=work.clock)
    work.serving = where.find(str(work.run.fact("serving")))
    if not work.serving.is_available:
        raise TargetRefused(
            "not available",
            detail=f"{work.serving.identifier} is {work.serving.status}; CloudFormation would wait for it in vain.",
            hint="wait until it is available, and run the same command again",
        )
    work.carrier.settle()
    if cloudformation.nested_stacks(work.stack):
        raise InputRefused(
            "nested stacks cannot import",
            # CloudFormation user guide, resource-import, "only supports one level of nesting", 2026-11-21.
            detail=f"Stack {work.stack} holds its database in a nested stack; CloudFormation imports into none.",
            hint="undo, and swap with --swap rename: then nothing has to be imported",
        )
    if work.run.fact("literals") is None:
        inherit(work)
    if work.run.fact("literals") is None:
        held = {one.logical_id: one.physical_id for one in cloudformation.resources(work.stack)}.get(work.key)
        if held is None:
            raise NotFound("no database", detail=f"Stack {work.stack} has no {work.key}.", hint="see: mainstay status")
        reads = letting_go.uses(template_of(work.site, work.stack), work.key)
        is_stale = RESOURCE_ID in reads and believed(work.journal, work.stack) != work.serving.resource_id
        work.is_in_step = held == work.serving.identifier and not is_stale


def _ask(work: Reconciling) -> None:
    if work.is_in_step:
        return
    if work.run.fact("literals") is None:
        _agree(work)
    groups, leaving = listed(work.run, "groups"), listed(work.run, "leaving")
    work.forms = forms_of(_start(work), work.key, literals_in(work.run), work.new.identifier, groups, leaving=leaving)


def _agree(work: Reconciling) -> None:
    """Ask, and keep the stack as it is: everything that comes is worked out from that."""
    template = template_of(work.site, work.stack)
    held = _held(work)
    read_of = believed(work.journal, work.stack) or held.resource_id
    literals = literals_of(template, work.key, held, read_of, _targets(work, template, held))
    there_now = [one.name for one in work.site.doors.logs.groups(prefix_of(work.new.identifier))]
    forms = forms_of(template, work.key, literals, work.new.identifier, there_now)
    if work.confirm != work.stack:
        given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
        lines = [
            f"Nothing was changed, because stack {work.stack} was not confirmed: {given}. This would happen:",
            f"{', '.join(forms.leaving)} leave the stack and stay; what refers to them says the same as values",
            f"imported again: {', '.join(one.logical_id for one in forms.imports)}; {work.key} is then "
            f"{work.new.identifier} ({work.new.resource_id})",
            "references come back, and alarms, subscriptions and outputs follow the instance that serves",
        ]
        raise InputRefused("not confirmed", detail="\n".join(lines), hint=f"confirm: --confirm {work.stack}")
    work.before.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work.before.write_text(json.dumps(template, indent=2), encoding="utf-8")
    policy = work.site.doors.cloudformation.policy(work.stack)
    _relaxed(work, policy, forms.leaving)  # refuses here what is not ours to change
    work.run.write(
        "agreed",
        literals=dict(literals),
        groups=list(there_now),
        policy=policy,
        to=work.new.identifier,
        leaving=list(forms.leaving),
        confirmed=work.confirm,
        formed=0,
    )


def _targets(work: Reconciling, template: letting_go.Template, held: DbState) -> dict[str, str]:
    """The ARNs of the target groups in the stack by which proxies lead to the serving instance already."""
    if held.identifier == work.new.identifier or not work.site.doors.proxies.in_front_of(work.new.identifier):
        return {}
    known = {one.logical_id: one.physical_id for one in work.site.doors.cloudformation.resources(work.stack)}
    return {key: known[key] for key in target_groups(template, work.key)}


def _held(work: Reconciling) -> DbState:
    known = {one.logical_id: one.physical_id for one in work.site.doors.cloudformation.resources(work.stack)}
    return work.site.doors.rds.instance(known[work.key])


def _start(work: Reconciling) -> letting_go.Template:
    return load(work.before.read_text(encoding="utf-8"), file=str(work.before)).root


def _relaxed(work: Reconciling, policy: str | None, leaving: tuple[str, ...]) -> dict[str, object] | None:
    """The stack's policy without these; None where it denies nothing of them. InputRefused for somebody else's."""
    if policy is None:
        return None
    named = stack_policy.guarded_by(policy)
    if named is None:
        raise InputRefused(
            "the stack's policy is somebody else's",
            detail=f"Mainstay did not write the policy of stack {work.stack}, which {', '.join(leaving)} would leave.",
            hint="take that policy away for as long as this takes, and put it back afterwards",
        )
    return stack_policy.policy([key for key in named if key not in leaving]) if set(named) & set(leaving) else None


def _allow(work: Reconciling) -> None:
    if work.forms is None:
        return
    policy = work.run.fact("policy")
    wanted = _relaxed(work, str(policy) if policy else None, work.forms.leaving)
    if wanted is not None and int(str(work.run.fact("formed"))) < TAKING_OUT:
        with work.run.acting("cloudformation:SetStackPolicy", stack=work.stack):
            work.site.doors.cloudformation.set_policy(work.stack, wanted)


def _form(number: int) -> Callable[[Reconciling], None]:
    """Bring the stack from one form into the next; what a killed run did already is seen, and left."""

    def act(work: Reconciling) -> None:
        forms = work.forms
        if forms is None or int(str(work.run.fact("formed"))) >= number:
            return
        work.carrier.settle()
        _lead(work)
        now = template_of(work.site, work.stack)
        if not forms.is_at(number, now):
            if not forms.is_at(number - 1, now):
                raise TargetRefused(
                    "the stack was changed meanwhile",
                    detail=f"The template of stack {work.stack} is none that this run has made. Its template at the "
                    f"beginning is kept: {work.before}",
                    hint="see who deployed, and bring it back into the form that it had",
                )
            try:
                work.carrier.carry(
                    forms.templates[number],
                    imports=forms.imports if number == IMPORTING else (),
                    leaving=forms.leaving if number == TAKING_OUT else (),
                )
            except MainstayError:
                _lead(work)
                raise
        work.run.write("formed", formed=number)

    return act


def _lead(work: Reconciling) -> None:
    """Have secret and name lead where clients are: an update that is taken back also takes back where these point."""
    login = work.site.doors.secrets.read_login(work.secret)
    if login.host is not None and login.host != work.new.address:
        where = Stand(site=work.site, run=work.run, progress=work.progress, clock=work.clock)
        where.point_secret(work.secret, work.new.resource_id)
        work.progress.note(f"secret {work.secret} led to {login.host}; it leads to {work.new.identifier} again")
    zone, name = work.swapped.fact("dns_zone"), work.swapped.fact("dns_name")
    found = work.site.doors.names.find(str(zone), str(name)) if name else None
    if found is not None and found.leads_to != str(work.new.address).lower():
        where = Stand(site=work.site, run=work.run, progress=work.progress, clock=work.clock)
        naming.lead(where, work.swapped, work.new.resource_id)


def _forbid(work: Reconciling) -> None:
    policy = work.run.fact("policy")
    if work.forms is None or not policy:
        return
    with work.run.acting("cloudformation:SetStackPolicy", stack=work.stack):
        work.site.doors.cloudformation.put_policy(work.stack, str(policy))


def _prove(work: Reconciling) -> None:
    work.drift = work.site.doors.cloudformation.drift(work.stack, work.key)
    held = _held(work)
    if held.resource_id != work.new.resource_id:
        raise TargetRefused(
            "the stack holds another one",
            detail=f"{work.key} of stack {work.stack} is {held.identifier} ({held.resource_id}), and clients reach "
            f"{work.new.identifier} ({work.new.resource_id}).",
            hint="run the same command again",
        )
    work.pending = work.carrier.differs(template_of(work.site, work.stack)) if work.forms else ()
    work.progress.note(
        f"{work.key} of stack {work.stack} is {held.identifier} ({held.resource_id}): {work.drift.status}"
    )


RECONCILE_STEPS: Final = (
    Step("Look at the swap, the stack and both generations", _see),
    Step("Ask for the stack's name", _ask),
    Step("Let the stack's policy allow it", _allow),
    Step("Write values in the place of references", _form(1)),
    Step("Take the other generation out of the stack", _form(TAKING_OUT)),
    Step("Import the one that serves", _form(IMPORTING)),
    Step("Refer to it again", _form(4)),
    Step("Put the stack's policy back", _forbid),
    Step("Look for differences", _prove),
)


def _result(work: Reconciling, evidence_file: str) -> Reconciled:
    drift = there(work.drift, "nothing was compared")
    return Reconciled(
        site=work.site.label,
        run_id=work.run.id,
        stack=work.stack,
        key=work.key,
        identifier=work.new.identifier,
        resource_id=work.new.resource_id,
        was_imported=work.forms is not None,
        drift=drift.status,
        differences=drift.differences,
        pending=work.pending,
        remaining=tuple(_remaining(work)),
        evidence_file=evidence_file,
    )


def _remaining(work: Reconciling) -> list[str]:
    name, left = work.new.identifier, []
    if name != work.planned:
        left.append(
            f"The spec calls the database {work.planned}: write database: {{identifier: {name}}} into it before the "
            "next deployment, which would else be refused, because it would replace the database."
        )
    if work.drift and work.drift.differences:
        told = "; ".join(f"{path}: {wanted} written, {seen} there" for path, wanted, seen in work.drift.differences)
        left.append(f"{name} differs from the template, and a deployment does not see it: {told}.")
    return left
