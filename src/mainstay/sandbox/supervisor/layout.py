"""Where a sandbox keeps what: the directory that the user names, and the data of the servers.

    <directory>/sandbox.json      the marker: this directory is a sandbox; where its data lie
                state.db          the records (written by handlers and supervisor)
                functions/        the code of functions that were called, unpacked
                ca.pem            the authority of all database endpoints, for clients
                authority/        the authority with its key
                supervisor.lock, supervisor.json, supervisor.log
    <data>/sandbox.json           the same marker, so that nothing else is ever removed
           <DbiResourceId>/       one instance: servers a/ and b/, archive-N/, backups/, tls/
           snapshots/             manual snapshots
           replicated/<region>/   copies of other regions' archive-N/ and backups/, one <DbiResourceId>/ each

`<data>` is `<directory>/data` where the servers' user can reach it, else a directory below /var/tmp.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from mainstay.core.errors import InputRefused
from mainstay.engines.identity import Identity, data_home

MARKER: Final = "sandbox.json"
VERSION: Final = 1
POOL: Final = "pool"  # of a proxy, below its own directory


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one sandbox."""

    directory: Path
    data: Path

    @classmethod
    def create(cls, directory: Path, identity: Identity) -> Self:
        """The layout of a sandbox, made where it is not there yet."""
        directory = directory.resolve()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (directory / MARKER).exists():
            layout = cls.load(directory)
        else:
            layout = cls(directory, data_home(directory / "data", identity))
        layout.data.mkdir(mode=0o700, exist_ok=True)
        identity.own(layout.data, 0o700)
        text = json.dumps({"sandbox": str(directory), "data": str(layout.data), "version": VERSION}) + "\n"
        for place in (layout.data, directory):  # the directory's own marker last: with it, everything is there
            _write(place / MARKER, text)
        return layout

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The layout that a sandbox's marker names. Error: InputRefused when the directory is no sandbox."""
        directory = directory.resolve()
        try:
            marker = json.loads((directory / MARKER).read_text())
            stranger = (marker["sandbox"], marker["version"]) != (str(directory), VERSION)
            trouble = f"it was written for {marker['sandbox']}, version {marker['version']}" if stranger else ""
            data = Path(marker["data"])
        except FileNotFoundError:
            raise InputRefused(
                "not a sandbox",
                detail=f"There is no sandbox in {directory}.",
                hint="`mainstay sandbox up` begins one, and so does `mainstay deploy --sandbox`",
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            trouble, data = str(error), directory
        if trouble:
            raise InputRefused(
                "not a sandbox",
                detail=f"{directory} has no usable {MARKER}: {trouble}.",
                hint="a sandbox works where it was begun: move it back, or remove the directory",
            )
        return cls(directory, data)

    @property
    def lock(self) -> Path:
        """Held by the one supervisor."""
        return self.directory / "supervisor.lock"

    @property
    def proof(self) -> Path:
        """The supervisor's process, and whether it is ready."""
        return self.directory / "supervisor.json"

    @property
    def log(self) -> Path:
        """What the supervisor has to say (0600, no secrets)."""
        return self.directory / "supervisor.log"

    @property
    def authority(self) -> Path:
        """The authority's certificate and key."""
        return self.directory / "authority"

    @property
    def ca_file(self) -> Path:
        """The certificate that clients trust."""
        return self.directory / "ca.pem"

    @property
    def snapshots(self) -> Path:
        """Manual snapshots."""
        return self.data / "snapshots"

    def instance(self, resource: str) -> Path:
        """Everything of one DbiResourceId."""
        return self.data / resource

    def backups(self, resource: str, home: str | None = None) -> Path:
        """The automated base backups of one DbiResourceId; `home` is another place below the data than its own."""
        return self.instance(home or resource) / "backups"

    def archive(self, resource: str, generation: int, home: str | None = None) -> tuple[Path, str]:
        """Where the log archive of one generation of an instance lies, and its name; `home` as for backups."""
        return self.instance(home or resource) / f"archive-{generation}", f"{resource}_{generation}"


def _write(path: Path, text: str) -> None:
    building = path.with_name(f".{path.name}.partial")
    building.unlink(missing_ok=True)
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    building.replace(path)
