"""Checks of the proxies: set as planned, and with a database behind them that they can log in to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from mainstay import facts
from mainstay.core.errors import TargetRefused
from mainstay.ops.aws.proxies import ProxyState, TargetState
from mainstay.ops.login import Address, connected, plain_refusal
from mainstay.ops.verify.model import Outcome, Scene, failed, gravest, judged, passed, unobserved
from mainstay.plan.resources import DbInstance, DbProxy, DbProxyTargetGroup
from mainstay.plan.values import Ref, is_expression
from mainstay.probe.dialect import DIALECTS

# What to do about a target that is not well: RDS User Guide, rds-proxy-troubleshooting, 2026-11-20.
_HINTS: Final = {
    "AUTH_FAILURE": "the proxy's role must read the secret and decrypt its key, and the login must be a user there",
    "CONNECTION_FAILED": "the proxy's group must reach the database's port, and the database's group admit it",
    "PENDING_PROXY_CAPACITY": "wait until the proxy has grown, then verify again",
}
_HINT: Final = "look at the target's health and the proxy's log group"


P = TypeVar("P", DbProxy, DbProxyTargetGroup)


@dataclass(frozen=True, slots=True)
class _Setting(Generic[P]):
    """A planned field, what it is called, and what is there instead; compared only where the plan has a literal."""

    name: str
    planned: Callable[[P], object]
    seen: Callable[[ProxyState], object]


def _demands_tokens(plan: DbProxy) -> bool | None:
    return all(login.iam == "REQUIRED" for login in plan.logins) if plan.logins else None


_SETTINGS: Final[tuple[_Setting[DbProxy], ...]] = (
    _Setting("engine family", lambda plan: plan.engine_family, lambda state: state.engine_family),
    _Setting("TLS required", lambda plan: plan.requires_tls, lambda state: state.requires_tls),
    _Setting("idle timeout", lambda plan: plan.idle_timeout, lambda state: state.idle_timeout),
    _Setting("IAM tokens demanded", _demands_tokens, lambda state: state.demands_tokens),
)
_POOLS: Final[tuple[_Setting[DbProxyTargetGroup], ...]] = (
    _Setting("largest share", lambda plan: plan.max_connections_percent, lambda state: state.max_connections_percent),
    _Setting("idle share", lambda plan: plan.max_idle_percent, lambda state: state.max_idle_percent),
    _Setting("borrow timeout", lambda plan: plan.borrow_timeout, lambda state: state.borrow_timeout),
)


def proxies_are_as_planned(scene: Scene) -> Outcome:
    """Every proxy is available, takes nobody without TLS, and its pool is what was planned."""
    planned = list(scene.region.of(DbProxy))
    if not planned:
        return passed("No proxy is planned.")
    faults = [fault for proxy in planned for fault in _faults(scene, proxy)]
    return judged(faults, f"{len(planned)} proxies are available and set as planned.", "deploy again")


def _faults(scene: Scene, proxy: DbProxy) -> Iterator[str]:
    state = _state(scene, proxy)
    if state is None:
        yield f"{proxy.key} does not exist."
        return
    if state.status != "available":
        yield f"{state.name} is {state.status}."
    for setting in _SETTINGS:
        yield from _difference(state, setting.name, setting.planned(proxy), setting.seen(state))
    for group in _groups(scene, proxy):
        for pool in _POOLS:
            yield from _difference(state, pool.name, pool.planned(group), pool.seen(state))


def _difference(state: ProxyState, name: str, planned: object, seen: object) -> Iterator[str]:
    if planned is not None and not is_expression(planned) and planned != seen:
        yield f"{state.name}: {name} is {seen}, planned {planned}."


def _state(scene: Scene, proxy: DbProxy) -> ProxyState | None:
    name = scene.physical(proxy.key)
    return scene.site.doors.proxies.find(name) if name else None


def _groups(scene: Scene, proxy: DbProxy) -> list[DbProxyTargetGroup]:
    return [group for group in scene.region.of(DbProxyTargetGroup) if group.proxy == Ref(proxy.key)]


def proxies_reach_their_database(scene: Scene) -> Outcome:
    """The database behind each proxy is the planned one, and the proxy logs in to it with what its secret says.

    RDS tries that itself and tells. In the sandbox the way through the proxy is walked, too.
    """
    outcomes = [_reach(scene, proxy) for proxy in scene.region.of(DbProxy)]
    return gravest(outcomes) if outcomes else passed("No proxy is planned.")


def _reach(scene: Scene, proxy: DbProxy) -> Outcome:
    state = _state(scene, proxy)
    if state is None:
        return failed(f"{proxy.key} does not exist.", "deploy again")
    targets = {target.identifier: target for target in state.targets}
    for link in (link for group in _groups(scene, proxy) for link in group.instances):
        database = scene.region.resolve(link, DbInstance)
        target = targets.get(scene.physical(database.key) or "") if database is not None else None
        if database is None:
            continue
        if target is None:
            return failed(f"{state.name} does not stand before {database.key}.", "deploy again")
        if not target.is_available:
            return unwell(state, target)
        if scene.site.is_sandbox:
            return _walked(scene, state, database)
    behind = ", ".join(target.identifier for target in state.targets) or "nothing"
    return passed(f"{state.name} logs in to {behind}.")


def unwell(state: ProxyState, target: TargetState) -> Outcome:
    """What RDS's verdict on a target that is not available means, and what to do about it."""
    sentence = f"{state.name}: target {target.identifier} is {target.state}{f' ({target.why})' if target.why else ''}."
    if target.state == "REGISTERING":
        return unobserved(sentence, "wait until RDS has tried it, then verify again")
    return failed(sentence, next((hint for sign, hint in _HINTS.items() if target.why.startswith(sign)), _HINT))


def _walked(scene: Scene, state: ProxyState, database: DbInstance) -> Outcome:
    db, login = scene.state(database.key), scene.login(database)
    if db is None or login is None or state.address is None:
        return unobserved(f"There is no login to walk through {state.name} with.")
    address = Address(state.address, int(facts.load("limits").data["port"]["default"][db.engine]))
    dialect = DIALECTS[db.engine]
    try:
        with connected(login, address, scene.site.ca_bundle, engine=db.engine) as connection:
            version = dialect.version(connection)
    except TargetRefused as error:
        return failed(error.detail, error.hint)
    if state.requires_tls and plain_refusal(login, address, engine=db.engine) is None:
        return failed(f"{state.name} lets {login.username} in without TLS.", f"set {dialect.force_tls} to 1")
    return passed(f"{login.username} reaches {db.identifier} ({version}) through {state.name}, over TLS only.")
