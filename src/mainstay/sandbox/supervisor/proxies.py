"""The thread that keeps proxies as they should be: address, pool, logins, target, and the verdict on the target.

A pass compares what should be with what is and does what is missing; it can be cut short anywhere and done again. The
pool reaches the database by the database's own address, which follows every failover, so that clients which are idle
then notice nothing.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mainstay import facts
from mainstay.core.clock import parse_time, render_time
from mainstay.core.errors import EnvironmentLacking, MainstayError
from mainstay.engines.certificates import ServerCertificate, issue_server_certificate
from mainstay.engines.pgbouncer.configuration import PoolWish
from mainstay.engines.pgbouncer.pooler import PORT_IN_USE, Pooler
from mainstay.engines.ports import reserve_address, reserve_internal
from mainstay.sandbox.rds import operations, proxy_substitutions
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.proxies import forget_proxy
from mainstay.sandbox.rds.records import OPERATION, PROXY, PROXY_GROUP, Record
from mainstay.sandbox.state import Transaction
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.house import LOOPBACK, House, log
from mainstay.sandbox.supervisor.layout import POOL
from mainstay.sandbox.supervisor.proxy_health import health, unavailable
from mainstay.sandbox.supervisor.proxy_runtime import ProxyRuntime
from mainstay.sandbox.supervisor.proxy_view import View, look_at

PACE_S: Final = 1.0
HEALTHY_PACE_S: Final = 5.0
UNHEALTHY_PACE_S: Final = 0.3
PORT_TRIES: Final = 4
KINDS: Final = {"POSTGRESQL": "postgres", "MYSQL": "mariadb"}
DEBUGGING: Final = timedelta(days=1)  # DebugLogging ends by itself after so long (RDS API reference, 2026-11-20)

# What is told when a proxy has become available.
_EVENTS: Final = {"creating": "RDS-EVENT-0203", "modifying": "RDS-EVENT-0204"}


class Proxies:
    """Every proxy of a sandbox, one pass after the other."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxies", daemon=True)
        self._tried: dict[str, tuple[float, object]] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something was written, or a pool died: look again."""
        self._wake.set()

    def join(self, timeout_s: float) -> None:
        """Wait until the present pass is done."""
        self._wake.set()
        self._thread.join(timeout_s)

    def converge(self, *, tries_logins: bool = True) -> None:
        """One pass over every proxy; without `tries_logins` it does not wait for any database."""
        with self._house.state.reading("") as tx:
            found = [(str(each["DBProxyArn"]).split(":")[3], each["DBProxyName"])
                     for each in tx.all(PROXY, every_region=True)]  # fmt: skip
        for region, name in found:
            if self._house.stopping.is_set():
                return
            try:
                self._converge(region, name, tries_logins=tries_logins)
            except MainstayError as error:
                log.warning("proxy %s: %s", name, error)

    def _run(self) -> None:
        while not self._house.stopping.is_set():
            try:
                self.converge()
            except Exception:  # noqa: BLE001  a defect in one pass must not stop the others; it is logged whole
                log.exception("proxies")
                self._house.stopping.wait(PACE_S)
            self._wake.wait(PACE_S)
            self._wake.clear()

    def _converge(self, region: str, name: str, *, tries_logins: bool) -> None:
        house = self._house
        with house.state.reading(region) as tx:
            view = look_at(tx, name)
        if view is None:
            return
        if view.proxy["Status"] == "deleting":
            _remove(house, region, view)
            return
        runtime = _lay_out(house, region, view)
        is_ready = _pool(house, runtime, view) if runtime.pool_port is not None else _lead_on(house, runtime, view)
        if is_ready:
            _open(house, runtime, view)
            if tries_logins:
                self._judge(runtime, view)

    def _judge(self, runtime: ProxyRuntime, view: View) -> None:
        """Try the logins at the target, often while it is not well, and write down a verdict that is new."""
        if view.db is None or view.target is None:
            return
        known = view.group["_health"].get(runtime.target, {})
        pace_s = HEALTHY_PACE_S if known.get("State") == "AVAILABLE" else UNHEALTHY_PACE_S
        about = (view.logins, view.unreadable, view.target.is_up, view.target.primary)
        tried_at, tried_about = self._tried.get(runtime.resource, (0.0, None))
        if about == tried_about and time.monotonic() - tried_at < pace_s:
            return
        verdict = _verdict(self._house, runtime, view)
        self._tried[runtime.resource] = (time.monotonic(), about)
        if verdict == known:
            return
        log.info("proxy %s: target is %s %s", runtime.name, verdict["State"], verdict.get("Description", ""))
        with self._house.state.transaction(runtime.region) as tx:
            group = tx.get(PROXY_GROUP, runtime.name)
            if group is not None and runtime.target in group["_targets"]:
                group["_health"] = {runtime.target: verdict}
                tx.put(PROXY_GROUP, runtime.name, group)


def _verdict(house: House, runtime: ProxyRuntime, view: View) -> dict[str, str]:
    if view.unreadable:
        return unavailable("AUTH_FAILURE", f"The proxy cannot use {'; '.join(view.unreadable)}")
    # A login at a server that does not run would be held at the database's address until it runs again.
    is_up = view.target is not None and view.target.is_up and house.cluster(view.target).find_proof() is not None
    if view.target is None or not is_up:
        return unavailable("UNREACHABLE", f"The DB instance is {view.db['DBInstanceStatus'] if view.db else 'gone'}.")
    return health(runtime.kind, (view.target.host, view.target.port), house.layout.ca_file, view.logins)


def _lay_out(house: House, region: str, view: View) -> ProxyRuntime:
    """The proxy's runtime with what should be in it, written down when that is new."""
    proxy, family = view.proxy, view.proxy["EngineFamily"]
    runtime = view.runtime or _new_runtime(house, region, proxy)
    program = house.pgbouncer() if KINDS[family] == "postgres" else None
    pooler = program.version if program is not None else None
    wanted = replace(
        runtime,
        target=view.target.resource if view.target is not None else None,
        pooler=pooler,
        pool_port=(runtime.pool_port or _new_port(house)) if pooler is not None else None,
        note=proxy_substitutions.note(pooler, family),
        substitutions=[
            row.as_json() for row in proxy_substitutions.substitutions(proxy, view.group, is_pooled=pooler is not None)
        ],
    )
    if wanted != view.runtime:
        house.save_proxy(wanted)
        log.info("proxy %s: laid out", wanted.name)
    return wanted


