"""Removing data without waiting for it: a directory is renamed at once and emptied by a thread of its own.

Removing one server's data took 1.2 s on a busy disk (2026-11-21), which nobody has to wait for.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from pathlib import Path
from typing import Final

LOOK_AGAIN_S: Final = 5.0


class Trash:
    """The directory of what is to be removed; also holds what a killed supervisor had not removed yet."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._filled = threading.Event()

    def start(self) -> None:
        """Begin to empty it."""
        threading.Thread(target=self._run, name="trash", daemon=True).start()

    def take(self, path: Path) -> None:
        """Have a directory removed; its name is free when this returns. A missing one is none of its business."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            path.rename(self._directory / uuid.uuid4().hex)
        except FileNotFoundError:
            return
        self._filled.set()

    def _run(self) -> None:
        while True:
            self._filled.clear()
            if self._directory.is_dir():
                for path in self._directory.iterdir():
                    shutil.rmtree(path, ignore_errors=True)
            self._filled.wait(LOOK_AGAIN_S)
