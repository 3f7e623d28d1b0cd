"""The name in DNS by which clients find a database: what it has to be for a swap, and how it is led elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.errors import Inconclusive, InputRefused, NotFound
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.route53 import NameState
from mainstay.ops.generation.model import DatabaseName, Generating
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Run
from mainstay.ops.wait import wait_for
from mainstay.plan.values import Json

# Changes are everywhere within a minute, as a rule (Route 53 API, ChangeResourceRecordSets, 2026-11-21).
_DEADLINE_S: Final = 900.0
_PACE_S: Final = 5.0


def look(work: Generating, old: DbState) -> NameState:
    """The name as it is; InputRefused unless clients come by it to the old generation."""
    name = work.request.name
    if name is None:
        raise InputRefused(
            "no name in DNS",
            detail=f"Stack {work.request.stack} gives its database no name in DNS.",
            hint="write access.dns and deploy it, or use --swap rename",
        )
    found = work.site.doors.names.find(name.zone, name.name)
    if found is None:
        raise InputRefused(
            "no name in DNS",
            detail=f"Zone {name.zone} has no CNAME {name.name}.",
            hint="deploy the stack again, or use --swap rename",
        )
    if old.address is None or found.leads_to != old.address.lower():
        raise InputRefused(
            "the name leads elsewhere",
            detail=f"{name.name} leads to {found.leads_to}, and {old.identifier} is at {old.address}: moving it would "
            "move other clients.",
            hint=_instead(work, old, found),
        )
    return found


def _instead(work: Generating, old: DbState, found: NameState) -> str:
    for proxy in work.site.doors.proxies.in_front_of(old.identifier):
        state = work.site.doors.proxies.find(proxy)
        if state is not None and state.address == found.leads_to:
            return f"it leads to proxy {proxy}: use --swap proxy, which moves what stands behind the name"
    return f"lead it to {old.address} first, or use --swap rename"


def facts(found: NameState | None) -> dict[str, Json]:
    """What the way back has to know of the name: nothing where another way was chosen."""
    if found is None:
        return {}
    return {"dns_zone": found.zone, "dns_name": found.name, "dns_ttl_s": found.ttl_s}


def told(found: NameState | None) -> str:
    """The name, and for how long clients keep its answer."""
    return f"{found.name}, which clients keep for {found.ttl_s} s," if found else ""


def lead(where: Stand, agreed: Run, resource_id: str) -> None:
    """Have the name lead to a generation; `agreed` is the run that knows the name.

    The change is made again as long as nobody saw it arrive: it says the same, and its id is what can be asked for.
    """
    zone, name, ttl_s = (agreed.fact(fact) for fact in ("dns_zone", "dns_name", "dns_ttl_s"))
    state, names = where.find(resource_id), where.site.doors.names
    if state.address is None:
        raise NotFound("no endpoint", detail=f"{state.identifier} is {state.status} and has no address.")
    led = f"{name} to {state.address}"
    if where.run.fact("led") != led or not _is_at(names.find(str(zone), str(name)), state):
        with where.run.acting("route53:ChangeResourceRecordSets", zone=zone, name=name, target=state.address):
            why = f"mainstay {where.run.id}"
            change = names.lead(str(zone), str(name), state.address, ttl_s=int(str(ttl_s)), why=why)
        wait_for(
            lambda: names.is_in_sync(change),
            bool,
            message=f"{name} is on its way to Route 53's servers",
            deadline_s=_DEADLINE_S,
            pace_s=where.site.pace(_PACE_S),
            progress=where.progress,
            clock=where.clock,
        )
        where.run.write("name led", led=led)
    _read_back(where, str(zone), str(name), state)


def _read_back(where: Stand, zone: str, name: str, state: DbState) -> None:
    found = where.site.doors.names.find(zone, name)
    if found is None or not _is_at(found, state):
        raise Inconclusive(
            "the name does not stay",
            detail=f"{name} was led to {state.address}, and leads to {found.leads_to if found else 'nothing'} again.",
            hint="find out who else writes it (a deployment, terraform apply), then run the same command again",
        )
    where.progress.note(
        f"{name} leads to {state.identifier}; answers from before hold for up to {found.ttl_s} s, and connections that "
        "are open until they end"
    )


def _is_at(found: NameState | None, state: DbState) -> bool:
    return found is not None and found.leads_to == str(state.address).lower()


def clients(name: DatabaseName, run: Run, old: DbState) -> str:
    """What becomes of those who have come by the name already."""
    return (
        f"Restart what is connected to {name.name}: connections that are open stay with {old.identifier} until they "
        f"end, new ones may come there for {run.fact('dns_ttl_s')} s, and what they write is lost."
    )


def reconcile(work: Generating, old: DbState, name: DatabaseName) -> Iterator[str]:
    """What CloudFormation and Terraform believe of the record, and how it becomes true."""
    yield (
        f"CloudFormation: {name.key} still gives the endpoint of {work.request.key}: until the stack holds the new "
        f"generation, as above, a deployment which changes that record leads {name.name} back to {old.identifier}."
    )
    yield (
        f"Terraform: the next apply leads {name.name} ({name.address}) back to the old generation, unless "
        f"{work.request.address} is the new one by then, as above; then there is no difference."
    )