def _new_runtime(house: House, region: str, proxy: Record) -> ProxyRuntime:
    kind = KINDS[proxy["EngineFamily"]]
    # The engine's usual port, wherever the database listens (RDS User Guide, rds-proxy-planning, 2026-11-20).
    port = int(facts.load("limits").data["port"]["default"][kind])
    taken = [(each.host, each.port) for each in house.runtimes()]
    taken += [(each.host, each.port) for each in house.proxies()]
    with reserve_address(f"{house.layout.directory}/{region}/{proxy['_id']}", port, taken) as address:
        return ProxyRuntime(proxy["_id"], region, proxy["DBProxyName"], address.host, address.port, kind)


def _new_port(house: House) -> int:
    taken = [(LOOPBACK, each.pool_port) for each in house.proxies() if each.pool_port is not None]
    with reserve_internal([*taken, *servers.taken_ports(house)]) as reservation:
        return reservation.port


def pooler_of(house: House, runtime: ProxyRuntime) -> Pooler:
    """The PgBouncer of a proxy that has one. Error: EnvironmentLacking."""
    program = house.pgbouncer()
    if program is None or runtime.pool_port is None:
        raise EnvironmentLacking("no PgBouncer found", detail=f"{runtime.name} has no pool.", hint="make pgbouncer")
    return Pooler(house.layout.instance(runtime.resource) / POOL, LOOPBACK, runtime.pool_port, program, house.identity)


def _pool(house: House, runtime: ProxyRuntime, view: View) -> bool:
    """See to it that PgBouncer runs as it should; without a target its clients wait at the address."""
    if view.target is None or not view.logins:
        house.board.unwatch(runtime.resource, POOL)
        pooler_of(house, runtime).stop()
        return True
    for _ in range(PORT_TRIES):
        pooler = pooler_of(house, runtime)
        is_new = pooler.configure(_wish(house, runtime, view, view.target.host, view.target.port), view.logins)
        try:
            if pooler.find_proof() is None:
                house.board.unwatch(runtime.resource, POOL)
                proof = pooler.start()
                log.info("proxy %s: pool started", runtime.name)
            else:
                proof = pooler.start()
                if is_new:
                    pooler.reload()
                    log.info("proxy %s: pool reloaded", runtime.name)
        except EnvironmentLacking as error:
            if error.summary != PORT_IN_USE:
                raise
            runtime.pool_port = _new_port(house)
            house.save_proxy(runtime)
        else:
            house.board.watch(runtime.resource, POOL, proof)
            return True
    return False


