"""The drill that is killed: to the latest time, in the sandbox and the workspace that are named."""

from __future__ import annotations

import sys
from pathlib import Path

from mainstay.api._self_test.ground import latest_request, site_of
from mainstay.core.progress import Silent
from mainstay.ops.drill import drill
from mainstay.ops.journal import Journal


def main(arguments: list[str]) -> None:
    """Drill once."""
    directory, workspace = map(Path, arguments)
    journal = Journal(workspace / "journal")
    drill(site_of(directory), latest_request(), workspace=workspace, journal=journal, progress=Silent())


if __name__ == "__main__":
    main(sys.argv[1:])
