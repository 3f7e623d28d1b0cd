"""What becomes of one resource: its fields together, what is lost with it, and what its policies keep."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator

from mainstay import facts
from mainstay.diff import traps
from mainstay.diff.classifying import classify, doubtful
from mainstay.diff.effects import Effect, FieldChange, ResourceChange, gravest
from mainstay.diff.fates import STAYS, fate_of, is_weaker
from mainstay.diff.matching import kind_of, name_of
from mainstay.diff.provider import leaves_alone, unseen
from mainstay.diff.situation import Meeting, Situation, users_of
from mainstay.diff.target import CLOUDFORMATION, split
from mainstay.diff.values import Comparison, Declared, compare, references, words
from mainstay.plan.resources import DbInstance, Fate, Key, Opaque, ParameterGroup, Resource

# Bookkeeping, or looked at by itself.
_ASIDE = frozenset(
    {"key", "address", "origin", "extras", "depends_on", "on_delete", "on_replace", "type", "properties"}
)
_POLICIES = "CloudFormation User Guide, aws-attribute-deletionpolicy and -updatereplacepolicy (2026-11-20)"
_FORBIDDEN = "prevent_destroy in the module stops Terraform, as long as it stands there"
_NEW = "CloudFormation User Guide, using-cfn-updating-stacks-update-behaviors (2026-11-20)"


def changed(
    before: Resource,
    after: Resource,
    meeting: Meeting,
    declared: Declared,
    replaced: Collection[str],
    *,
    is_renamed: bool = False,
) -> ResourceChange | None:
    """What becomes of a resource that is in both plans; None when nothing of it differs.

    `replaced` are the keys of the resources that are made anew: who names one finds another thing there.
    """
    if is_renamed:
        return _renamed(before, after, meeting)
    if kind_of(before) != kind_of(after):
        return _made_something_else(before, after, meeting)
    fields = tuple(_fields(before, after, meeting, declared, replaced))
    return _together(before, after, meeting, fields) if fields else None


def added(after: Resource, meeting: Meeting) -> ResourceChange:
    """A resource that the old plan does not have."""
    refusal = traps.static_at_once(after)
    return ResourceChange(
        key=after.key,
        kind=kind_of(after),
        action="added",
        effect=Effect.REFUSED if refusal else Effect.CREATED,
        name=_name(after),
        address=after.address,
        reason=refusal or f"{meeting.target.name} creates it.",
        source=traps.APPLY_METHOD if refusal else _NEW,
        warning=traps.of_added(after),
    )


def removed(before: Resource, meeting: Meeting) -> ResourceChange:
    """A resource that the new plan does not have."""
    fate = meeting.target.fate(before)
    held = facts.held(meeting.target.type_of(before))
    is_lost = held is not None and fate in (Fate.DELETE, Fate.SNAPSHOT)
    return ResourceChange(
        key=before.key,
        kind=kind_of(before),
        action="removed",
        effect=Effect.REMOVED,
        name=_name(before),
        address=before.address,
        reason="It leaves the plan and is deleted." if fate in (Fate.DELETE, Fate.SNAPSHOT) else "It leaves the plan.",
        source=_POLICIES,
        warning=traps.of_removed(before, fate),
        loses=held.what if held is not None and is_lost else "",
        is_guarded=held is not None and held.is_guarded,
        keeps=_kept(before, fate, meeting),
    )


def _together(before: Resource, after: Resource, meeting: Meeting, fields: tuple[FieldChange, ...]) -> ResourceChange:
    effect = gravest(one.effect for one in fields)
    held = facts.held(meeting.target.type_of(before))
    is_new = effect is Effect.REPLACEMENT
    users = users_of(after, meeting.after) if isinstance(after, ParameterGroup) else ()
    change = ResourceChange(
        key=after.key,
        kind=kind_of(after),
        action="changed",
        effect=effect,
        name=_name(after),
        address=after.address,
        was=before.key if before.key != after.key else "",
        fields=fields,
        reason="A new one takes its place, and the old one goes." if is_new else "",
        source=_NEW if is_new else "",
        loses=held.what if held and is_new else "",
        warning=_FORBIDDEN if is_new and meeting.target.forbids(after) else "",
        keeps=_kept(before, meeting.target.fate(before, after), meeting) if is_new else "",
        is_guarded=held is not None and held.is_guarded,
        instances=tuple(one.key for one in users),
    )
    return _colliding(change, before, after, meeting) if is_new else change


def _colliding(change: ResourceChange, before: Resource, after: Resource, meeting: Meeting) -> ResourceChange:
    """A new thing under the name of one that still stands. What holds data is a loss nevertheless: whoever gets
    the update through, by another name, loses it.
    """
    name = name_of(after)
    if name is None or repr(name) != repr(name_of(before)):
        return change
    if meeting.target.name == CLOUDFORMATION:
        said = f"CloudFormation makes the new one first, and {_name(after)} already exists: the update fails"
        if not change.loses:
            return dataclasses.replace(
                change, effect=Effect.REFUSED, reason=f"{said}; give it another name in the same change.", keeps=""
            )
        return dataclasses.replace(change, warning=f"{said}, as long as the name stays")
    if isinstance(before, ParameterGroup) and users_of(before, meeting.before):
        said = f"Terraform destroys {_name(after)} first, and RDS keeps a group that an instance has"
        return dataclasses.replace(change, effect=Effect.REFUSED, reason=f"{said}; give it another name.", keeps="")
    return change


def _renamed(before: Resource, after: Resource, meeting: Meeting) -> ResourceChange:
    held = facts.held(meeting.target.type_of(before))
    is_cloudformation = meeting.target.name == CLOUDFORMATION
    was, now = (one.key if is_cloudformation else one.address or one.key for one in (before, after))
    change = ResourceChange(
        key=after.key,
        kind=kind_of(after),
        action="renamed",
        effect=Effect.REPLACEMENT,
        name=_name(after),
        address=after.address,
        was=was,
        source=_NEW,
        loses=held.what if held else "",
        keeps=_kept(before, meeting.target.fate(before), meeting),
        is_guarded=held is not None and held.is_guarded,
    )
    if is_cloudformation:
        said = f"{was} and {now} are two resources to CloudFormation, and both are called {_name(after)}"
        change = dataclasses.replace(change, reason=f"{said}: a new one is made before the old one goes.")
        return _colliding(change, before, after, meeting)
    moved = f"write a moved block from {was} to {now}, and it stays as it is"
    return dataclasses.replace(
        change, reason=f"It has another address: Terraform destroys {was} and creates {now}.", warning=moved
    )


def _made_something_else(before: Resource, after: Resource, meeting: Meeting) -> ResourceChange:
    gone = removed(before, meeting)
    return dataclasses.replace(
        gone,
        action="changed",
        effect=Effect.REFUSED,
        kind=kind_of(after),
        name=_name(after),
        reason=f"{before.key} was a {kind_of(before)}; no resource becomes one of another type: give it another key.",
        source=_NEW,
    )


def _fields(
    before: Resource, after: Resource, meeting: Meeting, declared: Declared, replaced: Collection[str]
) -> Iterator[FieldChange]:
    for name, old, new in _values(before, after):
        if not old and not new and old == new:
            continue  # most fields of most resources: nothing is written on either side
        situation = Situation(meeting=meeting, field=name, old=old, new=new, before=before, after=after)
        written = _written(name, after, meeting)
        if leaves_alone(situation, written):
            continue
        blind = unseen(situation)
        found = Comparison("uncertain", blind) if blind else compare(old, new, declared)
        through = next((key for key in references(new) if key in replaced and key != after.key), "")
        if found.verdict == "differs" or (found.verdict == "same" and through):
            change = classify(situation, written=written, through=through if found.verdict == "same" else "")
            yield traps.in_context(change, situation)
        elif found.verdict == "uncertain":
            yield doubtful(situation, found.reason, written=written)
    yield from _policies(before, after, meeting)


def _values(before: Resource, after: Resource) -> Iterator[tuple[str, object, object]]:
    """Field by field; of what no table knows, property by property. Extras by their property."""
    if isinstance(before, Opaque) and isinstance(after, Opaque):
        for name in {**before.properties, **after.properties}:
            yield name, before.properties.get(name), after.properties.get(name)
    else:
        for spec in dataclasses.fields(after):
            if spec.name not in _ASIDE:
                yield spec.name, getattr(before, spec.name), getattr(after, spec.name)
    for path in {**before.extras, **after.extras}:
        # What stands beside the properties (metadata, a creation policy) is nothing of the thing itself.
        if not path.startswith("@"):
            yield path, before.extras.get(path), after.extras.get(path)


def _written(name: str, resource: Resource, meeting: Meeting) -> tuple[str, str]:
    own = meeting.target.type_of(resource)
    if isinstance(resource, Opaque) or name in resource.extras or "." in name or not hasattr(resource, name):
        return split(name, own)
    return meeting.target.written(resource, name)


def _policies(before: Resource, after: Resource, meeting: Meeting) -> Iterator[FieldChange]:
    """What would be kept of it: a change of that is carried out without touching the thing."""
    held = facts.held(meeting.target.type_of(after))
    for name, is_replaced, written in _policy_names(before, after, meeting):
        old, new = (fate_of(one, is_replaced=is_replaced) for one in (before, after))
        if old == new:
            continue
        when = "replaced" if is_replaced else "removed from the plan"
        what = f"when it is {when}, {_fate_words(new)}"
        yield FieldChange(
            field=name,
            written=written,
            before=str(old),
            after=str(new),
            effect=Effect.IN_PLACE,
            reason="It says what is kept; the thing itself is not touched.",
            source=_POLICIES,
            warning=what if held and is_weaker(new, old) else "",
        )


def _policy_names(before: Resource, after: Resource, meeting: Meeting) -> tuple[tuple[str, bool, str], ...]:
    """Field, whether it is about a replacement, and what it is written to. Terraform has one of both, and shows it of
    a database only.
    """
    if meeting.target.name == CLOUDFORMATION:
        return (("on_delete", False, "DeletionPolicy"), ("on_replace", True, "UpdateReplacePolicy"))
    if isinstance(after, DbInstance):
        return (("on_delete", False, "skip_final_snapshot"),)
    is_shown = bool(before.address or after.address)
    return () if is_shown else (("on_delete", False, "lifecycle"),)


def _fate_words(fate: Fate) -> str:
    return {
        Fate.DELETE: "nothing is kept",
        Fate.SNAPSHOT: "a last snapshot is kept",
    }.get(fate, "it stays")


def _kept(resource: Resource, fate: Fate, meeting: Meeting) -> str:
    """What is kept of a resource that goes, in words; empty when nothing is, or nothing was held."""
    if facts.held(meeting.target.type_of(resource)) is None:
        return "it stays, outside of the plan" if fate in STAYS else ""
    if fate in STAYS:
        return "the old one stays as it is, outside of the plan"
    if fate is Fate.SNAPSHOT:
        return "a last snapshot is taken, from which it can be restored under another name"
    if isinstance(resource, Key):
        window = words(resource.pending_window) if resource.pending_window is not None else "30d"
        return f"its deletion waits for {window}, in which it can be taken back"
    if isinstance(resource, DbInstance) and resource.deletes_automated_backups is False:
        return "its automated backups stay for their retention"
    return "nothing"


def _name(resource: Resource) -> str:
    name = name_of(resource)
    return "" if name is None else words(name)
