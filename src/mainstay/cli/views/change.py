"""One change of one resource, for a person: the same words before a deployment and in a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.markup import escape

from mainstay.cli.views.plan import words
from mainstay.diff import Effect, FieldChange, RegionDifference, ResourceChange
from mainstay.facts import Outage

_COLOURS: Final = {
    Effect.REPLACEMENT: "red",
    Effect.REFUSED: "red",
    Effect.FAILOVER: "yellow",
    Effect.REBOOT: "yellow",
    Effect.REMOVED: "yellow",
    Effect.UNKNOWN: "yellow",
    Effect.DEFERRED: "cyan",
    Effect.PENDING_REBOOT: "cyan",
    Effect.IO_IMPACT: "cyan",
}
_MOST_FIELDS: Final = 12


def change_lines(change: ResourceChange) -> Iterator[str]:
    """A change in words, with markup: what it does, why, what is lost and what is kept; indented below its name."""
    name = f" {escape(change.name)}" if change.name else ""
    place = f" at {escape(change.address)}" if change.address else ""
    was = f", before {escape(change.was)}" if change.was else ""
    about = f"{words(change.kind)}{name}{place}{was}"
    yield f"[bold]{escape(change.key)}[/bold] ({about}): {coloured(change.effect)}"
    if change.reason:
        yield f"  {escape(change.reason)}"
    for field in change.fields[:_MOST_FIELDS]:
        yield from _field_lines(field)
    if len(change.fields) > _MOST_FIELDS:
        yield f"  and {len(change.fields) - _MOST_FIELDS} more fields"
    yield from _consequences(change)


def brief_line(change: ResourceChange) -> str:
    """A change that interrupts, loses and weakens nothing, on one line."""
    fields = escape(", ".join(field.written for field in change.fields))
    doubt = ", in place if it differs" if change.effect is Effect.UNKNOWN else ""
    return f"{escape(change.key)}: {fields} {change.effect}{doubt}"


def is_brief(change: ResourceChange) -> bool:
    """Whether nothing is interrupted, lost or weaker: its name and its fields say enough."""
    is_harmless = change.effect in (Effect.IN_PLACE, Effect.CREATED) or _is_harmless_doubt(change)
    is_warned = bool(change.warning) or any(field.warning for field in change.fields)
    return is_harmless and not change.losses and not is_warned


def _is_harmless_doubt(change: ResourceChange) -> bool:
    doubts = [field.then for field in change.fields if field.effect is Effect.UNKNOWN]
    return change.effect is Effect.UNKNOWN and bool(doubts) and set(doubts) == {Effect.IN_PLACE}


def interruptions(region: RegionDifference) -> Iterator[str]:
    """For how long connections to each database are interrupted, now and later, and who says so."""
    for key, outage in region.interrupted.items():
        yield _interruption(key, "are interrupted", outage)
    for key, outage in region.interrupted_later.items():
        yield _interruption(key, "are interrupted later, in its maintenance window or at its next reboot,", outage)


def _interruption(key: str, when: str, outage: Outage) -> str:
    source = f"an estimate: {outage.source}" if outage.is_estimate else outage.source
    return f"connections to [bold]{escape(key)}[/bold] {when} for about [bold]{outage}[/bold] ({escape(source)})"


def coloured(effect: Effect) -> str:
    """A class of change in its colour."""
    colour = _COLOURS.get(effect, "green")
    return f"[{colour}]{effect}[/{colour}]"


def sentence(text: str) -> str:
    """Words of a change as a sentence."""
    return f"{text[0].upper()}{text[1:]}."


def _field_lines(field: FieldChange) -> Iterator[str]:
    is_deferred = field.effect is Effect.DEFERRED
    effect = f"{field.effect}, then {field.then}" if is_deferred else str(field.effect)
    outage = f", {field.outage}" if field.outage else ""
    values = f"{escape(field.written)}: {escape(field.before)} → {escape(field.after)}"
    yield f"  {values}: {effect}{outage}. {escape(field.reason)}"
    if field.warning:
        yield f"    [yellow]{escape(sentence(field.warning))}[/yellow]"


def _consequences(change: ResourceChange) -> Iterator[str]:
    for loss in change.losses:
        yield f"  [red]loses {escape(loss)}[/red]"
    if change.keeps:
        yield f"  kept: {escape(change.keeps)}"
    if change.warning:
        yield f"  [yellow]{escape(sentence(change.warning))}[/yellow]"
