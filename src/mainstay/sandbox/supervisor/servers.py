"""Starting, configuring and stopping the servers of an instance, and keeping its archive going."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mainstay import facts
from mainstay.core.errors import EnvironmentLacking, MainstayError, TargetRefused
from mainstay.engines.certificates import ServerCertificate, issue_server_certificate
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.ports import reserve_internal
from mainstay.engines.process import ProcessProof, is_alive_and_ours, terminate
from mainstay.engines.replica_ahead import ReplicaAhead
from mainstay.sandbox.rds.classes import instance_class
from mainstay.sandbox.rds.parameter_groups import require_group, values_of
from mainstay.sandbox.rds.records import Record
from mainstay.sandbox.rds.substitutions import Effective, effective_settings, without_tokens
from mainstay.sandbox.supervisor.house import LOOPBACK, House, log
from mainstay.sandbox.supervisor.runtime import Runtime, Server

STANDBY_NAME: Final = "standby"
PORT_IN_USE: Final = "port in use"  # the summary that engines give to it
PORT_TRIES: Final = 4
ADDRESSES: Final = "addresses"  # what the certificate beside it is for, one a line


class IncompatibleParameters(TargetRefused):
    """The server does not start with what its parameter group says."""


def take_parameters(house: House, runtime: Runtime, db: Record) -> Effective:
    """Work out what the instance's parameter group means here, and keep it in the runtime (not yet saved)."""
    with house.state.reading(runtime.region) as tx:
        group = require_group(tx, db["DBParameterGroups"][0]["DBParameterGroupName"])
    size = instance_class(db["DBInstanceClass"])
    major = facts.major_of(db["Engine"], db["EngineVersion"])
    effective = effective_settings(values_of(group), major=major, size=size, engine=db["Engine"], runs=runtime.kind)
    if effective.problem is not None:
        raise IncompatibleParameters(
            "incompatible parameters",
            detail=effective.problem,
            hint=f"correct parameter group {group['DBParameterGroupName']} and reboot the instance",
        )
    runtime.settings, runtime.force_ssl = dict(effective.settings), effective.force_ssl
    runtime.substitutions = [each.as_json() for each in (*effective.substitutions, *without_tokens(db))]
    return effective


def certificate(house: House, runtime: Runtime) -> ServerCertificate:
    """The instance's certificate for its endpoint's address and those of proxies that pool nothing.

    Issued anew when there is another address: the server takes it over with the next reload.
    """
    into = house.layout.instance(runtime.resource) / "tls"
    issued = ServerCertificate(into / "server.crt", into / "server.key", into / "ca.crt")
    fronts = {each.host for each in house.proxies() if each.target == runtime.resource and each.pool_port is None}
    addresses = sorted({runtime.host, LOOPBACK, *fronts})
    if _certified(into) == addresses:
        return issued
    house.identity.own_directory(into)
    (into / ADDRESSES).unlink(missing_ok=True)
    issued = issue_server_certificate(
        house.authority, into, name=runtime.identifier, addresses=addresses, identity=house.identity
    )
    (into / ADDRESSES).write_text("\n".join(addresses))
    return issued


def is_certified_for(house: House, runtime: Runtime, host: str) -> bool:
    """Whether the instance's certificate is for this address too."""
    return host in _certified(house.layout.instance(runtime.resource) / "tls")


def _certified(into: Path) -> list[str]:
    listed = into / ADDRESSES
    return listed.read_text().splitlines() if listed.exists() else []


def configure(house: House, runtime: Runtime, letter: str, role: dict[str, str] | None = None) -> None:
    """Write a server's configuration: its group's settings, and those of its role (by default, as they were)."""
    cluster = house.cluster(runtime, letter)
    own = house.engine(runtime).role_settings
    kept = {name: value for name, value in cluster.settings().items() if name in own} if role is None else role
    cluster.configure({**runtime.settings, **kept}, tls=certificate(house, runtime), force_ssl=runtime.force_ssl)


def new_server(house: House, runtime: Runtime, letter: str) -> None:
    """Give a server a port of its own; commits do not wait for it, whatever they did before."""
    is_half_made = letter in runtime.servers and runtime.servers[letter].is_half_made
    with reserve_internal(taken_ports(house)) as reservation:
        runtime.servers[letter] = Server(reservation.port, is_half_made=is_half_made)


