"""A template is made once, whole, and every clone is the same and nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.core.errors import TargetRefused
from mainstay.engines.identity import Identity
from mainstay.engines.mariadb import template
from mainstay.engines.mariadb.programs import Programs
from mainstay.engines.mariadb.template import bootstrap, clone_template


def test_a_template_is_built_once_and_cloned(
    place: Path, programs: Programs, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.chmod(0o755)
    monkeypatch.setattr(template, "SHARED_ROOT", place)
    for name in ("one", "two"):
        clone_template(programs, identity, place / name)
    [cache] = place.glob("mainstay-templates-*")
    [made] = cache.iterdir()
    assert made.name.startswith(f"mariadb-{programs.version}-")
    assert (place / "one" / "ibdata1").read_bytes() == (place / "two" / "ibdata1").read_bytes()
    bootstrap(programs, identity, place / "one", ["FLUSH PRIVILEGES", "CREATE DATABASE here"])
    assert (place / "one" / "here").is_dir()
    with pytest.raises(TargetRefused, match="NONSENSE"):
        bootstrap(programs, identity, place / "two", ["NONSENSE"])
