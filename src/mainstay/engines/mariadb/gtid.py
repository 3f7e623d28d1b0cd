"""Global transaction ids of MariaDB: domain, server and a sequence that grows by one with each transaction.

Every server here writes domain 0, so the sequence alone orders the transactions of an instance and of its
standbys and replicas, also over a failover ("Global Transaction ID", MariaDB documentation, read 2026-11-21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from mainstay.core.errors import InputRefused

DOMAIN = 0


@dataclass(frozen=True, slots=True)
class Gtid:
    """One transaction's id."""

    domain: int
    server: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.domain}-{self.server}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `0-1-100`. Error: InputRefused."""
        parts = text.strip().split("-")
        if len(parts) != 3 or not all(part.isdecimal() for part in parts):
            raise InputRefused(
                "transaction id not understood",
                detail=f"{text!r} is not of the form domain-server-sequence.",
                hint="write it as the server shows it, such as 0-1-100",
            )
        return cls(*(int(part) for part in parts))


def last_gtid(state: str) -> Gtid | None:
    """The newest transaction of domain 0 in a position such as `0-1-100`; None in an empty one.

    Error: InputRefused for a position with another domain, which no server here writes.
    """
    found = [Gtid.parse(part) for part in state.split(",") if part.strip()]
    strange = [str(gtid) for gtid in found if gtid.domain != DOMAIN]
    if strange:
        raise InputRefused(
            "transactions of another domain",
            detail=f"{', '.join(strange)}: all transactions are expected in domain {DOMAIN}.",
            hint="leave gtid_domain_id at 0",
        )
    return max(found, key=lambda gtid: gtid.sequence, default=None)
