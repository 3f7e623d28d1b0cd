"""One proxy as it should be, read in one look: its record, its target group, its target, and the logins it may use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds.proxy_targets import targets_of
from mainstay.sandbox.rds.records import PROXY, PROXY_GROUP, PROXY_RUNTIME, Record
from mainstay.sandbox.services import secretsmanager
from mainstay.sandbox.state import Transaction
from mainstay.sandbox.supervisor.proxy_runtime import ProxyRuntime
from mainstay.sandbox.supervisor.runtime import Runtime, load_runtime

# PostgreSQL's own defaults, where a parameter group says nothing (runtime-config-connection, 17).
_DEFAULTS: Final = {"max_connections": 100, "superuser_reserved_connections": 3, "reserved_connections": 0}


@dataclass(frozen=True, slots=True)
class View:
    """A proxy. `logins` are passwords by user; `unreadable` says which secrets give none, and why."""

    proxy: Record
    group: Record
    runtime: ProxyRuntime | None
    db: Record | None
    target: Runtime | None
    logins: dict[str, str] = field(repr=False)
    unreadable: tuple[str, ...]

    @property
    def pool(self) -> Record:
        """The pool's configuration."""
        configuration: Record = self.group["ConnectionPoolConfig"]
        return configuration

    @property
    def takes_md5(self) -> bool:
        """Whether clients may prove their password with MD5."""
        return any(login["ClientPasswordAuthType"] == "POSTGRES_MD5" for login in self.proxy["Auth"])

    def most_connections(self) -> int:
        """Its share of the target's connections, without those that the server keeps for its administrator."""
        settings: dict[str, Any] = dict(self.target.settings) if self.target else {}
        most, kept, reserved = (int(settings.get(name, default)) for name, default in _DEFAULTS.items())
        return max(1, min(most * int(self.pool["MaxConnectionsPercent"]) // 100, most - kept - reserved))


def look_at(tx: Transaction, name: str) -> View | None:
    """The proxy of this name in the transaction's region; None when it is gone."""
    proxy, group = tx.get(PROXY, name), tx.get(PROXY_GROUP, name)
    if proxy is None or group is None:
        return None
    record = tx.get(PROXY_RUNTIME, proxy["_id"])
    db = next(iter(targets_of(tx, group)), None)
    logins, unreadable = _logins(tx, proxy)
    return View(
        proxy=proxy,
        group=group,
        runtime=ProxyRuntime.from_json(record) if record is not None else None,
        db=db,
        target=load_runtime(tx, db["DbiResourceId"]) if db is not None else None,
        logins=logins,
        unreadable=tuple(unreadable),
    )


def _logins(tx: Transaction, proxy: Record) -> tuple[dict[str, str], list[str]]:
    logins: dict[str, str] = {}
    unreadable = []
    for arn in dict.fromkeys(login["SecretArn"] for login in proxy["Auth"]):
        try:
            login = json.loads(secretsmanager.get_secret_value(tx, {"SecretId": arn})["SecretString"])
            logins[str(login["username"])] = str(login["password"])
        except ServiceError as error:
            unreadable.append(f"{arn}: {error.message}")
        except (ValueError, KeyError, TypeError):
            unreadable.append(f"{arn}: it has no username and password")
    return logins, unreadable
