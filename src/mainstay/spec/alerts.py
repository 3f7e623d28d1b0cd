"""Who is told, and when."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool

from mainstay.core.units import Bytes, Duration, Share
from mainstay.spec.faults import fault
from mainstay.spec.metrics import Metrics
from mainstay.spec.quantities import Minutes, Percentage, Period, ShareOrCount, ShareOrSize, between
from mainstay.spec.section import Section

_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def _subscriber(value: str) -> str:
    if not _MAIL.fullmatch(value) and not re.fullmatch(r"https://\S+", value):
        raise fault(
            "SP008",
            f"'{value}' is neither an e-mail address nor an https URL.",
            "write ops@your-company.com or https://…",
        )
    return value


def _somebody(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise fault("SP009", "Nobody is told.", "name at least one subscriber; there is no default address")
    seen = {name.lower() for name in value}
    if len(seen) < len(value):
        raise fault("SP012", "A subscriber stands there twice.", "name each once")
    return value


def _some_share(value: Share) -> Share:
    if not 0 < value < 1:
        raise fault("SP009", f"{value} is never or always exceeded.", "choose a share above 0% and below 100%")
    return value


def _some_amount(value: Share | Bytes) -> Share | Bytes:
    return _some_share(value) if isinstance(value, Share) else between(Bytes(2**20), Bytes.gib(65_536))(value)


def _some_count(value: Share | int) -> Share | int:
    return _some_share(value) if isinstance(value, Share) else between(1, 262_143)(value)


class Alerts(Section):
    """Alarms on the primary and every replica, and RDS events; all go to every subscriber."""

    subscribers: Annotated[tuple[Annotated[str, AfterValidator(_subscriber)], ...], AfterValidator(_somebody)] = Field(
        examples=[["ops@example.com"]]
    )
    """E-mail addresses (each has to confirm before it is told anything) and https URLs."""
    cpu: Annotated[Percentage, AfterValidator(_some_share)] = Share.parse("80%")
    """Above this for as long as `cpu_for` says."""
    cpu_for: Annotated[Minutes, AfterValidator(between(Duration(60), Duration(3600)))] = Duration(300)
    """For how many minutes in a row, from 1m to 1h."""
    free_storage: Annotated[ShareOrSize, AfterValidator(_some_amount)] = Share.parse("10%")
    """Below this: a share of the size, or a size."""
    free_memory: Annotated[ShareOrSize, AfterValidator(_some_amount)] = Share.parse("10%")
    """Below this: a share of the class's memory, or a size."""
    connections: Annotated[ShareOrCount, AfterValidator(_some_count)] = Share.parse("80%")
    """Above this: a share of the maximum that the settings give, or a number."""
    replica_lag: Annotated[Period, AfterValidator(between(Duration(1), Duration.days(1)))] = Duration(60)
    """A replica further behind than this."""
    metrics: Metrics | None = None
    """Further alarms; left out, with their usual thresholds, and none for profile dev. `null` turns all off."""
    composite: StrictBool = False
    """One alarm over all the others, for a status page or an escalation; the topic is told of it as well."""
