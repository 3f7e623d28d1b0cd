"""Proxies of RDS: which engines they speak, how clients log in to them, and where there are none."""

from __future__ import annotations

from mainstay.facts.loading import load


def proxy_family(engine: str) -> str | None:
    """`MYSQL`, `POSTGRESQL` or `SQLSERVER`; None for an engine that has no proxies."""
    families = load("proxy").data["families"]
    return next((str(family) for start, family in families.items() if engine.startswith(start)), None)


def client_passwords(family: str) -> tuple[str, ...]:
    """How a client may prove its password, the default first; none for a family that is not known."""
    return tuple(load("proxy").data["client_passwords"].get(family, ()))


def zones_without_proxies() -> tuple[str, ...]:
    """The ids of zones in which a proxy can have no subnet."""
    return tuple(load("proxy").data["zones_without"])
