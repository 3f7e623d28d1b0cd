"""A reconciliation that was stopped half way, and whose clients went back meanwhile: the stack goes on from there."""

from __future__ import annotations

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.formats.cloudformation.document import load
from mainstay.ops.generation.carrying import template_of
from mainstay.ops.generation.forms import Forms, forms_of, prefix_of
from mainstay.ops.generation.reconciled import (
    IMPORTING,
    RECONCILE,
    TAKING_OUT,
    Reconciling,
    before_of,
    listed,
    literals_in,
)
from mainstay.ops.journal import Run

_LAST = 4


def inherit(work: Reconciling) -> None:
    """Take over what an unfinished run for the other generation has made of the stack; its beginning is ours then.

    The first two forms are the same whichever generation is imported. InputRefused without the stack's name, and
    TargetRefused when the stack is in none of that run's forms.
    """
    for other in work.journal.unfinished(RECONCILE, work.stack):
        if other.id != work.run.id and other.fact("literals") is not None:
            _go_on_from(work, other)


def _go_on_from(work: Reconciling, other: Run) -> None:
    path = before_of(work.workspace, other)
    text = path.read_text(encoding="utf-8")
    leaving = listed(other, "leaving")
    theirs = forms_of(
        load(text, file=str(path)).root,
        work.key,
        literals_in(other),
        str(other.fact("to")),
        listed(other, "groups"),
        leaving=leaving,
    )
    at = _where(work, other, theirs)
    if at in (0, _LAST):
        policy = other.fact("policy")
        if policy:
            with other.acting("cloudformation:SetStackPolicy", stack=work.stack):
                work.site.doors.cloudformation.put_policy(work.stack, str(policy))
        other.finish("reconciled" if at else "not begun", reconciled=other.fact("serving") if at else None)
        return
    if work.confirm != work.stack:
        raise InputRefused(
            "not confirmed",
            detail=f"Run {other.id} left stack {work.stack} between two forms, on the way to {other.fact('to')}; "
            f"clients reach {work.new.identifier} now. This would bring that one into the stack instead.",
            hint=f"confirm: --confirm {work.stack}",
        )
    if at == IMPORTING:
        work.carrier.carry(theirs.templates[TAKING_OUT], leaving=theirs.leaving)
    work.before.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work.before.write_text(text, encoding="utf-8")
    work.run.write(
        "agreed",
        literals=other.fact("literals"),
        groups=[one.name for one in work.site.doors.logs.groups(prefix_of(work.new.identifier))],
        policy=other.fact("policy"),
        to=work.new.identifier,
        leaving=list(leaving),
        confirmed=work.confirm,
        formed=min(at, TAKING_OUT),
    )
    other.finish("taken over", by=work.run.id)


def _where(work: Reconciling, other: Run, theirs: Forms) -> int:
    """Which form the stack is in; under the same name the last one is the first one, and the journal tells."""
    now = template_of(work.site, work.stack)
    found = [number for number in range(_LAST + 1) if theirs.is_at(number, now)]
    if not found:
        raise TargetRefused(
            "the stack was changed meanwhile",
            detail=f"Run {other.id} stopped on the way, and the template of stack {work.stack} is none that it made. "
            f"Its template at the beginning is kept: {before_of(work.workspace, other)}",
            hint="see who deployed, and bring it back into the form that it had",
        )
    return found[-1] if int(str(other.fact("formed"))) >= IMPORTING else found[0]
