"""Where it stands: a VPC over some zones, its subnets and its way out."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, PlainValidator, StrictInt, WithJsonSchema, model_validator

from mainstay.core.units import Duration
from mainstay.spec.existing_network import ExistingNetwork
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Cidr, Days, between
from mainstay.spec.section import Section, distinct, one_of


def vpc_size(value: IPv4Network) -> IPv4Network:
    """A validator for the addresses of a VPC."""
    # VPC User Guide, vpc-cidr-blocks, 2026-11-20.
    if not 16 <= value.prefixlen <= 28:
        raise fault("SP009", f"{value} has the prefix /{value.prefixlen}.", "a VPC takes /16 to /28")
    return value


NAT_SCHEMA: Final = {"anyOf": [{"enum": ["per_zone", "one", "none"]}, {"type": "integer", "minimum": 1, "maximum": 6}]}


def nat_choice(value: Any) -> int | str:  # Any: a validator's door
    """A validator for how many NAT gateways there are."""
    if isinstance(value, int) and not isinstance(value, bool):
        return between(1, 6)(value)
    if not isinstance(value, str):
        raise fault("SP007", "It is neither a word nor a number.", "write per_zone, one, none, or how many")
    return one_of(("per_zone", "one", "none"))(value)


class FlowLogs(Section):
    """A record of the network's traffic: who connected to whom, and was let in or not."""

    traffic: Annotated[str, AfterValidator(one_of(("all", "accepted", "rejected")))] = Field(
        default="all", json_schema_extra={"enum": ["all", "accepted", "rejected"]}
    )
    """What is recorded: all, accepted or rejected."""
    keep: Days = Duration.days(90)
    """How long; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90 days and some more."""


class Subnets(Section):
    """Explicit address ranges, one a zone; a tier that is left out is computed, but for the application's."""

    public: tuple[Cidr, ...] = ()
    """For NAT gateways and load balancers."""
    application: tuple[Cidr, ...] = ()
    """For applications that stand apart, one or more, in the first zones; left out, there are none."""
    private: tuple[Cidr, ...] = ()
    """For applications, functions, the proxy and the bastion."""
    isolated: tuple[Cidr, ...] = ()
    """For the database: no way in or out but the VPC."""


_OWN_KEYS: Final = ("cidr", "zones", "nat", "subnets", "endpoints")
_TIERS: Final = ("public", "application", "private", "isolated")

# Services with private doors that something around a database can need (VPC User Guide,
# aws-services-privatelink-support and vpce-gateway, 2026-11-20). ec2messages is for agents of Session Manager before
# 3.3.40.
SERVICES: Final = (
    "backup",
    "ec2messages",
    "events",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "ssm",
    "ssmmessages",
    "sts",
)
_ENDPOINTS_SCHEMA: Final = {
    "anyOf": [{"enum": ["needed", "none"]}, {"type": "array", "items": {"enum": list(SERVICES)}}]
}


def _endpoints(value: Any) -> str | tuple[str, ...]:  # Any: a validator's door
    if isinstance(value, str):
        return one_of(("needed", "none"))(value)
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise fault("SP007", "It is neither a word nor a list of services.", "write needed, none, or [logs, kms]")
    return distinct(tuple(one_of(SERVICES)(one) for one in value))


class Network(Section):
    """A VPC of its own, or an existing one."""

    cidr: Annotated[Cidr, AfterValidator(vpc_size)] = IPv4Network("10.0.0.0/16")
    """The VPC's addresses."""
    zones: Annotated[StrictInt, AfterValidator(between(2, 6))] = 2
    """How many availability zones; a subnet group needs two."""
    nat: Annotated[int | str, PlainValidator(nat_choice), WithJsonSchema(NAT_SCHEMA)] = "per_zone"
    """NAT gateways: `per_zone` survives the loss of a zone, `one` (or a number) is cheaper, `none` has no public
    subnets."""
    subnets: Subnets = Subnets()
    """Explicit address ranges."""
    endpoints: Annotated[str | tuple[str, ...], PlainValidator(_endpoints), WithJsonSchema(_ENDPOINTS_SCHEMA)] = (
        "needed"
    )
    """Private doors to AWS services: `needed` makes those that bastion, functions and exports need, a list adds to
    them, `none` sends everything through NAT."""
    flow_logs: FlowLogs | None = None
    """A record of the traffic; left out, there is none."""

    existing: ExistingNetwork | None = None
    """A VPC and subnets by id, instead of new ones."""

    @property
    def nat_gateways(self) -> int:
        """How many NAT gateways there are."""
        words = {"per_zone": self.zones, "one": 1, "none": 0}
        return words[self.nat] if isinstance(self.nat, str) else self.nat

    @model_validator(mode="after")
    def _subnets_fit(self) -> Network:
        both = [key for key in _OWN_KEYS if key in self.model_fields_set]
        if self.existing and both:
            raise fault(
                "SP012",
                f"{', '.join(both)} would make a network, and existing names one.",
                "leave one of them out",
                at=both[0],
            )
        if self.nat_gateways > self.zones:
            raise fault(
                "SP012",
                f"{self.nat_gateways} NAT gateways for {self.zones} zones.",
                "write at most one a zone",
                at="nat",
            )
        tiers = {name: getattr(self.subnets, name) for name in _TIERS}
        if self.nat == "none" and self.subnets.public:
            raise fault(
                "SP012",
                "Without NAT there are no public subnets.",
                "leave public out, or choose nat",
                at="subnets.public",
            )
        for name, ranges in tiers.items():
            is_apart = name == "application"  # one is enough for it: nothing of AWS asks for two
            if len(ranges) > self.zones or (ranges and not is_apart and len(ranges) < self.zones):
                raise fault(
                    "SP012",
                    f"{len(ranges)} {name} ranges for {self.zones} zones.",
                    "write at most one range a zone" if is_apart else "write one range a zone",
                    at=f"subnets.{name}",
                )
            for one in ranges:
                self._inside(name, one)
        for (first, one), (second, other) in combinations(((n, r) for n, rs in tiers.items() for r in rs), 2):
            if one.overlaps(other):
                raise fault(
                    "SP012",
                    f"{first} {one} and {second} {other} overlap.",
                    "give each subnet addresses of its own",
                    at=f"subnets.{second}",
                )
        return self

    def _inside(self, tier: str, one: IPv4Network) -> None:
        if not one.subnet_of(self.cidr):
            raise fault("SP012", f"{one} is not inside {self.cidr}.", "choose a part of the VPC", at=f"subnets.{tier}")
        if one.prefixlen > 28:
            raise fault("SP009", f"{one} is smaller than /28.", "a subnet takes /16 to /28", at=f"subnets.{tier}")
