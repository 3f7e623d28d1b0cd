"""How a server is asked to run: kept as JSON beside its data, from which its own files are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from mainstay.engines.certificates import ServerCertificate


@dataclass(frozen=True, slots=True)
class Wish:
    """Settings in the engine's own words, the certificate, and whether plain connections are refused."""

    settings: Mapping[str, str]
    tls: ServerCertificate | None = None
    force_ssl: bool = True

    def as_json(self) -> str:
        """The JSON document."""
        tls = None if self.tls is None else {name: str(path) for name, path in asdict(self.tls).items()}
        document = {"settings": dict(self.settings), "tls": tls, "force_ssl": self.force_ssl}
        return json.dumps(document, indent=1, sort_keys=True) + "\n"

    @classmethod
    def load(cls, path: Path) -> Self:
        """From the document; a file that is not there yet asks for nothing."""
        if not path.exists():
            return cls({})
        document = json.loads(path.read_text())
        tls = document["tls"]
        issued = None if tls is None else ServerCertificate(**{name: Path(text) for name, text in tls.items()})
        return cls(document["settings"], issued, document["force_ssl"])
