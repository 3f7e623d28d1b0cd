"""For every test: the data of servers lies in memory where there is plenty.

Whole runs make and remove tens of gigabytes of data directories, which takes longer than the tests on a slow disk.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_PLENTY = 4 * 2**30

if "MAINSTAY_DATA_ROOT" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _PLENTY:
    os.environ["MAINSTAY_DATA_ROOT"] = str(_MEMORY)
