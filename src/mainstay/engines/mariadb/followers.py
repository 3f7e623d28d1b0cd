"""What standbys and replicas of MariaDB and MySQL have in common; the two only use other words for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.home import write_private
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.session import named, tell
from mainstay.engines.no_standby import NoStandby

POLL_S: Final = 0.005
SOURCE_FILE: Final = "follow.sql"
SYNCHRONOUS: Final = "synchronous"  # the names of those that commits wait for; the server only counts them


@dataclass(frozen=True, slots=True)
class Words:
    """How one of the two speaks: its followers, a follower's standing, a source's role in names, and a heartbeat."""

    followers: str
    standing: str
    source: str
    acknowledge: str


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """What a primary knows of one receiver: `sync` when commits wait for a semi-synchronous one."""

    name: str
    state: str
    sync_state: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """What the new primary has replayed, in its engine's own terms, and how long it took to take over."""

    gtid: object
    seconds: float


def begin_copy(into: Cluster) -> Path:
    """Where the data of a new home are put together. Error: InputRefused when it has data."""
    into.refuse_existing()
    into.prepare()
    return into.begin_data()


def finish_copy(primary: Cluster, into: Cluster, building: Path) -> None:
    """Make the data a home's own, with the administrator's password that came with them."""
    write_private(into.password_file, primary.password(), into.identity)
    into.identity.own(building, 0o700)
    building.rename(into.data_directory)


def remove_logs(data: Path, beginnings: tuple[str, ...]) -> None:
    """Remove from a stopped server's data what begins so: what belongs to the server and not to its data."""
    for path in data.iterdir():
        if path.name.startswith(beginnings):
            path.unlink()


def require_synchronous(words: Words, primary: Cluster, names: Sequence[str]) -> None:
    """Let every commit wait until the standby has it. Error: InputRefused without a name."""
    if not names:
        raise InputRefused("no standby named", detail="A synchronous commit needs a standby.", hint="name one")
    write_private(primary.side / SYNCHRONOUS, "\n".join(names), primary.identity)
    _set_synchronous(words, primary, "ON")


def drop_synchronous(words: Words, primary: Cluster) -> None:
    """Stop waiting for standbys: when one is dead, writes stand still until this is done."""
    _set_synchronous(words, primary, "OFF")


def _set_synchronous(words: Words, primary: Cluster, switch: str) -> None:
    variable = f"rpl_semi_sync_{words.source}_enabled"
    primary.change_settings({variable: switch})
    with primary.session() as opened:
        tell(opened, f"SET GLOBAL {variable} = {switch}")


def streaming_state(words: Words, primary: Cluster) -> list[ReplicaState]:
    """Every follower of the primary, by name."""
    names = primary.side / SYNCHRONOUS
    acknowledging = names.read_text().splitlines() if names.exists() else []
    with primary.session() as opened:
        found = sorted(str(each["Host"]) for each in named(opened, words.followers) if each["Host"])
        rows = named(opened, "SHOW GLOBAL STATUS LIKE 'Rpl_semi%'")
    status = {str(each["Variable_name"]): str(each["Value"]) for each in rows}
    own = f"Rpl_semi_sync_{words.source}"
    waits = status.get(f"{own}_status") == "ON" and status.get(f"{own}_clients") != "0"
    return [ReplicaState(name, "streaming", "sync" if waits and name in acknowledging else "async") for name in found]


def unacknowledged(words: Words, primary: Cluster, standby: Cluster, name: str) -> str | None:
    """How much the standby has read and acknowledged, when a commit waits for more."""
    own = f"Rpl_semi_sync_{words.source}"
    with primary.session() as opened:
        rows = named(opened, f"SHOW GLOBAL STATUS LIKE '{own}%'")
    status = {str(each["Variable_name"]): str(each["Value"]) for each in rows}
    if status.get(f"{own}_wait_sessions", "0") == "0":
        return None
    with standby.session() as opened:
        found = named(opened, words.standing)
    role = words.source.title()
    read = [str(found[0][column]) for column in (f"{role}_Log_File", f"Read_{role}_Log_Pos")] if found else ["gone"]
    return " ".join([*read, status.get(f"{own}_yes_tx", "")])


def wait_streaming(
    words: Words, primary: Cluster, name: str, *, synchronous: bool = False, timeout_s: float = 30.0
) -> ReplicaState:
    """Wait until the follower of this name streams (and has what commits wait for).

    Commits in order: one that the standby has acknowledged shows that it has all before it.
    Error: TargetRefused at the deadline.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        for state in streaming_state(words, primary):
            if state.name == name and (not synchronous or state.sync_state == "sync"):
                if synchronous:
                    acknowledge(words, primary, max(1.0, deadline - time.monotonic()))
                return state
        if time.monotonic() >= deadline:
            raise TargetRefused(
                "standby does not stream",
                detail=f"'{name}' did not follow {primary.host}:{primary.port} within {timeout_s:g} s.",
                hint="see the standby's server.log for the reason",
            )
        time.sleep(POLL_S)


def acknowledge(words: Words, primary: Cluster, timeout_s: float) -> None:
    """Commit one row, which the standby must acknowledge. Error: TargetRefused when it does not in time."""
    with primary.session(timeout_s=timeout_s) as opened:
        tell(opened, words.acknowledge)


def refuse_no_standby(cluster: Cluster) -> NoStandby:
    """The refusal to promote a server that follows nobody."""
    return NoStandby(
        "server is no standby",
        detail=f"{cluster.host}:{cluster.port} follows no primary.",
        hint="only a standby or a read replica can be promoted",
    )


def refuse_late(cluster: Cluster, received: object, timeout_s: float) -> TargetRefused:
    """The refusal of a promotion whose replay takes too long."""
    return TargetRefused(
        "standby did not take over",
        detail=f"{cluster.host}:{cluster.port} has not replayed {received} after {timeout_s:g} s.",
        hint=f"see {cluster.log_path}",
    )
