"""The shop in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mainstay.ops.shop.size import CUSTOMERS, LINES, PRODUCTS
from mainstay.probe.postgres.session import PostgresConnection, quoted

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS customer (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS product (id integer PRIMARY KEY, name text NOT NULL, price numeric(10, 2) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "customer integer NOT NULL REFERENCES customer, placed_at timestamptz NOT NULL DEFAULT clock_timestamp())",
    "CREATE INDEX IF NOT EXISTS orders_customer ON orders (customer)",
    "CREATE TABLE IF NOT EXISTS order_item (order_id bigint NOT NULL REFERENCES orders, line smallint NOT NULL, "
    "product integer NOT NULL REFERENCES product, quantity smallint NOT NULL, PRIMARY KEY (order_id, line))",
)
_ORDER: Final = "INSERT INTO orders (customer) VALUES (1 + (random() * (%s - 1))::integer) RETURNING id"
_ITEMS: Final = (
    "INSERT INTO order_item SELECT %s, n, 1 + (random() * (%s - 1))::integer, n FROM generate_series(1, %s) AS n"
)


def seed(connection: PostgresConnection, orders: int) -> int:
    """Make the tables where they are missing, with customers, products and so many orders; the number of rows."""
    for statement in _SCHEMA:
        connection.execute(statement)
    with connection.transaction():
        rows = connection.execute(
            "INSERT INTO customer SELECT n, 'Customer ' || n, 'customer' || n || '@example.com' "
            "FROM generate_series(1, %s) AS n ON CONFLICT DO NOTHING",
            (CUSTOMERS,),
        ).rowcount
        rows += connection.execute(
            "INSERT INTO product SELECT n, 'Product ' || n, n * 1.25 FROM generate_series(1, %s) AS n "
            "ON CONFLICT DO NOTHING",
            (PRODUCTS,),
        ).rowcount
        rows += connection.execute(
            "WITH placed AS (INSERT INTO orders (customer) SELECT 1 + n %% %s FROM generate_series(1, %s) AS n "
            "RETURNING id) INSERT INTO order_item SELECT id, 1, 1 + id %% %s, 1 FROM placed",
            (CUSTOMERS, orders, PRODUCTS),
        ).rowcount
    return rows


def order(connection: PostgresConnection) -> None:
    """An order and its items."""
    row = connection.execute(_ORDER, (CUSTOMERS,)).fetchone()
    connection.execute(_ITEMS, (row[0] if row else None, PRODUCTS, LINES))


def drop(connection: PostgresConnection, table: str) -> None:
    """The disaster."""
    connection.execute(f"DROP TABLE {quoted(table)} CASCADE")


def doubts(connection: PostgresConnection) -> Callable[[], bool]:
    """A commit whose wait for the standby was cut short is answered as done, with a warning: the standby may not
    have it (PostgreSQL 17 manual, "Synchronous Replication"; seen on a real pair, 2026-11-20).
    """
    notices: list[str] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))

    def was_cut_short() -> bool:
        is_so = any("synchronous replication" in notice for notice in notices)
        notices.clear()
        return is_so

    return was_cut_short
