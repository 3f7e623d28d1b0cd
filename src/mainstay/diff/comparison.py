"""Two plans compared: region by region, resource by resource, field by field."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from mainstay import facts
from mainstay.diff.effects import Difference, Effect, RegionDifference, ResourceChange
from mainstay.diff.matching import Pair, kind_of, name_of, pairs
from mainstay.diff.resource_changes import added, changed, removed
from mainstay.diff.situation import Meeting, Standing
from mainstay.diff.target import CLOUDFORMATION, Target
from mainstay.diff.values import Declared, words
from mainstay.plan.plan import Plan, RegionPlan


def compare(
    before: Plan,
    after: Plan,
    target: Target,
    *,
    standing: Mapping[str, Mapping[str, Standing]] | None = None,
) -> Difference:
    """What `target` would do to make the new plan of the old. `standing`: region → key of a database → what was seen.

    Regions meet by name; a plan of one region that moves to another meets the region that it leaves.
    """
    seen = standing or {}
    regions = []
    for old, new in _regions(before, after):
        if old is not None and new is not None and _moves(old, new):
            regions.append(_left_behind(old, new, target))
        elif new is not None:
            there = old or RegionPlan(region=new.region, stack=new.stack)
            regions.append(compare_regions(there, new, target, standing=seen.get(new.region)))
        elif old is not None:
            regions.append(_no_longer_planned(old, target))
    return Difference(target=target.name, regions=tuple(regions))


def compare_regions(
    before: RegionPlan, after: RegionPlan, target: Target, *, standing: Mapping[str, Standing] | None = None
) -> RegionDifference:
    """What changes in one region."""
    meeting = Meeting(target=target, before=before, after=after, standing=standing or {})
    found = tuple(_changes(meeting))
    notes = [_note_of_name(before, after, target)] if before.resources else []
    return RegionDifference(
        region=after.region or before.region,
        stack=after.stack or before.stack,
        changes=found,
        notes=tuple(note for note in notes if note),
    )


def _changes(meeting: Meeting) -> Iterator[ResourceChange]:
    """Every change. Who names a resource that is replaced changes too, so it is looked again until no more is."""
    met = tuple(pairs(meeting.before, meeting.after, meeting.target.name))
    declared = Declared(
        {one.name: one for one in meeting.before.parameters}, {one.name: one for one in meeting.after.parameters}
    )
    replaced: set[str] = set()
    while True:
        found = {
            pair.after.key: changed(pair.before, pair.after, meeting, declared, replaced, is_renamed=pair.is_renamed)
            for pair in met
            if pair.before is not None and pair.after is not None
        }
        anew = {one.key for one in found.values() if one is not None and one.effect is Effect.REPLACEMENT}
        if anew <= replaced:
            break
        replaced |= anew
    for pair in met:
        change = _one_sided(pair, meeting) or found.get(pair.after.key if pair.after else "")
        if change is not None:
            yield change


def _one_sided(pair: Pair, meeting: Meeting) -> ResourceChange | None:
    if pair.before is None:
        return added(pair.after, meeting) if pair.after is not None else None
    return removed(pair.before, meeting) if pair.after is None else None


def _regions(before: Plan, after: Plan) -> Iterator[tuple[RegionPlan | None, RegionPlan | None]]:
    """The regions that meet, in the new plan's order. A template that does not say its region meets the first one.

    Where one region has several stacks, as an app of the CDK may, they meet by region and name or not at all.
    """
    is_one_each = all(len({one.region for one in plan.regions}) == len(plan.regions) for plan in (before, after))

    def name(one: RegionPlan) -> str:
        return one.region if is_one_each else f"{one.region}/{one.stack}"

    left = {name(one): one for one in before.regions}
    met: dict[str, RegionPlan | None] = {name(one): left.pop(name(one), None) for one in after.regions}
    for key in [key for key, old in met.items() if old is None and is_one_each]:
        met[key] = left.pop(next(iter(left))) if left else None
    yield from ((met[name(one)], one) for one in after.regions)
    yield from ((one, None) for one in left.values())


def _moves(before: RegionPlan, after: RegionPlan) -> bool:
    return bool(before.region and after.region and before.region != after.region)


def _left_behind(before: RegionPlan, after: RegionPlan, target: Target) -> RegionDifference:
    """Another region: nothing moves. All is created anew there, and what holds data is left where it is."""
    meeting = Meeting(target=target, before=before, after=after)
    changes = [added(one, meeting) for one in after.resources]
    kept = {(kind_of(one), one.key): one for one in before.resources}
    for place, change in enumerate(changes):
        old = kept.get((change.kind, change.key))
        held = facts.held(target.type_of(old)) if old is not None else None
        if old is not None and held is not None:
            changes[place] = dataclasses.replace(
                change,
                action="left behind",
                effect=Effect.REPLACEMENT,
                reason=f"A new, empty one is made in {after.region}; nothing moves there by itself.",
                loses=f"{held.what}, to whoever looks in {after.region}",
                keeps=f"the old one stays in {before.region}",
            )
    note = (
        f"the region changes from {before.region} to {after.region}: what stands in {before.region} stays there, and "
        "whoever connects finds an empty database"
    )
    return RegionDifference(region=after.region, stack=after.stack, changes=tuple(changes), notes=(note,))


def _no_longer_planned(before: RegionPlan, target: Target) -> RegionDifference:
    """A region that the new plan does not have: its stack stays; Terraform destroys what its state has there."""
    if target.name == CLOUDFORMATION:
        note = f"{before.region or 'a region'} is no longer planned: its stack stays until it is destroyed by name"
        return RegionDifference(region=before.region, stack=before.stack, changes=(), notes=(note,))
    empty = RegionPlan(region=before.region, stack=before.stack)
    return compare_regions(before, empty, target)


def _note_of_name(before: RegionPlan, after: RegionPlan, target: Target) -> str:
    """The trap of a renamed spec: by its own name it is a second stack; in the old one every name changes."""
    if target.name != CLOUDFORMATION or not before.stack or not after.stack or before.stack == after.stack:
        return ""
    names = {one.key: name_of(one) for one in before.resources}
    renamed = [one for one in after.resources if names.get(one.key) not in (None, name_of(one))]
    return (
        f"everything is renamed from {before.stack} to {after.stack}: deployed under its own name it is a second, "
        f"empty stack beside the first; into stack {before.stack}, {len(renamed)} names change, such as "
        f"{', '.join(words(name_of(one)) for one in renamed[:3]) or 'none'}"
    )
