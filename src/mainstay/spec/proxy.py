"""RDS Proxy: how many connections it holds, and how clients come in."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StrictBool, model_validator

from mainstay.core.units import Duration, Share
from mainstay.spec.faults import fault
from mainstay.spec.quantities import Percentage, Period, between
from mainstay.spec.section import Section


def _whole_percent(value: Share) -> Share:
    if (value * 100).denominator != 1:
        raise fault("SP008", f"{value} is not a whole percentage.", "RDS Proxy counts in whole percent; write 50%")
    return value


def _some(value: Share) -> Share:
    if not value:
        raise fault("SP009", "0% of the connections is none.", "write 1% to 100%")
    return value


class Proxy(Section):
    """A pool in front of the primary. Clients always need TLS; readers are not behind it."""

    iam_authentication: StrictBool = False
    """Whether clients have to log in with IAM tokens; else with the secret's password."""
    max_connections: Annotated[Percentage, AfterValidator(_whole_percent), AfterValidator(_some)] = Share.parse("100%")
    """How many of the database's connections it may take; less leaves room for others."""
    max_idle: Annotated[Percentage, AfterValidator(_whole_percent)] = Share.parse("50%")
    """How many it keeps open without work, of the database's connections."""
    borrow_timeout: Annotated[Period, AfterValidator(between(Duration(0), Duration(300)))] = Duration(120)
    """How long a client waits for a connection before it is refused."""
    idle_timeout: Annotated[Period, AfterValidator(between(Duration(1), Duration(28_800)))] = Duration(1800)
    """How long a client may be silent."""
    debug_logging: StrictBool = False
    """Statements in the proxy's log; AWS turns it off again after a day."""

    @model_validator(mode="after")
    def _idle_fits(self) -> Proxy:
        if self.max_idle > self.max_connections:
            raise fault(
                "SP012",
                f"max_idle {self.max_idle} is more than max_connections {self.max_connections}.",
                "write at most as many",
                at="max_idle",
            )
        return self
