"""The sections of a bill: what belongs to the database itself, to its backups, to the other region, and around it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from mainstay.forecast.prices import CostItem


class Section(enum.StrEnum):
    """In the order of a bill."""

    DATABASE = "database"
    BACKUPS = "backups"
    RECOVERY = "disaster recovery"
    NETWORK = "network"
    SECURITY = "keys and secrets"
    WATCHING = "logs and alarms"
    AROUND = "proxy, hosts and functions"


_OF: Final[Mapping[str, Section]] = {
    "instance": Section.DATABASE,
    "standby": Section.DATABASE,
    "replica": Section.DATABASE,
    "storage": Section.DATABASE,
    "storage speed": Section.DATABASE,
    "Extended Support": Section.DATABASE,
    "insights": Section.WATCHING,
    "backup storage": Section.BACKUPS,
    "snapshot exports": Section.BACKUPS,
    "bucket": Section.BACKUPS,
    "restore tests": Section.BACKUPS,
    "restore test fee": Section.BACKUPS,
    "replicated backups": Section.RECOVERY,
    "vault copies": Section.RECOVERY,
    "NAT gateways": Section.NETWORK,
    "public addresses": Section.NETWORK,
    "endpoints": Section.NETWORK,
    "zones of names": Section.NETWORK,
    "keys": Section.SECURITY,
    "secrets": Section.SECURITY,
    "logs": Section.WATCHING,
    "enhanced monitoring": Section.WATCHING,
    "alarms": Section.WATCHING,
    "dashboards": Section.WATCHING,
    "proxy": Section.AROUND,
    "host": Section.AROUND,
    "host volume": Section.AROUND,
    "functions": Section.AROUND,
}


def section_of(item: CostItem, *, is_second: bool) -> Section:
    """Where an item belongs; all that stands in a second region is there for the loss of the first."""
    return Section.RECOVERY if is_second else _OF[item.part]
