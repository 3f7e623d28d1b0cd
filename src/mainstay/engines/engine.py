"""What the sandbox asks of an engine, in one type: a caller chooses once and never asks again which engine it has.

Each engine's folder has functions of the same names, and an `engine` file that puts them into this type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mainstay.engines.identity import Identity
from mainstay.engines.refusal import Wire

# Any: clusters, archives, snapshots and positions are their engine's own types, and only their engine reads them.
Call = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine: its label for people, its protocol's refusals, and its functions under the names that all have.

    `beat_s` is how far heartbeats may lie apart: where the log's own times are coarse, they tell moments apart.
    `role_settings` are those that a server's role gives it, not its parameter group; `settings_signs` are what an
    error says when the settings are at fault. `find` takes the major or series and the servers' user; `unfound` makes
    up programs of a version for somebody who only looks. `lag_s` takes primary, replica and the replica's name;
    `unacknowledged` primary, standby and its name, and says how far the standby has come while commits wait for more
    (None when none waits): where that stays the same, its stream stands still. `pulse` takes archive and primary: a
    heartbeat, and up to where the archive is written after it (None: nothing of this primary).
    """

    name: str
    label: str
    beat_s: float
    wire: Wire
    role_settings: tuple[str, ...]
    settings_signs: tuple[str, ...]
    find: Callable[[str, Identity], Any]
    unfound: Callable[[str], Any]
    cluster: Call
    archive: Call
    base_copy: Call
    copy_stopped: Call
    standby_settings: Call
    replica_settings: Call
    follow: Call
    promote: Call
    require_synchronous: Call
    drop_synchronous: Call
    wait_streaming: Call
    lag_s: Callable[[Any, Any, str], float | None]
    unacknowledged: Callable[[Any, Any, str], str | None]
    start_archiver: Call
    drop_slot: Call
    pulse: Call
    latest_restorable: Call
    fence: Call
    take_backup: Call
    load_snapshot: Callable[[Path], Any]
    restore: Call
