"""`python -m mainstay.sandbox.supervisor DIRECTORY`: be the supervisor of this sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

from mainstay.sandbox.supervisor.launch import supervise

if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1])))
