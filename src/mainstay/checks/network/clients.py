"""Who means to connect to a database or a proxy, as far as the plan tells, and what each one's way surely lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mainstay.checks.links import key_of, linked
from mainstay.checks.network.traffic import groups_of, port_of, wearers
from mainstay.checks.rule import Fault
from mainstay.checks.scene import Scene, leaves
from mainstay.core.findings import Severity
from mainstay.core.records import dataclass
from mainstay.plan.plan import RegionPlan
from mainstay.plan.reachability import Way, to_resource
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
    Function,
    Instance,
    Resource,
    RotationSchedule,
    Secret,
    SecretAttachment,
    SecurityGroup,
)
from mainstay.plan.traffic import Opening, egress, ingress
from mainstay.plan.values import Attr, Ref, SecretField

Target = DbInstance | DbProxy


@dataclass(frozen=True, slots=True)
class Client:
    """Something that means to connect: a group (whoever wears it), a host or a function; why, to follow its name.

    `must_connect`: its task is not done otherwise, wherever it stands. `may_go_elsewhere`: another way to the same data
    would do as well, through a proxy.
    """

    resource: Resource
    why: str
    must_connect: bool = False
    may_go_elsewhere: bool = False


def clients_of(target: Target, port: int, scene: Scene) -> Iterator[Client]:
    """Everybody of whom the plan says so, each once: by rules of groups, by name, by what a function is told."""
    seen: set[str] = set()
    for client in (*_by_task(target, scene), *_by_rules(target, port, scene)):
        if client.resource.key not in seen:
            seen.add(client.resource.key)
            yield client


def way_of(client: Client, target: Target, port: int, scene: Scene) -> Way:
    """The client's way to the target on its port."""
    return to_resource(scene.region, client.resource.key, target.key, port)


def faults_of(client: Client, way: Way, target: Target, scene: Scene) -> Iterator[Fault]:
    """What a client's way lacks, each at the place where it is mended.

    A function that stands in no network may be told an address for another reason than to connect to it.
    """
    for gap in way.gaps:
        places = {"ingress": target, "egress": scene.region[gap.at]}
        severity = Severity.WARNING if gap.side == "network" and not client.must_connect else None
        detail = f"{client.resource.key} {client.why}, but {gap.words}."
        yield Fault(places.get(gap.side, client.resource), detail, gap.fix, severity)


def _by_rules(target: Target, port: int, scene: Scene) -> Iterator[Client]:
    """Groups with a rule about the target's groups, or about which these have one; where something wears it, that."""
    for group in groups_of(target.security_groups, scene):
        for client, opening in _naming(scene.region).get(group.key, ()):
            if opening.covers(port):
                yield from _wearing(client, f"may leave for {group.key}", scene)
        for opening in ingress(group, scene.region):
            if opening.group is not None and opening.covers(port):
                yield from _wearing(opening.group, f"is admitted by {group.key}", scene)


def _wearing(group: SecurityGroup, why: str, scene: Scene) -> Iterator[Client]:
    worn_by = wearers(group, scene.region)
    yield from (Client(one, why) for one in worn_by if isinstance(one, Function | Instance))
    # A proxy is judged by its own rule, and a database opens no connections.
    if not worn_by:
        yield Client(group, why)


def _naming(region: RegionPlan) -> dict[str, list[tuple[SecurityGroup, Opening]]]:
    """The groups with a way out that names a group, and that way, by the key of the one that is named."""

    def found() -> dict[str, list[tuple[SecurityGroup, Opening]]]:
        naming: dict[str, list[tuple[SecurityGroup, Opening]]] = {}
        for group in region.of(SecurityGroup):
            for opening in egress(group, region):
                if opening.group is not None:
                    naming.setdefault(opening.group.key, []).append((group, opening))
        return naming

    return region.remember(("named by ways out",), found)


def _by_task(target: Target, scene: Scene) -> Iterator[Client]:
    yield from (
        Client(one, f"rotates {secret} of {target.key}", must_connect=True) for one, secret in _rotating(target, scene)
    )
    told = _told(scene.region)
    for name in ("endpoint_address", "endpoint"):
        yield from (Client(one, f"is told the address of {target.key}") for one in told.get((target.key, name), ()))
    if not isinstance(target, DbInstance):
        return
    for secret in _secrets(target, scene):
        # Whoever stands in no network reads a secret for another reason.
        readers = (one for one in told.get((secret, ""), ()) if one.subnets)
        yield from (Client(one, f"is told of {secret} of {target.key}", may_go_elsewhere=True) for one in readers)
    yield from (Client(host, f"is a bastion before {target.key}") for host in _idle_bastions(scene))


def _idle_bastions(scene: Scene) -> tuple[Instance, ...]:
    """Hosts that are called bastions and surely reach no database at all; one that reaches some is meant for those."""

    def found() -> tuple[Instance, ...]:
        ports = [(one, port_of(one, scene)) for one in scene.region.of(DbInstance)]
        return tuple(
            host
            for host in scene.region.of(Instance)
            # Any other host may have nothing to do with the database; one that is called a bastion has.
            if "bastion" in host.key.lower()
            and all(
                port is not None and to_resource(scene.region, host.key, one.key, port).is_shut for one, port in ports
            )
        )

    return scene.region.remember(("idle bastions",), found)


def _rotating(target: Target, scene: Scene) -> Iterator[tuple[Function, str]]:
    secrets = _secrets(target, scene) if isinstance(target, DbInstance) else ()
    for schedule in scene.region.of(RotationSchedule):
        function = scene.region.resolve(schedule.function, Function)
        secret = scene.target_of(schedule)
        if function is not None and secret is not None and secret.key in secrets:
            yield function, secret.key


def _secrets(database: DbInstance, scene: Scene) -> tuple[str, ...]:
    """The keys of the secrets of an instance: attached to it, or with its password."""

    def found() -> dict[str, tuple[str, ...]]:
        of: dict[str, dict[str, None]] = {}
        for attachment in scene.region.of(SecretAttachment):
            where, what = linked(attachment.target, scene), linked(attachment.secret, scene)
            if isinstance(where, DbInstance) and isinstance(what, Secret):
                of.setdefault(where.key, {})[what.key] = None
        for one in scene.region.of(DbInstance):
            if isinstance(one.password, SecretField):
                of.setdefault(one.key, {})[one.password.secret.key] = None
        return {key: tuple(secrets) for key, secrets in of.items()}

    return scene.region.remember(("secrets of databases",), found).get(database.key, ())


def _told(region: RegionPlan) -> dict[tuple[str, str], tuple[Function, ...]]:
    """Functions by what their environment names: a resource with its address, or with nothing for its identity."""

    def found() -> dict[tuple[str, str], tuple[Function, ...]]:
        told: dict[tuple[str, str], dict[str, Function]] = {}
        for one in region.of(Function):
            for value in one.environment.values():
                for key, name in _names(leaves(value)):
                    attachment = region.resolve(Ref(key), SecretAttachment)
                    secret = key_of(attachment.secret) if attachment else key
                    told.setdefault((secret or key, name), {})[one.key] = one
        return {what: tuple(functions.values()) for what, functions in told.items()}

    return region.remember(("told",), found)


def _names(values: Iterable[object]) -> Iterator[tuple[str, str]]:
    for value in values:
        if isinstance(value, Attr) and value.name in ("endpoint_address", "endpoint"):
            yield value.key, value.name
        elif isinstance(value, SecretField):
            yield value.secret.key, ""
        elif (key := key_of(value)) is not None:
            yield key, ""