def _wish(house: House, runtime: ProxyRuntime, view: View, host: str, port: int) -> PoolWish:
    tls = _certificate(house, runtime)
    borrow_s = max(proxy_substitutions.LEAST_BORROW_S, int(view.pool["ConnectionBorrowTimeout"]))
    return PoolWish(
        server=(host, port),
        server_ca=tls.authority,
        tls=tls,
        max_connections=view.most_connections(),
        borrow_timeout_s=borrow_s,
        idle_timeout_s=int(view.proxy["IdleClientTimeout"]),
        requires_tls=bool(view.proxy["RequireTLS"]),
        takes_md5=view.takes_md5,
        logs_debug=bool(view.proxy["DebugLogging"]),
    )


def _certificate(house: House, runtime: ProxyRuntime) -> ServerCertificate:
    """The proxy's certificate for its address, issued once."""
    into = house.layout.instance(runtime.resource) / "tls"
    issued = ServerCertificate(into / "server.crt", into / "server.key", into / "ca.crt")
    if not (into / runtime.host).exists():
        house.identity.own_directory(into.parent)
        house.identity.own_directory(into)
        issued = issue_server_certificate(
            house.authority, into, name=runtime.name, addresses=(runtime.host,), identity=house.identity
        )
        (into / runtime.host).touch()
    return issued


def _lead_on(house: House, runtime: ProxyRuntime, view: View) -> bool:
    """Without a pool clients do their TLS with the database, whose certificate has to be for this address too."""
    if view.target is None or servers.is_certified_for(house, view.target, runtime.host):
        return True
    with house.state.transaction(runtime.region) as tx:
        is_asked = any(
            each["kind"] == operations.RELOAD and each["resource"] == view.target.resource for each in tx.all(OPERATION)
        )
        if not is_asked and view.db is not None and view.target.is_up:
            operations.enqueue(tx, operations.RELOAD, view.db)
            log.info("proxy %s: certificate asked for", runtime.name)
    return False


def _open(house: House, runtime: ProxyRuntime, view: View) -> None:
    """Listen on the address, send clients where they belong, and call the proxy available."""
    house.board.open(runtime)
    if view.target is None or (runtime.pool_port is not None and not view.logins):
        house.board.hold(runtime.resource)
    elif runtime.pool_port is not None:
        house.board.point(runtime.resource, LOOPBACK, runtime.pool_port)
    else:
        house.board.point(runtime.resource, view.target.host, view.target.port)
    changes: Record = {"Status": "available", "Endpoint": runtime.host, "_port": runtime.port}
    with house.state.reading(runtime.region) as tx:
        now = tx.now
    if view.proxy["DebugLogging"] and now - parse_time(view.proxy["UpdatedDate"]) > DEBUGGING:
        changes |= {"DebugLogging": False, "UpdatedDate": render_time(now)}
    if changes.items() <= view.proxy.items():
        return
    with house.state.transaction(runtime.region) as tx:
        record = tx.get(PROXY, runtime.name)
        # What was changed meanwhile is looked at in the next pass, before it is called available.
        if record is not None and record == view.proxy:
            tx.put(PROXY, runtime.name, record | changes)
            if record["Status"] in _EVENTS:
                _tell(tx, _EVENTS[record["Status"]], record)
            log.info("proxy %s: available on %s:%s", runtime.name, runtime.host, runtime.port)


def _tell(tx: Transaction, event: str, proxy: Record) -> None:
    name = str(proxy["DBProxyName"])
    emit(tx, event, name, source_type="db-proxy", proxy=name, resource=str(proxy["_id"]))


def _remove(house: House, region: str, view: View) -> None:
    """Close the address, end the pool, remove its files, and then the records."""
    identifier = view.proxy["_id"]
    house.board.close(identifier)
    servers.sweep(house, house.layout.instance(identifier))
    with house.state.transaction(region) as tx:
        forget_proxy(tx, view.proxy)
        _tell(tx, "RDS-EVENT-0205", view.proxy)
    log.info("proxy %s: deleted", view.proxy["DBProxyName"])
