"""Who runs the servers: ourselves, or an unprivileged user when we are root.

PostgreSQL and MariaDB refuse to run as root. The unprivileged user reaches neither programs nor data below a
directory that only root may enter (`/root` is 0700), so data moves to a place that it can reach.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import EnvironmentLacking, InputRefused

USER_VARIABLE: Final = "MAINSTAY_ENGINE_USER"
# Another place than SHARED_ROOT for data whose wanted directory the servers' user cannot reach: a larger disk, or
# memory where nothing has to last.
DATA_ROOT_VARIABLE: Final = "MAINSTAY_DATA_ROOT"
DEFAULT_USER: Final = "nobody"
# /var/tmp survives a restart of the machine (hier(7)), which data must; /tmp does not.
SHARED_ROOT: Final = Path("/var/tmp")  # noqa: S108 - every directory below it is created 0700/0755 and its owner checked


@dataclass(frozen=True, slots=True)
class Identity:
    """A user for servers; `is_dropped` when we are root and the servers run as this other user."""

    name: str
    uid: int
    gid: int
    home: str
    is_dropped: bool

    def own(self, path: Path, mode: int | None = None) -> Path:
        """Hand a file or directory to this user (nothing to do unless dropped) and set its mode; returns it."""
        if self.is_dropped:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        if mode is not None:
            path.chmod(mode)
        return path

    def own_directory(self, path: Path) -> Path:
        """Create a directory (0700) with its parents, or take the one that is there, for this user; returns it."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.own(path, 0o700)


def engine_identity(name: str | None = None) -> Identity:
    """The user for servers: ourselves, or as root `name`, MAINSTAY_ENGINE_USER or `nobody`.

    Errors: EnvironmentLacking when that user does not exist, InputRefused when it is root.
    """
    if os.geteuid() != 0:
        return _ourselves()
    wanted = name or os.environ.get(USER_VARIABLE) or DEFAULT_USER
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError as error:
        raise EnvironmentLacking(
            "no such user for the servers",
            detail=f"Servers do not run as root, and the user '{wanted}' does not exist.",
            hint=f"set {USER_VARIABLE} to an existing unprivileged user",
        ) from error
    if entry.pw_uid == 0:
        raise InputRefused(
            "servers do not run as root",
            detail=f"The user '{wanted}' has uid 0.",
            hint=f"set {USER_VARIABLE} to an unprivileged user, or leave it out for '{DEFAULT_USER}'",
        )
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid, "/", is_dropped=True)


def _ourselves() -> Identity:
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        # initdb and postgres look the name up and stop without it (seen with 17.10, 2026-11-20).
        raise EnvironmentLacking(
            "this user has no name",
            detail=f"uid {uid} has no passwd entry, and PostgreSQL refuses to run without one.",
            hint="add an entry for it, or start as root",
        ) from error
    return Identity(entry.pw_name, uid, os.getegid(), entry.pw_dir, is_dropped=False)


def can_reach(path: Path, identity: Identity) -> bool:
    """Whether the user may enter every existing directory on the way to `path`, itself included."""
    resolved = path.resolve()
    return all(_may_enter(step, identity) for step in (resolved, *resolved.parents) if step.is_dir())


def _may_enter(directory: Path, identity: Identity) -> bool:
    state = directory.stat()
    if identity.uid == 0:
        return True
    if state.st_uid == identity.uid:
        return bool(state.st_mode & stat.S_IXUSR)
    if state.st_gid == identity.gid:
        return bool(state.st_mode & stat.S_IXGRP)
    return bool(state.st_mode & stat.S_IXOTH)


def data_home(wanted: Path, identity: Identity) -> Path:
    """A directory of the user's own (0700) for data: `wanted` where it can be, else one below /var/tmp.

    The fallback's name derives from `wanted`, so the same wish always finds the same data again.
    Error: EnvironmentLacking when somebody else already owns the fallback.
    """
    if can_reach(wanted.parent, identity) and _may_take(wanted, identity):
        return identity.own_directory(wanted)
    key = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]
    root = Path(os.environ.get(DATA_ROOT_VARIABLE) or SHARED_ROOT)
    return private_directory(root / f"mainstay-data-{key}", identity, 0o700)


def _may_take(wanted: Path, identity: Identity) -> bool:
    if not wanted.exists():
        return True
    return wanted.stat().st_uid == identity.uid or not any(wanted.iterdir())


def private_directory(path: Path, identity: Identity, mode: int) -> Path:
    """Create a directory in a place where everybody may write, or accept it when it is the user's already.

    Error: EnvironmentLacking when the name is taken by a link, a file or another user: it could be a trap.
    """
    try:
        path.mkdir(mode=0o700)
        return identity.own(path, mode)
    except FileExistsError:
        state = path.lstat()
    # A root-owned one is another command's of ours that has made it a moment ago and not yet given it away.
    is_given = identity.is_dropped and state.st_uid == os.geteuid()
    is_ours = is_given or state.st_uid == identity.uid
    if not stat.S_ISDIR(state.st_mode) or not is_ours or state.st_mode & 0o022:
        raise EnvironmentLacking(
            "directory belongs to somebody else",
            detail=f"{path} exists, but is not a directory that only '{identity.name}' (uid {identity.uid}) may write.",
            hint=f"look at it, and remove it when it is not needed: ls -ld {path}",
        )
    return identity.own(path, mode) if is_given else path
