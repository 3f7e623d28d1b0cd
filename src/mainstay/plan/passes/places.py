"""Where things stand: in the network that the plan makes, or in one that exists already."""

from __future__ import annotations

from mainstay.plan.passes.logical import VPC, subnet
from mainstay.plan.passes.network import addresses, how_many
from mainstay.plan.resources import Subnet, Vpc
from mainstay.plan.values import Attr, Link, Ref, Value, Zone, join
from mainstay.spec import Spec


def vpc_of(spec: Spec) -> Link[Vpc]:
    """The VPC, as a reference or by id."""
    return spec.network.existing.vpc if spec.network.existing else Ref(VPC)


def vpc_id(spec: Spec) -> Value[str]:
    """The VPC's id, for people and other stacks."""
    return spec.network.existing.vpc if spec.network.existing else Attr(VPC, "id")


def private_subnets(spec: Spec) -> tuple[Link[Subnet], ...]:
    """The subnets of proxy, functions, bastion and endpoints."""
    existing = spec.network.existing
    return existing.private if existing else _made(spec, "private")


def isolated_subnets(spec: Spec) -> tuple[Link[Subnet], ...]:
    """The subnets of the database."""
    existing = spec.network.existing
    return existing.isolated if existing else _made(spec, "isolated")


def application_subnets(spec: Spec) -> tuple[Link[Subnet], ...]:
    """The application's own subnets; none where it has none."""
    existing = spec.network.existing
    return tuple(one.id for one in existing.application) if existing else _made(spec, "application")


def application_ranges(spec: Spec) -> tuple[str, ...]:
    """The addresses that applications come from: their own subnets', or else those of the private ones."""
    if spec.network.existing:
        return tuple(str(one.cidr) for one in spec.network.existing.application)
    ranges = addresses(spec)
    return tuple(str(one) for one in ranges.get("application") or ranges["private"])


def ids(subnets: tuple[Link[Subnet], ...]) -> Value[str]:
    """Ids of subnets as one text, for people and other stacks: separated by commas."""
    parts: list[Value[str]] = []
    for one in subnets:
        parts += [",", Attr(one.key, "id") if isinstance(one, Ref) else one]
    return join(*parts[1:])


def zone_of(spec: Spec, index: int) -> Value[str] | None:
    """The zone of the n-th instance, from 0; None where nobody said in which zones somebody else's subnets stand."""
    existing = spec.network.existing
    if existing is None:
        return Zone(index % spec.network.zones)
    zones = tuple(dict.fromkeys(existing.zones))
    return zones[index % len(zones)] if zones else None


def wanting_functions(spec: Spec) -> str | None:
    """The first setting that puts a function into the network, beside the database; None without any."""
    backup = spec.protection.backup_plan
    wishes = {
        "credentials.rotation": spec.credentials.rotation,
        "validation": spec.validation,
        "drill.heartbeat": spec.drill.heartbeat,
        "protection.backup_plan.restore_test": backup and backup.restore_test,
    }
    return next((path for path, wish in wishes.items() if wish), None)


def _made(spec: Spec, tier: str) -> tuple[Link[Subnet], ...]:
    return tuple(Ref(subnet(tier, index)) for index in range(how_many(spec, tier)))
