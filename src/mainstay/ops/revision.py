"""Files as they were at a revision of their git repository. Reads only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.engines.process import Completed, run

_TIMEOUT_S: Final = 60.0


def text_at(path: Path, revision: str) -> str:
    """A file's text at a revision; InputRefused when there is no such revision, or no such file in it."""
    return _git(path.parent, "show", f"{_commit(path.parent, revision)}:./{path.name}", about=f"{path} at {revision}")


def texts_at(folder: Path, revision: str, suffix: str) -> dict[str, str]:
    """The texts of the files right in a folder whose names end so, by name; empty when it had none."""
    commit = _commit(folder, revision)
    listed = _git(folder, "ls-tree", "--name-only", "-z", commit, "./", about=f"{folder} at {revision}")
    names = sorted(name for name in listed.split("\0") if name.endswith(suffix))
    return {name: _git(folder, "show", f"{commit}:./{name}", about=f"{folder / name} at {revision}") for name in names}


def _commit(folder: Path, revision: str) -> str:
    # Resolved first: what is given to the other commands is a digest, and never an option.
    argument = f"{revision}^{{commit}}"
    return _git(folder, "rev-parse", "--verify", "--end-of-options", argument, about=f"revision '{revision}'").strip()


def _git(folder: Path, *arguments: str, about: str) -> str:
    done = run(["git", *arguments], timeout_s=_TIMEOUT_S, cwd=folder.absolute(), must_succeed=False)
    if done.returncode:
        raise InputRefused(
            "not in the repository", detail=f"{about}: {_last_words(done)}", hint="name a revision that `git log` shows"
        )
    return done.stdout


def _last_words(done: Completed) -> str:
    lines = done.stderr.strip().splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else f"git ended with exit code {done.returncode}"
