"""MariaDB: damage to its backup, to its archived binary log, and to a restored copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from mainstay.api._self_test import files
from mainstay.api._self_test.files import damaging
from mainstay.api._self_test.ground import Ground
from mainstay.api._self_test.sabotage import DATA, POINT, Sabotage, telling
from mainstay.engines.mariadb.archive import Archive
from mainstay.probe.canary import MARKERS

_ONLY: Final = ("mariadb",)


def _rows(ground: Ground) -> Path:
    """The largest file of a table in the backup."""
    return max((ground.backup / "data").rglob("*.ibd"), key=lambda path: path.stat().st_size)


def _stranger(ground: Ground) -> Path:
    return ground.backup / "data" / "stranger"


def _logs(ground: Ground) -> list[Path]:
    """The binary logs of the newest primary, in their order; the last one is still being received."""
    return list(Archive(ground.archive, "").stretches()[-1].files().values())


def _first(ground: Ground) -> Path:
    """The log that the newest primary began with: the first orders behind the failover."""
    return _logs(ground)[0]


def _second(ground: Ground) -> Path:
    return _logs(ground)[1]


@contextmanager
def _without_its_end(ground: Ground) -> Iterator[None]:
    """Every log behind the first one of the newest primary is elsewhere."""
    with ExitStack() as stack:
        for path in _logs(ground)[1:]:
            stack.enter_context(files.moved(path))
        yield


_BACKUP: Final[tuple[tuple[str, files.Choose, files.Damage], ...]] = (
    ("a file that nobody listed", _stranger, files.create),
    ("a missing file", _rows, files.remove),
    ("a file with bytes too many", _rows, files.append),
    ("a truncated file", _rows, files.halve),
    ("one flipped bit in a table", _rows, files.flip_bit),
)
_LOG: Final[tuple[tuple[str, files.Act], ...]] = (
    ("a dropped binlog", damaging(_second, files.remove)),
    ("one flipped bit in an event", damaging(_second, files.flip_bit)),
    ("a binlog of zeros", damaging(_second, files.empty)),
    ("a truncated binlog", damaging(_second, files.halve)),
    ("the newest primary's first binlog gone", damaging(_first, files.remove)),
    ("an archive without its end", _without_its_end),
)
_COPY: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("a changed row", "customer", ("UPDATE customer SET name = 'somebody else' WHERE id = 7",)),
    ("a lost row", "order_item", ("DELETE FROM order_item WHERE order_id = 1 AND line = 1",)),
    ("an emptied table", "order_item", ("TRUNCATE order_item",)),
    ("a lost grant", "auditor", ("REVOKE SELECT ON shop.* FROM auditor",)),
    ("a lost user", "auditor", ("DROP USER auditor",)),
    (
        "another character set",
        "customer.name",
        ("ALTER TABLE customer MODIFY name varchar(100) CHARACTER SET latin1 NOT NULL",),
    ),
    ("a lost constraint", "constraints", ("ALTER TABLE order_item DROP FOREIGN KEY order_item_ibfk_2",)),
    ("a lost index", "customer.email", ("ALTER TABLE customer DROP INDEX email",)),
    (
        "a counter that is behind",
        "orders",
        ("DELETE FROM order_item", "DELETE FROM orders", "ALTER TABLE orders AUTO_INCREMENT = 1"),
    ),
)
_MARKS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("no markers", (f"TRUNCATE {MARKERS}",)),
    ("the newest marker before the target is gone", (f"DELETE FROM {MARKERS} ORDER BY id DESC LIMIT 1",)),  # noqa: S608 - put together of constants
    (
        "a marker from after the target",
        (f"INSERT INTO {MARKERS} (written_at, run) VALUES (UTC_TIMESTAMP(6), 'future')",),  # noqa: S608 - put together of constants
    ),
    ("no canary at all", ("DROP DATABASE mainstay_canary",)),
)
MARIADB: Final = (
    *(
        Sabotage(name=f"backup: {name}", place="backup", right=("DISPROVEN",), engines=_ONLY,
                 act=damaging(choose, damage), told="snapshot is damaged")
        for name, choose, damage in _BACKUP
    ),
    *(
        Sabotage(name=f"log: {name}", place="log", right=("DISPROVEN",), engines=_ONLY, act=act,
                 told="target cannot be reached")
        for name, act in _LOG
    ),
    *(
        Sabotage(name=f"copy: {name}", place="copy", right=("DISPROVEN",), engines=_ONLY, act=telling(*said),
                 at=DATA, told=where)
        for name, where, said in _COPY
    ),
    *(
        Sabotage(name=f"copy: {name}", place="copy", right=("DISPROVEN",), engines=_ONLY, act=telling(*said),
                 at=POINT, told="marker")
        for name, said in _MARKS
    ),
)  # fmt: skip
