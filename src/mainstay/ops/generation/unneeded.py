"""Whether the generation that a swap left behind may go for good: it is ours, and nobody needs it any more.

What is looked at is told as checks, which stand in the evidence afterwards; the first that fails is why it stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.ops import tags
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Check
from mainstay.ops.inventory import DATABASE
from mainstay.ops.journal import Run
from mainstay.ops.site import Site


def looked_at(old: DbState, new: DbState, *, site: Site, stack: str, secret: str, swapped: Run) -> Iterator[Check]:
    """Every check of `old`, which the run `swapped` moved clients away from, to `new`; all have to pass."""
    yield from _ours(swapped, old, new)
    yield from _unused(site, stack, secret, swapped, old)
    yield from _served(site, secret, old, new)


def _ours(swapped: Run, old: DbState, new: DbState) -> Iterator[Check]:
    """That these are the generations that the journal speaks of."""
    source, purpose, manager = new.tags.get(tags.SOURCE), new.tags.get(tags.PURPOSE), old.tags.get(tags.MANAGED_BY)
    yield _check(
        "the other generation names it as its source",
        old.resource_id,
        str(source),
        ""
        if source == old.resource_id
        else f"{new.identifier} does not name it in its tag {tags.SOURCE}, so that nothing proves it is its source.",
    )
    yield _check(
        "the other generation was made by a restore",
        f"{tags.PURPOSE}={tags.RESTORE}",
        f"{tags.PURPOSE}={purpose}",
        "" if purpose == tags.RESTORE else f"{new.identifier} is not tagged {tags.PURPOSE}={tags.RESTORE}.",
    )
    ours = f"{tags.MANAGED_BY}=mainstay", f"{tags.PURPOSE}={tags.RESTORE}"
    seen = (f"{tags.MANAGED_BY}={manager}", f"{tags.PURPOSE}={old.tags.get(tags.PURPOSE)}")
    known = [one for one in seen if one in ours]
    yield _check(
        "it was made from a spec or by a restore",
        " or ".join(ours),
        ", ".join(known),
        "" if known else f"it is tagged neither {ours[0]} nor {ours[1]}.",
    )
    yield _check(
        f"run {swapped.id} verified the other generation before it moved the clients",
        "verified",
        "verified",
        "" if swapped.fact("settled") else f"run {swapped.id} never verified the new generation.",
    )


def _unused(site: Site, stack: str, secret: str, swapped: Run, old: DbState) -> Iterator[Check]:
    """That nothing leads to it, follows it, or holds it."""
    doors, name = site.doors, old.identifier
    held = [one for one in doors.cloudformation.resources(stack) if (one.type, one.physical_id) == (DATABASE, name)]
    yield _none(
        f"stack {stack} does not hold it",
        [f"stack {stack} holds it as {one.logical_id}; first: mainstay generation reconcile" for one in held],
    )
    fronts = doors.proxies.in_front_of(name)
    yield _none("no proxy sends clients to it", [f"proxy {proxy} sends its clients to it." for proxy in fronts])
    yield _none("no replica follows it", [f"replica {replica} follows it." for replica in old.replica_ids])
    zone, record = swapped.fact("dns_zone"), swapped.fact("dns_name")
    if record:
        led = doors.names.find(str(zone), str(record))
        leads = led is not None and old.address is not None and led.leads_to == old.address.lower()
        yield _none(f"{record} does not lead to it", [f"{record} leads to it."] * leads)
    leads = doors.secrets.read_login(secret).host == old.address
    yield _none("the secret that clients have does not lead to it", [f"secret {secret} leads to it."] * leads)


def _served(site: Site, secret: str, old: DbState, new: DbState) -> Iterator[Check]:
    """That the new generation is what clients have."""
    yield _check(
        "the other generation is available",
        "available",
        new.status,
        "" if new.is_available else f"the new generation {new.identifier} is {new.status}.",
    )
    yield _check(
        "the other generation keeps backups",
        "some days of backups",
        str(new.retention),
        "" if new.retention else f"{new.identifier} keeps no backups, so that the old one is the only way back.",
    )
    host = site.doors.secrets.read_login(secret).host
    yield _check(
        "the secret that clients have leads to the other generation",
        str(new.address),
        host or "it names no host",
        f"secret {secret} leads to {host}, and not to {new.identifier}." if host not in (None, new.address) else "",
    )


def _none(name: str, found: list[str]) -> Check:
    return _check(name, "none", "none", " ".join(found))


def _check(name: str, expected: str, observed: str, trouble: str) -> Check:
    return Check("instance", name, "failed" if trouble else "passed", expected, trouble or observed)