def taken_ports(house: House) -> list[tuple[str, int]]:
    """Where servers of this sandbox listen, also those that do not run now."""
    return [(LOOPBACK, server.port) for each in house.runtimes() for server in each.servers.values()]


def start(house: House, runtime: Runtime, letter: str, *, must_accept: bool = True) -> ProcessProof:
    """Start a server; one whose port was taken meanwhile gets another.

    Errors: IncompatibleParameters when the server refuses its settings, EnvironmentLacking, TargetRefused.
    """
    for _ in range(PORT_TRIES):
        try:
            proof: ProcessProof = house.cluster(runtime, letter).start(must_accept=must_accept)
        except EnvironmentLacking as error:
            if error.summary != PORT_IN_USE:
                raise
            new_server(house, runtime, letter)
            house.save(runtime)
            configure(house, runtime, letter)
        except TargetRefused as error:
            raise _sorted(house, runtime, error) from error
        else:
            return proof
    raise EnvironmentLacking(
        PORT_IN_USE,
        detail=f"{PORT_TRIES} ports were taken one after the other while {runtime.identifier} was started.",
        hint="see what listens on this machine with `ss -ltn`",
    )


def _sorted(house: House, runtime: Runtime, error: MainstayError) -> MainstayError:
    """A refusal that blames the configuration is what RDS calls incompatible parameters."""
    if not any(sign in error.detail for sign in house.engine(runtime).settings_signs):
        return error
    return IncompatibleParameters("incompatible parameters", detail=error.detail, hint=error.hint)


def stop(house: House, runtime: Runtime, letter: str, mode: str = "fast") -> None:
    """Stop a server when it runs."""
    cluster = house.cluster(runtime, letter)
    proof = cluster.find_proof()
    if proof is not None:
        cluster.stop(proof, mode)


def stop_if_known(house: House, runtime: Runtime, letter: str) -> None:
    """Stop a server that may never have had a place."""
    if letter in runtime.servers:
        stop(house, runtime, letter, "immediate")


def sweep(house: House, directory: Path) -> None:
    """Kill what runs below a directory, and remove it: the half-done work of a supervisor that was killed."""
    for proof in find_by_directory(directory, house.identity):
        terminate(proof, "kill")
    house.trash.take(directory)


def add_standby(house: House, runtime: Runtime) -> None:
    """Give a running primary a synchronous standby, from a fresh copy.

    That it is half-made is written down first: a supervisor that takes over from us begins again at once, instead of
    waiting for a standby that can never stream.
    """
    letter = runtime.standby
    assert letter is not None  # noqa: S101 - callers ask for a standby only where there is to be one
    if letter not in runtime.servers:
        new_server(house, runtime, letter)
    runtime.servers[letter].is_synchronous = False
    runtime.servers[letter].is_half_made = True
    house.save(runtime)
    engine, primary, standby = house.engine(runtime), house.cluster(runtime), house.cluster(runtime, letter)
    sweep(house, standby.home)
    engine.base_copy(primary, standby)
    configure(house, runtime, letter, engine.standby_settings(primary, standby, STANDBY_NAME))
    start(house, runtime, letter)
    synchronise(house, runtime)


def synchronise(house: House, runtime: Runtime) -> None:
    """Let commits wait for the running standby from now on; only then may it take over."""
    letter = runtime.standby
    assert letter is not None  # noqa: S101 - see add_standby
    engine, primary = house.engine(runtime), house.cluster(runtime)
    engine.wait_streaming(primary, STANDBY_NAME)
    engine.require_synchronous(primary, [STANDBY_NAME])
    engine.wait_streaming(primary, STANDBY_NAME, synchronous=True)
    runtime.servers[letter].is_synchronous = True
    runtime.servers[letter].is_half_made = False
    house.save(runtime)


def release_standby(house: House, runtime: Runtime) -> None:
    """Let commits wait no more; the standby may not take over from here on, which is written down first."""
    letter = runtime.standby
    if letter in runtime.servers and runtime.servers[letter].is_synchronous:
        runtime.servers[letter].is_synchronous = False
        house.save(runtime)
    house.engine(runtime).drop_synchronous(house.cluster(runtime))


