"""The login of a drill's copy for the function that looks at it: a secret for as long as the copy is there.

It carries the run's tags, so that it is found when the drill was killed, and its name is one that the function's role
may read. It is made only where a function asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.core.errors import TargetRefused
from mainstay.ops.aws.errors import is_already_there
from mainstay.ops.aws.secrets import Login
from mainstay.ops.drill.state import Drill
from mainstay.ops.journal import Run
from mainstay.ops.login import Address
from mainstay.ops.site import Site
from mainstay.ops.tags import DRILL, PURPOSE, RUN_ID
from mainstay.plan.copies import secret_of_copy

_CALL: Final = "secretsmanager:CreateSecret"


def keep(drill: Drill, tags: Mapping[str, str]) -> None:
    """Keep the copy's login where its function finds it, under these tags; nothing when no function is to ask it."""
    restored, routes = drill.require_restored(), drill.routes_there
    if routes is None or restored.address is None or restored.port is None:
        return
    function = routes.asked_by(Address(restored.address, restored.port))
    if function is None:
        return
    name, doors = secret_of_copy(function.name, drill.target_id), drill.there.doors
    login = Login(
        username=restored.username,
        password=drill.password,
        host=restored.address,
        port=restored.port,
        dbname=drill.home,
    )
    with drill.run.acting(_CALL, secret=name):
        drill.copy_secret = name
        try:
            doors.secrets.create_login(name, login, description=f"Copy of drill {drill.run.id}", tags=tags)
        except TargetRefused as error:
            if not is_already_there(error):
                raise
            if not _is_own(drill.there, name, drill.run):
                raise
            doors.secrets.replace_login(name, login)


def _is_own(site: Site, name: str, run: Run) -> bool:
    """Whether there is a secret of this name that carries the run's tags: nothing else is touched."""
    tags = site.doors.secrets.tags_of(name) or {}
    return (tags.get(RUN_ID), tags.get(PURPOSE)) == (run.id, DRILL)


def label(secret: str) -> str:
    """How a secret is told among instances."""
    return f"secret {secret}"


def forget(site: Site, run: Run) -> tuple[str, ...]:
    """Delete the secrets that a run made or was about to; the names of those that were there."""
    found = tuple(left(site, run))
    for name in found:
        with run.acting("secretsmanager:DeleteSecret", secret=name):
            site.doors.secrets.delete(name)
    return found


def left(site: Site, run: Run) -> list[str]:
    """Those of a run's secrets that are there."""
    return [name for name in _made(run) if _is_own(site, name, run)]


def _made(run: Run) -> list[str]:
    told = [entry for entry in run.entries if entry.get("call") == _CALL and entry.get("secret")]
    return list(dict.fromkeys(str(entry["secret"]) for entry in told))
