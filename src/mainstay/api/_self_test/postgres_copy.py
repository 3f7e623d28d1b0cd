"""PostgreSQL: a restored copy that is not what the source was. What a backup lost looks just so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from mainstay.api._self_test import files
from mainstay.api._self_test.ground import Ground
from mainstay.api._self_test.sabotage import DATA, POINT, Sabotage, telling
from mainstay.probe.canary import MARKERS


@contextmanager
def _flip_in(relation: str, ground: Ground) -> Iterator[None]:
    """One bit in the first page of a relation's file, once the server holds no page of it in memory."""
    copy = ground.copy()
    with copy.session() as opened:
        path = opened.execute("SELECT pg_relation_filepath(%s)", (relation,)).fetchone()[0]
        opened.execute("CHECKPOINT")
        opened.execute("CREATE EXTENSION pg_buffercache")
        opened.execute(
            "SELECT pg_buffercache_evict(bufferid) FROM pg_buffercache WHERE relfilenode = pg_relation_filenode(%s)",
            (relation,),
        )
        opened.execute("DROP EXTENSION pg_buffercache")
        files.flip_bit(Path(copy.data) / path, 8000)
    yield


_DATA: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("a changed row", '"public"."customer"', ("UPDATE customer SET name = 'somebody else' WHERE id = 7",)),
    ("a lost row", '"public"."order_item"', ("DELETE FROM order_item WHERE (order_id, line) = (1, 1)",)),
    (
        "a row twice, another gone",
        '"public"."product"',
        (
            "ALTER TABLE product DROP CONSTRAINT product_pkey CASCADE",
            "DELETE FROM product WHERE id = (SELECT max(id) FROM product)",
            "INSERT INTO product SELECT * FROM product WHERE id = 1",
        ),
    ),
    ("an emptied table", '"public"."order_item"', ("TRUNCATE order_item",)),
    ("a lost grant", "grants", ("REVOKE SELECT ON customer FROM auditor",)),
    ("a lost role", "roles", ("DROP OWNED BY auditor", "DROP ROLE auditor")),
    ("a sequence that is behind", "orders_id_seq", ("SELECT setval('orders_id_seq', 1)",)),
    ("another collation", "public.customer", ('ALTER TABLE customer ALTER name TYPE text COLLATE "POSIX"',)),
    ("a lost constraint", "constraints", ("ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey",)),
    (
        "an index that is not used",
        "orders_customer",
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_customer'::regclass",),
    ),
    (
        "an index in the wrong order",
        "orders_customer",
        ("UPDATE pg_index SET indoption = '1' WHERE indexrelid = 'orders_customer'::regclass",),
    ),
    ("a lost index", "indexes", ("DROP INDEX orders_customer",)),
    ("row security that hides rows", "policies", ("ALTER TABLE customer ENABLE ROW LEVEL SECURITY",)),
)
# Constants, put together.
_LATEST: Final = f"(SELECT max(id) FROM {MARKERS})"  # noqa: S608 - put together of constants
_MARKS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("no markers", (f"TRUNCATE {MARKERS}",)),
    ("the newest marker before the target is gone", (f"DELETE FROM {MARKERS} WHERE id = {_LATEST}",)),  # noqa: S608 - put together of constants
    ("a marker from after the target", (f"INSERT INTO {MARKERS} (run) VALUES ('future')",)),  # noqa: S608 - put together of constants
    ("no canary at all", ("DROP SCHEMA mainstay_canary CASCADE",)),
)
POSTGRES_COPY: Final = (
    *(
        Sabotage(
            name=f"copy: {name}", place="copy", right=("DISPROVEN",), act=telling(*said), at=DATA,
            told=where,
        )
        for name, where, said in _DATA
    ),
    *(
        Sabotage(name=f"copy: {name}", place="copy", right=("DISPROVEN",), act=telling(*said), at=POINT,
                 told="marker")
        for name, said in _MARKS
    ),
    Sabotage(
        name="copy: one flipped bit in a table", place="copy", right=("DISPROVEN",), at=DATA,
        act=partial(_flip_in, "customer"), told="customer",
    ),
    Sabotage(
        name="copy: one flipped bit in an index", place="copy", right=("DISPROVEN",), at=DATA,
        act=partial(_flip_in, "orders_customer"), told="invalid page",
    ),
)  # fmt: skip
