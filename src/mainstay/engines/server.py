"""A server's home, whatever its engine: where its files are, what is asked of it, and its end.

A home holds `data/`, `side/` (configuration, passwords and certificates, 0700) and `server.log`. Nothing is kept in
memory but the home, the loopback address, the programs and the user.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from mainstay.core.errors import TargetRefused
from mainstay.engines.certificates import ServerCertificate
from mainstay.engines.home import begin_data, log_since, refuse_existing
from mainstay.engines.identity import Identity
from mainstay.engines.process import ProcessProof, terminate
from mainstay.engines.wish import Wish


@dataclass(frozen=True, slots=True)
class Server:
    """What the engines' clusters have in common. Any: each engine has its own type of programs and of wishes."""

    home: Path
    host: str
    port: int
    binaries: Any
    identity: Identity
    wish: ClassVar[Any] = Wish
    stops: ClassVar[Mapping[str, str]] = {}

    @property
    def data_directory(self) -> Path:
        """What the server is started on; also the marker of its process."""
        return self.home / "data"

    @property
    def side(self) -> Path:
        """Configuration, passwords and certificates, beside the data."""
        return self.home / "side"

    @property
    def log_path(self) -> Path:
        """Where the server writes what it has to say."""
        return self.home / "server.log"

    @property
    def settings_file(self) -> Path:
        """The settings as they were asked for; the server's own files derive from it."""
        return self.side / "settings.json"

    def configure(
        self, settings: Mapping[str, str], *, tls: ServerCertificate | None = None, force_ssl: bool = True
    ) -> None:
        """Write the server's files. With `tls` and `force_ssl`, plain connections are refused."""
        self._write(self.wish(dict(settings), tls, force_ssl))

    def change_settings(self, changes: Mapping[str, str | None]) -> None:
        """Change some settings (None takes one out) and write the files; follow with `reload` or a restart."""
        wanted = self.wish.load(self.settings_file)
        merged = {**wanted.settings, **changes}
        self._write(replace(wanted, settings={name: value for name, value in merged.items() if value is not None}))

    def settings(self) -> dict[str, str]:
        """The settings asked for, without those that every server gets."""
        return dict(self.wish.load(self.settings_file).settings)

    def stop(self, proof: ProcessProof, mode: str = "fast", timeout_s: float | None = None) -> str:
        """Stop the server by a mode; returns what ended it. `stops` says what the engine makes of one."""
        return terminate(proof, self.stops.get(mode, mode), timeout_s)

    def find_proof(self) -> ProcessProof | None:
        """The proof of the server that runs on our data directory."""
        raise NotImplementedError

    def refuse_existing(self) -> None:
        """Error: InputRefused when there are data already."""
        refuse_existing(self.data_directory)

    def refuse_running(self) -> None:
        """Error: TargetRefused while the server runs, so that its data must not be copied."""
        if self.find_proof() is not None:
            raise TargetRefused(
                "server is running",
                detail=f"{self.data_directory} changes while it would be copied.",
                hint="stop it first, or take a base copy of the running server",
            )

    def begin_data(self) -> Path:
        """The name under which data are put together before they become `data`; what was left there is removed."""
        return begin_data(self.home)

    def log_since(self, start: int = 0) -> str:
        """The server's log from this byte on."""
        return log_since(self.log_path, start)

    def erase(self) -> None:
        """Remove the whole home. Error: TargetRefused while the server runs."""
        if self.find_proof() is not None:
            raise TargetRefused(
                "server is running", detail=f"{self.home} belongs to a running server.", hint="stop it first"
            )
        self._forget()
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.home)

    def discard(self) -> None:
        """Stop the server at once and remove everything: what a restore that failed leaves."""
        proof = self.find_proof()
        if proof is not None:
            self.stop(proof, "immediate")
        self.erase()

    def _forget(self) -> None:
        """What else than files goes with the home."""

    def _write(self, wanted: Any) -> None:
        raise NotImplementedError
