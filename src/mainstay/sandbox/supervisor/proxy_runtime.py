"""What stands behind a proxy: the supervisor's own record, one a proxy's resource id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mainstay.sandbox.rds.records import PROXY_RUNTIME
from mainstay.sandbox.state import Transaction


@dataclass(slots=True)
class ProxyRuntime:
    """A proxy's address, and its pooler's port on 127.0.0.1 (None: nothing pools).

    `kind` is the engine whose protocol is spoken, `target` the DbiResourceId behind it, `pooler` the version of the
    program. `note` says in a sentence what stands there in place of RDS Proxy.
    """

    resource: str
    region: str
    name: str
    host: str
    port: int
    kind: str
    target: str | None = None
    pool_port: int | None = None
    pooler: str | None = None
    note: str | None = None
    substitutions: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The record."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The runtime of a record."""
        return cls(**record)


def proxies_of(tx: Transaction) -> list[ProxyRuntime]:
    """Those of every region."""
    return [ProxyRuntime.from_json(record) for record in tx.all(PROXY_RUNTIME, every_region=True)]
