"""Set up without root, as far as this machine can, what the sandbox can use and Python has no wheel of:

python -m mainstay.engines                       unpack what is missing, or say why that cannot be done
python -m mainstay.engines mariadb               only this program; the names are those of PROGRAMS
python -m mainstay.engines --if-possible         the same, but never fail
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mainstay.core.errors import EnvironmentLacking, MainstayError
from mainstay.engines.mariadb import programs as mariadb
from mainstay.engines.mysql import programs as mysql
from mainstay.engines.packages import Bundle, unpack
from mainstay.engines.pgbouncer import programs as pgbouncer


@dataclass(frozen=True, slots=True)
class Program:
    """How one is fetched and told of, and what happens without it; a large one is fetched by its name only."""

    bundle: Bundle
    tell: Callable[[], str]
    without: str
    is_large: bool = False


def _mariadb() -> str:
    found = mariadb.find_mariadb()
    return f"MariaDB {found.version} ({found.source}): {found.program('mariadbd')}"


def _mysql() -> str:
    found = mysql.find_mysql()
    return f"MySQL {found.version} ({found.source}): {found.command('mysqld')[-1]}"


def _pgbouncer() -> str:
    found = pgbouncer.find_pgbouncer()
    return f"PgBouncer {found.version} ({found.source}): {found.path}"


PROGRAMS: Final[Mapping[str, Program]] = {
    "mariadb": Program(mariadb.BUNDLE, _mariadb, "no MariaDB engine here, so its tests are skipped"),
    "mysql": Program(mysql.BUNDLE, _mysql, "no MySQL here, so its tests are skipped", is_large=True),
    "pgbouncer": Program(pgbouncer.BUNDLE, _pgbouncer, "no PgBouncer here, so a proxy in the sandbox does not pool"),
}


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit code, that of the first program that could not be set up."""
    chosen = [name for name in arguments if name in PROGRAMS] or [
        name for name, each in PROGRAMS.items() if not each.is_large
    ]
    codes = [_set_up(PROGRAMS[name], may_fail="--if-possible" in arguments) for name in chosen]
    return next((code for code in codes if code), 0)


def _set_up(program: Program, *, may_fail: bool) -> int:
    try:
        try:
            told = program.tell()
        except EnvironmentLacking:
            unpack(program.bundle)
            told = program.tell()
    except MainstayError as error:
        if may_fail:
            print(f"{program.without}: {error.detail}")  # noqa: T201 - the answer
            return 0
        print(f"{error.summary}: {error.detail}\nhint: {error.hint}", file=sys.stderr)  # noqa: T201 - the answer
        return error.exit_code
    print(told)  # noqa: T201 - the answer
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
