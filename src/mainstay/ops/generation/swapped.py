"""The evidence of a swap: what leads clients to the new generation now, and where they were seen to come to it."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.ops import evidence
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Check
from mainstay.ops.generation import moved, moves
from mainstay.ops.generation.model import Generating


def store(work: Generating, old: DbState, new: DbState) -> evidence.Document:
    """Write it, once a run: of everything that was done since the verdict allowed the swap."""
    run, request, where = work.run, work.request, moves.stand(work)
    leading = moved.Leading(str(request.swap), request.secret, moves.proxies(run), request.source)
    filing = moved.Filing(
        workspace=work.workspace,
        signing_key=request.signing_key,
        plan_hash=request.plan_hash,
        spec_hash=request.spec_hash,
    )
    begun = next(place for place, entry in enumerate(run.entries) if "settled" in entry)
    return moved.store(
        moved.Moved(
            kind=moved.SWAP,
            run=f"{run.id}-{moved.SWAP}",
            stack=request.stack,
            where=where,
            away_from=old,
            to=new,
            entries=run.entries[begun:],
            checks=(*moved.standing(where, leading, new), *_seen(work), moved.kept(old)),
            cost=_cost(work),
        ),
        filing,
    )


def _seen(work: Generating) -> Iterator[Check]:
    """Where clients come, and whether the new generation was found there."""
    reached = work.run.fact("reached")
    for address, is_seen in reached.items() if isinstance(reached, dict) else ():
        name, wanted = f"clients at {address} reach it", "its own marker is there"
        if is_seen:
            yield Check("usable", name, "passed", wanted, "it is there")
        else:
            yield Check("usable", name, "open", wanted, "not looked at from here")


def _cost(work: Generating) -> tuple[float | None, str]:
    if work.site.is_sandbox:
        return 0.0, "the sandbox costs nothing"
    monthly = work.request.monthly_usd
    told = f"about {monthly:.0f} USD a month" if monthly is not None else "as much as the first"
    return None, f"two generations stand: the old one goes on costing {told}, by list prices"
