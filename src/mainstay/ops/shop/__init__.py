"""The demo's shop in every dialect: what its application says to a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mainstay.ops.shop import mysql, postgres
from mainstay.ops.shop.size import CUSTOMERS, PRODUCTS

__all__ = ["CUSTOMERS", "PRODUCTS", "SHOPS", "Shop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """How the shop is made and used. Any: each takes the connection of its dialect.

    `order` writes an order and its items within a transaction that its caller begins and ends. `doubts` begins to
    listen on a new connection, and answers a function that tells, for one commit at a time, that the server
    acknowledged it without its standby.
    """

    seed: Callable[[Any, int], int]
    order: Callable[[Any], None]
    drop: Callable[[Any, str], None]
    doubts: Callable[[Any], Callable[[], bool]]


SHOPS: Final[Mapping[str, Shop]] = {
    "postgres": Shop(seed=postgres.seed, order=postgres.order, drop=postgres.drop, doubts=postgres.doubts),
    "mysql": Shop(seed=mysql.seed, order=mysql.order, drop=mysql.drop, doubts=mysql.doubts),
    "mariadb": Shop(seed=mysql.seed, order=mysql.order, drop=mysql.drop, doubts=mysql.doubts),
}
"""By the engine's name in RDS."""
