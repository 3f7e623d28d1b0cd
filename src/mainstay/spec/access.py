"""Who may connect: applications by group or address, people through a bastion without inbound ports."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from mainstay.core.units import Bytes
from mainstay.spec.dns import Dns
from mainstay.spec.faults import fault
from mainstay.spec.proxy import Proxy
from mainstay.spec.quantities import Cidr, Size, between
from mainstay.spec.section import Section, distinct, matching, one_of


def _not_everybody(value: IPv4Network) -> IPv4Network:
    if value.prefixlen == 0:
        raise fault(
            "SP012",
            "0.0.0.0/0 opens the database's port to everybody.",
            "name the application's subnets or security groups; people come through the bastion",
        )
    return value


GroupId = Annotated[
    str, AfterValidator(matching(r"sg-[0-9a-f]{8,17}", 20, "write a security group id, such as sg-0a1b2c3d"))
]
ImageId = Annotated[str, AfterValidator(matching(r"ami-[0-9a-f]{8,17}", 21, "write an image id, such as ami-0a1b2c3d"))]
InstanceType = Annotated[
    str, AfterValidator(matching(r"[a-z0-9-]+\.[a-z0-9-]+", 40, "write an EC2 instance type, such as t4g.nano"))
]


_WAYS: Final = ("group", "subnets", "both")


class Bastion(Section):
    """A host for people, reached through Session Manager only."""

    instance_type: InstanceType = "t4g.nano"
    """Its EC2 type; the image has to be of the same architecture."""
    image: ImageId | None = None
    """A pinned image; left out, the deployer gives one. Never `latest`: a new image replaces the host unasked."""
    volume: Annotated[Size, AfterValidator(between(Bytes.gib(8), Bytes.gib(1024)))] = Bytes.gib(8)
    """Its encrypted volume."""


class ApplicationRole(Section):
    """A role for the application, reached through Session Manager and allowed to log in, and no more."""

    service: Annotated[str, AfterValidator(one_of(("ec2", "ecs-tasks", "lambda")))] = Field(
        default="ec2", json_schema_extra={"enum": ["ec2", "ecs-tasks", "lambda"]}
    )
    """Where the application runs: ec2, ecs-tasks or lambda."""
    user: (
        Annotated[
            str,
            AfterValidator(matching(r"[A-Za-z][A-Za-z0-9_]*", 63, "start with a letter, then letters, digits and _")),
        ]
        | None
    ) = None
    """The database user of IAM logins at the instance; the master user when left out."""


class Access(Section):
    """What may reach the engine's port."""

    application: Annotated[str, AfterValidator(one_of(_WAYS))] = Field(
        default="group", json_schema_extra={"enum": list(_WAYS)}
    )
    """How the application is admitted: by wearing its security group, by the addresses of its subnets (the private
    ones where it has none of its own), or by both."""
    security_groups: Annotated[tuple[GroupId, ...], AfterValidator(distinct)] = ()
    """Groups outside this stack that may connect as well."""
    cidrs: Annotated[tuple[Annotated[Cidr, AfterValidator(_not_everybody)], ...], AfterValidator(distinct)] = ()
    """Address ranges that may connect as well."""
    bastion: Bastion | None = None
    """A way in for people; left out, there is none."""
    proxy: Proxy | None = None
    """RDS Proxy between applications and the database; left out, they connect directly."""
    application_role: ApplicationRole | None = None
    """A role for the application; left out, there is none."""
    dns: Dns | None = None
    """A name in DNS that leads to the database; left out, clients know it by its endpoint."""

    @property
    def is_by_group(self) -> bool:
        """Whether the application has a security group that it is admitted by."""
        return self.application != "subnets"

    @property
    def is_by_subnets(self) -> bool:
        """Whether the addresses of the application's subnets are admitted."""
        return self.application != "group"

    @property
    def is_named_proxy(self) -> bool:
        """Whether the name in DNS leads to the proxy."""
        chosen = self.dns.target if self.dns else None
        return chosen == "proxy" or (chosen is None and self.proxy is not None)

    @model_validator(mode="after")
    def _name_leads_somewhere(self) -> Access:
        if self.dns and self.dns.target == "proxy" and self.proxy is None:
            raise fault(
                "SP012",
                "target: proxy leads to a proxy, and there is none.",
                "write access.proxy, or target: database",
                at="dns.target",
            )
        return self
