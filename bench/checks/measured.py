"""What a run measured besides the findings, kept as data: `measured.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.checks.case import Case
from bench.checks.terraform_form import NotHeld, twins_of
from bench.harness import Comparison
from bench.oracles.provider import judged

FILE: Final = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds on one template of 60 resources, and what the AWS provider's schema says of the derived modules."""

    time: Comparison
    modules: int
    complaints: Sequence[str]


def save(found: Measured, file: Path = FILE) -> None:
    """Write it, seconds to the millisecond."""
    time = {name: round(seconds, 3) for name, seconds in asdict(found.time).items()}
    tree = {"time": time, "modules": found.modules, "complaints": list(found.complaints)}
    file.write_text(json.dumps(tree, indent=2) + "\n", encoding="utf-8")


def load(file: Path = FILE) -> Measured:
    """Read it."""
    tree = json.loads(file.read_text(encoding="utf-8"))
    return Measured(time=Comparison(**tree["time"]), modules=tree["modules"], complaints=tree["complaints"])


def measured(found: Iterable[Case], time: Comparison, site_packages: Path) -> Measured:
    """Hold every derived module against the schema in these site-packages."""
    modules: dict[str, Mapping[str, str]] = {}
    for case in found:
        with suppress(NotHeld):
            modules |= {f"{case.name}/{twin}": files for twin, files in twins_of(case).modules.items()}
    return Measured(time=time, modules=len(modules), complaints=sorted(map(str, judged(modules, site_packages))))
