"""What a sandbox runs right now: supervisor, instances, servers, proxies, stacks; and what differs from the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mainstay.core.errors import MainstayError, NotFound
from mainstay.engines.identity import Identity, engine_identity
from mainstay.engines.pgbouncer.pooler import find_proof
from mainstay.engines.table import ENGINES
from mainstay.sandbox.rds.records import INSTANCE, PROXY, PROXY_GROUP, PROXY_RUNTIME, RUNTIME, Record
from mainstay.sandbox.rds.substitutions import Substitution
from mainstay.sandbox.services.route53.zones import RECORD
from mainstay.sandbox.state import FILE, State
from mainstay.sandbox.supervisor.launch import running
from mainstay.sandbox.supervisor.layout import POOL, Layout
from mainstay.sandbox.supervisor.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server: its role (`primary`, `standby`, `replica`), pid (None: it does not run), port on 127.0.0.1."""

    role: str
    pid: int | None
    port: int
    is_synchronous: bool = False


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """One instance as the API shows it, with the servers behind it.

    `lag_s` is a read replica's, in seconds, None where unknown; `latest_restorable` is RFC 3339 text.
    `engine` is the build that really runs, `note` says where that is not the version that the API answers.
    """

    identifier: str
    region: str
    status: str
    role: str
    address: str | None
    port: int | None
    latest_restorable: str | None
    lag_s: float | None
    engine: str | None
    note: str | None
    failure: str | None
    servers: tuple[ServerStatus, ...]


