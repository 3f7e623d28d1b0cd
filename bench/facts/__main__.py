"""`make facts`: write what changed, and say what. `python -m bench.facts --check` writes nothing.

Exit code 0: everything is current, or was written. 1: `--check` found what would change. 2: a package no longer says
where it did what a table takes from it, and nothing was written; a person has to read it and correct `parts.py`.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.facts.databases import without_shape
from bench.facts.refreshing import DATA, refreshed, tables


def main(arguments: list[str] | None = None, folder: Path = DATA) -> int:
    """The exit code; `folder` holds the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.facts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when something would change")
    is_check = parser.parse_args(arguments).check
    today = datetime.now(UTC).date().isoformat()
    try:
        found = [refreshed(table, today, folder) for table in tables()]
    except (LookupError, ValueError) as error:
        print(f"nothing written: {error}", file=sys.stderr)
        return 2
    changed = [one for one in found if one.is_changed]
    for one in changed:
        for line in one.changes or ["laid out anew"]:
            print(f"{one.path.stem}: {line}")
        if not is_check:
            one.path.write_text(one.after, encoding="utf-8")
    for name in without_shape():
        print(f"classes: {name} has no shape; the RDS User Guide, Concepts.DBInstanceClass.Summary, has it")
    print(f"{len(found)} tables, {len(changed)} of them {'would change' if is_check else 'changed'}")
    return int(is_check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