def remove_standby(house: House, runtime: Runtime) -> None:
    """Take the standby away: its server, its data, and its place in the record."""
    letter = runtime.standby
    if letter is None:
        return
    release_standby(house, runtime)
    house.board.unwatch(runtime.resource, "standby")
    stop_if_known(house, runtime, letter)
    sweep(house, house.layout.instance(runtime.resource) / letter)
    runtime.servers.pop(letter, None)
    runtime.has_standby = False
    house.save(runtime)


def keep_archiving(house: House, runtime: Runtime) -> None:
    """See to it that the archiver runs and receives from the present primary.

    Left alone it would look for a restarted server only every five seconds, and for a new primary never.
    """
    proof, port = runtime.archiver_proof, runtime.servers[runtime.primary].port
    if proof is not None and is_alive_and_ours(proof) and runtime.archiver_port == port:
        return
    house.board.unwatch(runtime.resource, "archiver")
    archive = house.archive(runtime)
    for old in find_by_directory(archive.directory, house.identity):
        terminate(old, "fast")
    runtime.archiver = dict(house.engine(runtime).start_archiver(archive, house.cluster(runtime)).as_json())
    runtime.archiver_port = port
    house.save(runtime)


def stop_archiving(house: House, runtime: Runtime, *, for_good: bool = False) -> None:
    """Stop the archiver; `for_good` also lets the primary forget it."""
    house.board.unwatch(runtime.resource, "archiver")
    if runtime.archiver_proof is not None:
        terminate(runtime.archiver_proof, "fast")
    runtime.archiver = runtime.archiver_port = None
    if for_good and house.cluster(runtime).find_proof() is not None:
        house.engine(runtime).drop_slot(house.archive(runtime), house.cluster(runtime))
    house.save(runtime)


def follow_primary(house: House, runtime: Runtime) -> None:
    """Point the read replicas of an instance at its present primary."""
    primary = house.cluster(runtime)
    for replica in house.replicas_of(runtime):
        cluster = house.cluster(replica)
        if cluster.find_proof() is None:
            continue
        try:
            house.engine(runtime).follow(cluster, primary, replica.stream_name, acknowledges=False)
        except ReplicaAhead as error:
            log.warning("%s is made anew: %s", replica.identifier, error.detail)
            remake_replica(house, runtime, replica)


def remake_replica(house: House, runtime: Runtime, replica: Runtime) -> None:
    """Replace a replica's data by a fresh copy of its source; its clients wait meanwhile."""
    cluster = house.cluster(replica)
    house.board.unwatch(replica.resource, "primary")
    house.board.hold(replica.resource)
    stop(house, replica, replica.primary, "immediate")
    sweep(house, cluster.home)
    copy_source(house, runtime, replica)
    start(house, replica, replica.primary)
    house.board.point(replica.resource, LOOPBACK, replica.servers[replica.primary].port)
    watch(house, replica)


def is_whole(house: House, replica: Runtime) -> bool:
    """Whether a replica's copy was finished: its settings are written last, and go with a copy that is replaced."""
    cluster = house.cluster(replica)
    return bool(cluster.data_directory.exists() and cluster.settings_file.exists())


def copy_source(house: House, source: Runtime, replica: Runtime) -> None:
    """Copy the running source for a replica, which then follows it once it is started."""
    engine, primary, cluster = house.engine(source), house.cluster(source), house.cluster(replica)
    engine.base_copy(primary, cluster)
    configure(house, replica, replica.primary, engine.replica_settings(primary, cluster, replica.stream_name))


def watch(house: House, runtime: Runtime) -> None:
    """Watch every process of an instance, and send its clients to the primary."""
    for role, letter in (("primary", runtime.primary), ("standby", runtime.standby)):
        proof = house.cluster(runtime, letter).find_proof() if letter in runtime.servers else None
        if proof is not None:
            house.board.watch(runtime.resource, role, proof)
    if runtime.archiver_proof is not None:
        house.board.watch(runtime.resource, "archiver", runtime.archiver_proof)


def open_endpoint(house: House, runtime: Runtime) -> None:
    """Listen on the instance's address and send clients to its primary. Error: EnvironmentLacking."""
    house.board.open(runtime)
    house.board.point(runtime.resource, LOOPBACK, runtime.servers[runtime.primary].port)
