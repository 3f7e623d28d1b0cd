"""Test files are rewritten for their assertions once, a share by each worker, and not all of them by every worker.

It takes eleven seconds for all of them, four times as long as reading what was kept (pytest 9.2, 2026-11-21).
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from tests.measuring import unmeasured


def compile_share(config: pytest.Config) -> None:
    """What this worker rewrites and keeps before it collects; the others find it there, or do without."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker and not sys.dont_write_bytecode:
        files = sorted({file for name in config.args for file in _files(Path(name.split("::")[0]))})
        unmeasured(_compile, config, files[int(worker) :: int(os.environ["PYTEST_XDIST_WORKER_COUNT"])])


def _files(given: Path) -> list[Path]:
    return [file.absolute() for kind in ("test_*.py", "conftest.py") for file in given.rglob(kind)]


def _compile(config: pytest.Config, files: list[Path]) -> None:
    state = config.stash[rewrite.assertstate_key]
    for file in files:
        kept = rewrite.get_cache_dir(file) / (file.stem + rewrite.PYC_TAIL)
        if rewrite._read_pyc(file, kept) is None and rewrite.try_makedirs(kept.parent):
            with suppress(SyntaxError):  # its collection will tell
                digest, code = rewrite._rewrite_test(file, config)
                rewrite._write_pyc(state, code, digest, kept)
