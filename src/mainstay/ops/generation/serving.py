"""Which generation clients reach while they are being moved: neither for a moment, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mainstay.core.errors import MainstayError, TargetRefused
from mainstay.ops.generation import moves
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Run


@contextmanager
def telling_gaps(where: Stand, swapped: Run) -> Iterator[None]:
    """Have what stops a move also say when clients reach neither generation, and what each is called then."""
    try:
        yield
    except MainstayError as error:
        told = _told(where, swapped)
        error.detail = " ".join(filter(None, (error.detail, told)))
        raise


def _told(where: Stand, swapped: Run) -> str:
    if not swapped.fact("new_resource"):
        return ""
    try:
        return gap(where, swapped)
    except MainstayError as error:
        return f"Whether clients reach a generation cannot be told: {error.summary}."


def gap(where: Stand, swapped: Run) -> str:
    """Why clients reach neither generation now, in a sentence; empty when they reach one."""
    names = [
        state.identifier
        for resource in (moves.old_resource(swapped), moves.new_resource(swapped))
        if (state := where.site.doors.rds.find_by_resource(resource))
    ]
    there = f"the generations are called {' and '.join(names) or 'nothing any more'}"
    source = str(swapped.fact("source"))
    if swapped.fact("swap") == "rename" and where.site.doors.rds.find_instance(source) is None:
        return f"CLIENTS REACH NEITHER GENERATION NOW: none is called {source}; {there}."
    empty = [name for name in moves.proxies(swapped) if not where.site.doors.proxies.targets(name)]
    if empty and swapped.fact("swap") in ("rename", "proxy"):
        return f"CLIENTS OF {', '.join(empty)} REACH NEITHER GENERATION NOW: nothing stands behind it; {there}."
    return ""


def refuse_strangers(where: Stand, swapped: Run, secret: str) -> None:
    """TargetRefused when clients are at neither of these two: somebody else has moved them since this was agreed to."""
    old, new = where.find(moves.old_resource(swapped)), where.find(moves.new_resource(swapped))
    source = str(swapped.fact("source"))
    holder = where.site.doors.rds.find_instance(source)
    host = where.site.doors.secrets.read_login(secret).host
    is_named = swapped.fact("swap") == "rename"
    if is_named and holder is not None and holder.resource_id not in (old.resource_id, new.resource_id):
        stranger = f"{source} is {holder.resource_id} now"
    elif not is_named and host not in (None, old.address, new.address):
        stranger = f"secret {secret} leads to {host} now"
    else:
        return
    raise TargetRefused(
        "somebody else moved the clients",
        detail=f"{stranger}, neither {old.identifier} ({old.resource_id}) nor {new.identifier} ({new.resource_id}). No "
        "client was moved by this run.",
        hint="find out whose swap that was; what serves can be restored once the stack holds it: mainstay generation "
        "reconcile",
    )