@dataclass(frozen=True, slots=True)
class ProxyStatus:
    """One proxy as the API shows it, and what stands behind its address.

    `pid` is its pool's (None: none runs), `note` says in a sentence what is there in place of RDS Proxy. `health` is
    the state of the target, with the reason when it is not well.
    """

    identifier: str
    region: str
    status: str
    address: str | None
    port: int | None
    target: str | None
    health: str | None
    pid: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class NameStatus:
    """One CNAME: what it would lead to if this machine's resolver knew of it, which it does not.

    `target` is the instance or proxy at that address, with its `port`; None where nothing here is.
    """

    name: str
    address: str
    ttl_s: int
    target: str | None
    port: int | None


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    """A sandbox: its supervisor's pid (None: none runs), its instances, proxies, stacks (name and status) and names."""

    directory: Path
    ca_file: Path
    supervisor_pid: int | None
    instances: tuple[InstanceStatus, ...]
    proxies: tuple[ProxyStatus, ...]
    stacks: tuple[Mapping[str, str], ...]
    names: tuple[NameStatus, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The status as JSON members."""
        return asdict(self) | {"directory": str(self.directory), "ca_file": str(self.ca_file)}


def status(directory: Path) -> SandboxStatus:
    """Look at a sandbox without starting or changing anything. Error: InputRefused when it is none."""
    layout = Layout.load(directory)
    proof = running(layout)
    instances: tuple[InstanceStatus, ...] = ()
    proxies: tuple[ProxyStatus, ...] = ()
    stacks: tuple[Mapping[str, str], ...] = ()
    names: tuple[NameStatus, ...] = ()
    if (layout.directory / FILE).exists():
        state = State(layout.directory)
        records, runtimes, stacks = _read(state)
        looker = _Looker(layout, engine_identity(), runtimes)
        instances = tuple(looker.look(db) for db in records)
        proxies = tuple(_look_at_proxies(state, layout))
        names = tuple(_look_at_names(state, [*instances, *proxies]))
    pid = proof.pid if proof else None
    return SandboxStatus(layout.directory, layout.ca_file, pid, instances, proxies, stacks, names)


def _look_at_names(state: State, targets: Sequence[InstanceStatus | ProxyStatus]) -> Iterator[NameStatus]:
    there = {each.address: each for each in targets if each.address}
    with state.reading("") as tx:
        records = tx.all(RECORD)
    for record in records:
        if record["Type"] == "CNAME":
            address = record["ResourceRecords"][0]["Value"].removesuffix(".")
            found = there.get(address)
            yield NameStatus(
                name=record["Name"].removesuffix("."),
                address=address,
                ttl_s=record["TTL"],
                target=found.identifier if found else None,
                port=found.port if found else None,
            )


def _look_at_proxies(state: State, layout: Layout) -> Iterator[ProxyStatus]:
    with state.reading("") as tx:
        runtimes = {each["resource"]: each for each in tx.all(PROXY_RUNTIME, every_region=True)}
        instances = {
            each["DbiResourceId"]: each["DBInstanceIdentifier"] for each in tx.all(INSTANCE, every_region=True)
        }
        groups = {each["TargetGroupArn"].split(":")[3] + each["DBProxyName"]: each
                  for each in tx.all(PROXY_GROUP, every_region=True)}  # fmt: skip
        proxies = tx.all(PROXY, every_region=True)
    for proxy in proxies:
        region, runtime = proxy["DBProxyArn"].split(":")[3], runtimes.get(proxy["_id"], {})
        health = groups[region + proxy["DBProxyName"]]["_health"].get(runtime.get("target"), {})
        proof = find_proof(layout.instance(proxy["_id"]) / POOL)
        yield ProxyStatus(
            identifier=proxy["DBProxyName"],
            region=region,
            status=proxy["Status"],
            address=proxy["Endpoint"],
            port=runtime.get("port"),
            target=instances.get(runtime.get("target")),
            health=" ".join(str(health[name]) for name in ("State", "Reason", "Description") if name in health) or None,
            pid=proof.pid if proof else None,
            note=runtime.get("note"),
        )


def substitutions(directory: Path, instance: str) -> tuple[Substitution, ...]:
    """Where an instance runs other values than planned: name, planned, effective (None: nothing runs), reason.

    `instance` is a DBInstanceIdentifier (of any region) or a DbiResourceId. Error: NotFound.
    """
    return _substituted(directory, RUNTIME, "identifier", instance)


def proxy_substitutions(directory: Path, proxy: str) -> tuple[Substitution, ...]:
    """The same for a proxy, by its DBProxyName or resource id. Error: NotFound."""
    return _substituted(directory, PROXY_RUNTIME, "name", proxy)


def _substituted(directory: Path, kind: str, member: str, name: str) -> tuple[Substitution, ...]:
    layout = Layout.load(directory)
    with State(layout.directory).reading("") as tx:
        for record in tx.all(kind, every_region=True):
            if name in (record[member], record["resource"]):
                return tuple(Substitution(**each) for each in record["substitutions"])
    raise NotFound(
        "nothing of that name in the sandbox",
        detail=f"Nothing runs for '{name}' in {layout.directory}.",
        hint="see `mainstay sandbox status` for what runs",
    )


def _read(state: State) -> tuple[list[Record], dict[str, Runtime], tuple[Mapping[str, str], ...]]:
    with state.reading("") as tx:
        records = tx.all(INSTANCE, every_region=True)
        runtimes = {each["resource"]: Runtime.from_json(each) for each in tx.all(RUNTIME, every_region=True)}
        stacks = tuple(
            {"name": each["StackName"], "region": each["StackId"].split(":")[3], "status": each["StackStatus"]}
            for each in tx.all("cfn:stack", every_region=True)
        )
    return records, runtimes, stacks


class _Looker:
    """Looks at servers through their own records; asks how far each replica is behind."""

    def __init__(self, layout: Layout, identity: Identity, runtimes: dict[str, Runtime]) -> None:
        self._layout = layout
        self._identity = identity
        self._runtimes = runtimes

    def look(self, db: Record) -> InstanceStatus:
        """One instance."""
        runtime = self._runtimes.get(db["DbiResourceId"])
        source = db.get("ReadReplicaSourceDBInstanceIdentifier")
        endpoint = db.get("Endpoint") or {}
        return InstanceStatus(
            identifier=db["DBInstanceIdentifier"],
            region=db["_region"],
            status=db["DBInstanceStatus"],
            role=f"replica of {source}" if source else "primary",
            address=endpoint.get("Address"),
            port=endpoint.get("Port"),
            latest_restorable=db.get("LatestRestorableTime"),
            lag_s=self._lag(runtime) if runtime and runtime.source else None,
            engine=runtime.engine.get("version") if runtime else None,
            note=runtime.engine.get("note") if runtime else None,
            failure=db.get("_failure"),
            servers=self._servers(runtime) if runtime else (),
        )

    def _servers(self, runtime: Runtime) -> tuple[ServerStatus, ...]:
        found = []
        for letter, server in sorted(runtime.servers.items(), key=lambda each: each[0] != runtime.primary):
            role = "standby" if letter != runtime.primary else "replica" if runtime.source else "primary"
            proof = self._cluster(runtime, letter).find_proof()
            found.append(ServerStatus(role, proof.pid if proof else None, server.port, server.is_synchronous))
        return tuple(found)

    def _lag(self, runtime: Runtime) -> float | None:
        source = self._runtimes.get(runtime.source or "")
        if source is None:
            return None
        primary, replica = self._cluster(source, source.primary), self._cluster(runtime, runtime.primary)
        try:
            return ENGINES[runtime.kind].lag_s(primary, replica, runtime.stream_name)
        except MainstayError:
            return None

    # Any: an engine's own type.
    def _cluster(self, runtime: Runtime, letter: str) -> Any:
        # Looking needs no programs: the proof comes from the pid file, the rest over a connection.
        engine = ENGINES[runtime.kind]
        programs = engine.unfound(str(runtime.engine.get("version")))
        home = self._layout.instance(runtime.resource) / letter
        return engine.cluster(home, "127.0.0.1", runtime.servers[letter].port, programs, self._identity)
