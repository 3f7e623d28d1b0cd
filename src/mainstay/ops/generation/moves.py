"""The steps of a swap, each by its way: what it changes is told in one table, and undone by the same moves."""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import Inconclusive, MainstayError
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.generation import naming
from mainstay.ops.generation.model import Generating
from mainstay.ops.generation.standing import Stand
from mainstay.ops.journal import Run
from mainstay.ops.login import Address
from mainstay.ops.restoration import secret_name
from mainstay.ops.wait import wait_for
from mainstay.plan.values import Json

_LOGIN_DEADLINE_S: Final = 300.0
_PACE_S: Final = 5.0


def stand(work: Generating) -> Stand:
    """Where the moves work."""
    return Stand(site=work.site, run=work.run, progress=work.progress, clock=work.clock, routes=work.routes)


def old_resource(run: Run) -> str:
    """The resource id of the generation that was there before."""
    return str(run.fact("old_resource"))


def new_resource(run: Run) -> str:
    """The resource id of the one that was made."""
    return str(run.fact("new_resource"))


def proxies(run: Run) -> tuple[str, ...]:
    """The proxies that the old generation stood behind when the swap was agreed to."""
    known = run.fact("proxies")
    return tuple(str(one) for one in known) if isinstance(known, list) else ()


def hand_over(work: Generating) -> None:
    """The login that clients have; its own secret holds it first, so that there is always one that is right."""
    if not work.request.swap or work.run.fact("handed_over"):
        return
    site, resource = work.site, new_resource(work.run)
    login, own = site.doors.secrets.read_login(work.request.secret), secret_name(work.target)
    with work.run.acting("secretsmanager:PutSecretValue", secret=own):
        site.doors.secrets.replace_login(own, login)
    stand(work).give_login(resource, login)
    work.run.write("handed over", handed_over=render_time(work.clock.now()))


def move_old_away(work: Generating) -> None:
    """The old generation bears a name that tells since when it is old; nobody reaches it by the old one any more."""
    if work.request.swap == "rename":
        stand(work).rename(old_resource(work.run), str(work.run.fact("old_name")))


def take_its_name(work: Generating) -> None:
    """The new generation bears the name, and the endpoint's DNS name with it."""
    if work.request.swap == "rename":
        stand(work).rename(new_resource(work.run), work.request.source)


def point_secret(work: Generating) -> None:
    """Behind a proxy or a name, too: who rotates the password goes where the secret leads."""
    if work.request.swap in ("secret", "proxy", "dns"):
        stand(work).point_secret(work.request.secret, new_resource(work.run))


def lead_name(work: Generating) -> None:
    """What clients are given that ask for the database by its name."""
    if work.request.swap == "dns":
        naming.lead(stand(work), work.run, new_resource(work.run))


def move_proxies(work: Generating) -> None:
    """What a proxy sends its clients to. One that knows its target by name has followed a rename already."""
    if work.request.swap in ("rename", "proxy"):
        for name in proxies(work.run):
            stand(work).move_proxy(name, away_from=old_resource(work.run), to=new_resource(work.run))


def come_as_a_client(work: Generating) -> None:
    """Log in as clients do, by the stack's secret at the place where they come, and find the new generation there."""
    if not work.request.swap:
        return
    run, where = work.run, stand(work)
    if work.routes is not None:
        work.routes.close()  # a name may lead elsewhere than when the way was opened
    reached: dict[str, Json] = {}
    for address in _places(work, where.find(new_resource(run))):
        reached[str(address)] = is_reached(where, work.request.secret, address, new_resource(run), run)
        if not reached[str(address)]:
            work.progress.note(f"{address} was not looked at from here")
    run.write("swapped", swapped=work.request.swap, reached=reached)


def _places(work: Generating, new: DbState) -> list[Address]:
    places = [Address(new.address, new.port)] if new.address and new.port else []
    for name in proxies(work.run) if work.request.swap in ("rename", "proxy") else ():
        proxy = work.site.doors.proxies.find(name)
        if proxy is not None and proxy.address and new.port:
            # A proxy listens on the engine's own port (RDS User Guide, rds-proxy-setup, 2026-11-21).
            places.append(Address(proxy.address, new.port))
    return places


def is_reached(where: Stand, secret: str, address: Address, resource: str, run: Run) -> bool:
    """Whether this generation answers clients there; False where nobody can tell from here.

    Inconclusive when another one still answers at the deadline.
    """
    written = run.fact("marker_id")
    if written is None or where.site.ca_bundle is None:
        return False
    state, home = where.find(resource), str(run.fact("database"))
    at = parse_time(str(run.fact("marker_at")))

    def answers() -> bool:
        login = where.site.doors.secrets.read_login(secret)
        return where.shows(login, address, state.engine, home, (int(str(written)), at))

    try:
        wait_for(
            answers,
            bool,
            message=f"clients at {address} do not find {state.identifier} yet",
            deadline_s=_LOGIN_DEADLINE_S,
            pace_s=where.site.pace(_PACE_S),
            progress=where.progress,
            clock=where.clock,
        )
    except Inconclusive:
        raise
    except MainstayError as error:
        where.progress.note(f"{address}: {error.summary}")
        return False
    return True
