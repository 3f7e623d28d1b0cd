"""pgBackRest as its manual sets it up for speed: two processes, lz4, the archive fetched ahead of the replay.

Settings: pgBackRest user guide, "Asynchronous Archiving" and "Parallel Backup / Restore", read 2026-11-21.
"""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.engines.identity import Identity
from mainstay.engines.packages import Bundle, find_program, unpack, unpacked
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.engines.process import run

BUNDLE: Final = Bundle("pgbackrest", ("pgbackrest",))
STANZA: Final = "drill"
LONGEST_S: Final = 900.0


def find() -> Path:
    """The program: the system's, or Debian's package, unpacked without root. Errors: those of `unpack`."""
    installed = shutil.which("pgbackrest")
    if installed is not None:
        return Path(installed)
    if unpacked(BUNDLE) is None:
        unpack(BUNDLE)
    directory = unpacked(BUNDLE)
    program = find_program([directory / "usr"], "pgbackrest") if directory is not None else None
    if program is None:
        raise FileNotFoundError("Debian's package pgbackrest holds no such program")
    return program


@dataclass(frozen=True)
class PgBackRest:
    """One repository and its stanza; `root` is the directory that holds everything of it."""

    program: Path
    root: Path
    identity: Identity

    @property
    def configuration(self) -> Path:
        """Its only configuration file."""
        return self.root / "pgbackrest.conf"

    def configure(self, source: Cluster) -> None:
        """Write the configuration for this source, and make its directories."""
        for name in ("repo", "spool", "lock", "log"):
            self.identity.own_directory(self.root / name)
        common = {
            "repo1-path": self.root / "repo", "spool-path": self.root / "spool", "lock-path": self.root / "lock",
            "log-path": self.root / "log", "log-level-file": "off", "log-level-console": "warn",
            "repo1-retention-full": 1, "start-fast": "y", "process-max": 2, "compress-type": "lz4",
            "archive-async": "y", "archive-get-queue-max": "256MB",
        }  # fmt: skip
        stanza = {"pg1-path": source.data_directory, "pg1-port": source.port, "pg1-user": ADMIN_ROLE}
        lines = ["[global]", *(f"{name}={value}" for name, value in common.items())]
        lines += [f"[{STANZA}]", *(f"{name}={value}" for name, value in stanza.items())]
        self.configuration.write_text("\n".join(lines) + "\n")
        self.identity.own(self.configuration, 0o600)

    def run(self, command: str, *options: str, source: Cluster | None = None) -> None:
        """Run one command as the servers' user. Errors: TargetRefused with its words."""
        # It reaches a local server by its socket, and ours have none: libpq takes the rest from the environment.
        reach = {"PGHOST": source.host, "PGPASSFILE": str(source.password_file)} if source is not None else {}
        run([*self._argv(), *options, command], timeout_s=LONGEST_S, identity=self.identity, env=reach)

    def archive_command(self) -> str:
        """For the source's settings."""
        return f"{shlex.join(self._argv())} archive-push %p"

    def restore_command(self, into: Cluster) -> str:
        """For the restored server's settings."""
        return f'{shlex.join([*self._argv(), f"--pg1-path={into.data_directory}"])} archive-get %f "%p"'

    def _argv(self) -> list[str]:
        return [str(self.program), f"--config={self.configuration}", f"--stanza={STANZA}"]
