"""A name of the database's own in DNS, which can be led to another generation of it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from mainstay.core.units import Duration
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Period, between
from mainstay.spec.section import Section, matching, one_of

CREATE: Final = "create"
TARGETS: Final = ("database", "proxy")
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# A private zone answers alone for its domain in its network: names that only the public one has are not found any more
# (Route 53 Developer Guide, hosted-zone-private-considerations, 2026-11-21).
_AWS: Final = ("amazonaws.com", "amazonaws.com.cn")

DomainName = Annotated[
    str,
    AfterValidator(
        matching(
            rf"{_LABEL}(\.{_LABEL})+",
            253,
            "write labels of small letters, digits and hyphens between dots, such as db.shop.internal",
        )
    ),
]
ZoneChoice = Annotated[
    str, AfterValidator(matching(r"create|Z[A-Z0-9]{1,31}", 32, "write create, or a zone's id, such as Z0123456789ABC"))
]


class Dns(Section):
    """A CNAME to the database's endpoint or its proxy's. Certificates bear the endpoint's name and not this one:
    clients that verify the host name (verify-full, VERIFY_IDENTITY) have to connect to the endpoint itself.
    """

    name: DomainName
    """The name, whole: db.shop.internal."""
    zone: ZoneChoice
    """The id of a hosted zone that exists, or `create` for a private one of the name's parent domain, which then
    answers alone for that domain in this network: choose a domain that nothing else here needs. A network that exists
    has to have DNS support and DNS host names on, or no name of the zone is found in it."""
    ttl: Annotated[Period, AfterValidator(between(Duration(1), Duration(300)))] = Duration(60)
    """How long clients may keep an answer: so long after a swap some still go to the old generation."""
    target: Annotated[str, AfterValidator(one_of(TARGETS))] | None = Field(
        default=None, json_schema_extra={"enum": [*TARGETS, None]}
    )
    """Where it leads: database or proxy. Left out, to the proxy where there is one."""

    @property
    def domain(self) -> str:
        """The name's parent domain, which is what a zone of its own is called."""
        return self.name.partition(".")[2]

    @property
    def makes_zone(self) -> bool:
        """Whether the zone is part of the design."""
        return self.zone == CREATE

    @model_validator(mode="after")
    def _zone_hides_nothing(self) -> Dns:
        if not self.makes_zone:
            return self
        if "." not in self.domain:
            raise fault(
                "SP012",
                f"zone: create would make a zone of all of '{self.domain}', and hide every other name below it.",
                f"write a name with three labels, such as db.shop.{self.domain}, or the id of a zone that exists",
                at="name",
            )
        if any(f".{self.domain}".endswith(f".{one}") for one in _AWS):
            raise fault(
                "SP012",
                f"zone: create would make a zone of {self.domain}, where AWS's own services have their names.",
                "choose a domain of your own, such as shop.internal",
                at="name",
            )
        return self
