"""A network that somebody else keeps: its VPC and subnets by id."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from mainstay.spec.faults import fault
from mainstay.spec.quantities import Cidr
from mainstay.spec.section import Section, distinct, matching

VpcId = Annotated[
    str,
    AfterValidator(matching(r"vpc-[0-9a-f]{8,17}", 21, "write a VPC's id, such as vpc-0a1b2c3d")),
]
SubnetId = Annotated[
    str, AfterValidator(matching(r"subnet-[0-9a-f]{8,17}", 24, "write a subnet's id, such as subnet-0a1b2c3d"))
]
ZoneName = Annotated[
    str, AfterValidator(matching(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", 24, "write a zone's name, such as eu-central-1a"))
]


def _two_at_least(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) < 2:
        raise fault("SP009", f"{len(value)} of two subnets or more.", "name two or more, in different zones")
    return value


_SubnetIds = Annotated[tuple[SubnetId, ...], AfterValidator(distinct), AfterValidator(_two_at_least)]


class ApplicationSubnet(Section):
    """A subnet of the application's, with its addresses, by which it can be admitted."""

    id: SubnetId = Field(examples=["subnet-0a1b2c3d"])
    """The subnet's id."""
    cidr: Cidr = Field(examples=["10.0.1.0/24"])
    """The subnet's addresses."""


class ExistingNetwork(Section):
    """A VPC that somebody else keeps, with its routes and endpoints: a bastion needs a way to Session Manager."""

    vpc: VpcId
    """The VPC's id; its DNS support and hostnames have to be on."""
    isolated: _SubnetIds
    """Subnets for the database, in two zones or more, without a route to the internet."""
    private: _SubnetIds
    """Subnets for proxy, functions and bastion, in two zones or more, with a way to the AWS services they call."""
    application: tuple[ApplicationSubnet, ...] = ()
    """The application's subnets, where its addresses are to be admitted."""
    zones: tuple[ZoneName, ...] = ()
    """The zones of the isolated subnets, in their order; left out, RDS places the replicas."""

    @model_validator(mode="after")
    def _zones_fit(self) -> ExistingNetwork:
        if self.zones and len(self.zones) != len(self.isolated):
            raise fault(
                "SP012",
                f"{len(self.zones)} zones for {len(self.isolated)} isolated subnets.",
                "write the zone of each, in the same order",
                at="zones",
            )
        if self.zones and len(set(self.zones)) == 1:
            raise fault(
                "SP012",
                f"All isolated subnets stand in {self.zones[0]}.",
                "name subnets in two zones or more: RDS refuses fewer",
                at="zones",
            )
        return self
