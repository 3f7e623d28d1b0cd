"""The shop in MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from mainstay.ops.shop.size import CUSTOMERS, LINES, PRODUCTS
from mainstay.probe.mysql.session import MysqlConnection, quoted

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS customer (id int PRIMARY KEY, name varchar(100) NOT NULL, "
    "email varchar(200) NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS product (id int PRIMARY KEY, name varchar(100) NOT NULL, "
    "price decimal(10, 2) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS orders (id bigint AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, "
    "placed_at timestamp(6) NOT NULL DEFAULT current_timestamp(6), KEY orders_customer (customer), "
    "FOREIGN KEY (customer) REFERENCES customer (id))",
    "CREATE TABLE IF NOT EXISTS order_item (order_id bigint NOT NULL, line smallint NOT NULL, product int NOT NULL, "
    "quantity smallint NOT NULL, PRIMARY KEY (order_id, line), FOREIGN KEY (order_id) REFERENCES orders (id), "
    "FOREIGN KEY (product) REFERENCES product (id))",
)
_CUSTOMERS: Final = [(n, f"Customer {n}", f"customer{n}@example.com") for n in range(1, CUSTOMERS + 1)]
_PRODUCTS: Final = [(n, f"Product {n}", f"{n * 1.25:.2f}") for n in range(1, PRODUCTS + 1)]
_ITEM: Final = "(%s, %s, 1 + FLOOR(RAND() * %s), %s)"


def seed(connection: MysqlConnection, orders: int) -> int:
    """Make the tables where they are missing, with customers, products and so many orders; the number of rows."""
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.execute("START TRANSACTION")
    rows = _insert(connection, "INSERT IGNORE INTO customer", _CUSTOMERS)
    rows += _insert(connection, "INSERT IGNORE INTO product", _PRODUCTS)
    before = _last(connection)
    _insert(connection, "INSERT INTO orders (customer)", [(1 + n % CUSTOMERS,) for n in range(orders)])
    placed = f"SELECT id, 1, 1 + id %% {PRODUCTS}, 1 FROM orders WHERE id > %s"
    rows += connection.execute(f"INSERT INTO order_item {placed}", (before,)).rowcount
    connection.execute("COMMIT")
    return rows


def _insert(connection: MysqlConnection, into: str, rows: Sequence[Sequence[object]]) -> int:
    """One statement for all rows; how many it added."""
    if not rows:
        return 0
    values = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
    return connection.execute(f"{into} VALUES {values}", [value for row in rows for value in row]).rowcount


def _last(connection: MysqlConnection) -> int:
    row = connection.execute("SELECT COALESCE(MAX(id), 0) FROM orders").fetchone()
    return int(row[0]) if row else 0


def order(connection: MysqlConnection) -> None:
    """An order and its items."""
    number = connection.insert("INSERT INTO orders (customer) VALUES (1 + FLOOR(RAND() * %s))", (CUSTOMERS,))
    items = [value for line in range(1, LINES + 1) for value in (number, line, PRODUCTS, line)]
    connection.execute(f"INSERT INTO order_item VALUES {', '.join([_ITEM] * LINES)}", items)


def drop(connection: MysqlConnection, table: str) -> None:
    """The disaster."""
    connection.execute(f"DROP TABLE {quoted(table)}")


def doubts(connection: MysqlConnection) -> Callable[[], bool]:
    """Never: a commit that waits for its standby is answered when that has it, or not at all."""
    del connection
    return lambda: False
