"""Set MariaDB up without root, as far as this machine can:

python -m mainstay.engines.mariadb                  unpack what is missing, or say why that cannot be done
python -m mainstay.engines.mariadb --if-possible    the same, but never fail
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mainstay.core.errors import EnvironmentLacking, MainstayError
from mainstay.engines.mariadb.packages import unpack
from mainstay.engines.mariadb.programs import find_mariadb


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit code."""
    try:
        try:
            found = find_mariadb()
        except EnvironmentLacking:
            unpack()
            found = find_mariadb()
    except MainstayError as error:
        if "--if-possible" in arguments:
            print(f"no MariaDB engine here, so its tests are skipped: {error.detail}")  # noqa: T201 - the answer
            return 0
        print(f"{error.summary}: {error.detail}\nhint: {error.hint}", file=sys.stderr)  # noqa: T201 - the answer
        return error.exit_code
    print(f"MariaDB {found.version} ({found.source}): {found.program('mariadbd')}")  # noqa: T201 - the answer
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
