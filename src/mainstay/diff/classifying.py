"""The one classifier: what changing a field does, by the facts of replacement first and by the table then."""

from __future__ import annotations

import dataclasses

from mainstay import facts
from mainstay.diff.effects import Effect, FieldChange
from mainstay.diff.row import Case
from mainstay.diff.situation import Situation, is_applied_at_once
from mainstay.diff.table import BY_FIELD
from mainstay.diff.target import replaces
from mainstay.diff.values import entries, words
from mainstay.plan.resources import DbInstance, Opaque


def classify(situation: Situation, *, written: tuple[str, str], through: str = "") -> FieldChange:
    """What the change does. `written` is the type and the property that the field is written to.

    `through` is the key of a resource that is replaced and that the field names, when nothing else of it differs.
    """
    case, source = _case(situation, written)
    before, after = entries(situation.old, situation.new, situation.field)
    if through:
        before, after = through, f"{through}, which is replaced"
    effect, then = case.effect, None
    if case.waits and isinstance(situation.after, DbInstance) and not is_applied_at_once(situation.after):
        effect, then = Effect.DEFERRED, case.effect
    window = getattr(situation.after, "maintenance_window", None)
    when = f" The window is {words(window)}." if then is not None and window is not None else ""
    return FieldChange(
        field=situation.field,
        written=written[1],
        before=before,
        after=after,
        effect=effect,
        then=then,
        reason=f"{case.why}{when}",
        source=source,
        outage=facts.outage(case.outage) if case.outage else None,
        warning=case.warning,
        loses=case.loses,
    )


def doubtful(situation: Situation, reason: str, *, written: tuple[str, str]) -> FieldChange:
    """A field of which nobody can tell from here whether it differs, with what it does if it does."""
    known = classify(situation, written=written)
    would = f"{known.effect}, then {known.then}" if known.then else str(known.effect)
    return dataclasses.replace(
        known,
        effect=Effect.UNKNOWN,
        then=known.effect,
        outage=None,
        loses="",
        warning="",
        reason=f"{reason[:1].upper()}{reason[1:]}; if it differs: {would}. {known.reason}",
    )


def _case(situation: Situation, written: tuple[str, str]) -> tuple[Case, str]:
    type_name, name = written
    target = situation.meeting.target
    fact = facts.replacement(type_name)
    source = facts.load("replacement" if "::" in type_name else "provider_replacement").citation
    answer = replaces(type_name, [name])
    row = BY_FIELD.get((type(situation.after), situation.field))
    is_own = type_name == target.type_of(situation.after)
    if answer == "yes" and is_own:
        what = "anything of it" if fact.is_always else name
        return Case(effect=Effect.REPLACEMENT, why=f"{target.name} cannot change {what} in place."), source
    if row is not None:
        return row.case(situation), row.source
    if answer == "perhaps" and is_own:
        why = f"{target.name} may have to make a new one for {name}; a change set tells for certain."
        return Case(effect=Effect.REPLACEMENT, why=why), source
    if isinstance(situation.after, Opaque) and not facts.has_replacement_facts(type_name):
        why = f"No table knows what a change of {type_name} does; a change set or terraform plan tells."
        return Case(effect=Effect.UNKNOWN, why=why), source
    return Case(effect=Effect.IN_PLACE, why="Without an interruption."), source
