from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from mainstay.engines.identity import Identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import is_alive_and_ours, terminate


def spawn_named(name: str, place: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A process that is called like a server; `sh` reads its program from standard input and keeps its arguments."""
    return subprocess.Popen([name, "-s", *arguments], executable=shutil.which("sh"), stdin=subprocess.PIPE)


def test_only_servers_below_the_directory_are_found(place: Path, identity: Identity) -> None:
    below, beside = str(place / "db" / "data"), str(place) + "-beside/data"
    started = [
        spawn_named("/opt/bin/postgres", place, "--", "-D", below),
        spawn_named("/opt/bin/postgres", place, "--", "-D", beside),
        spawn_named("/opt/bin/editor", place, "--", "-D", below),
        spawn_named("/opt/bin/pg_receivewal", place, "--", "--slot=s", "-D", str(place / "archive")),
        spawn_named("/opt/bin/postgres", place, "--", below),
    ]
    try:
        found = find_by_directory(place, identity)
        assert {proof.pid for proof in found} == {started[0].pid, started[3].pid}
        assert all(is_alive_and_ours(proof) for proof in found)
        for proof in found:
            terminate(proof, "kill")
        assert find_by_directory(place, identity) == []  # killed but not collected yet: zombies are no orphans
    finally:
        for child in started:
            child.kill()
            child.communicate()


def test_mariadbs_programs_name_their_directory_in_one_word(place: Path, identity: Identity) -> None:
    below = str(place / "db" / "data")
    words = [f"--datadir={below}", f"--target-dir={below}", f"--result-file={below}/", f"--tmpdir={below}"]
    names = ["/usr/sbin/mariadbd", "/usr/bin/mariadb-backup", "/usr/bin/mariadb-binlog", "/usr/sbin/mariadbd"]
    started = [spawn_named(name, place, "--", word) for name, word in zip(names, words, strict=True)]
    try:
        found = find_by_directory(place, identity)
        assert {proof.pid for proof in found} == {child.pid for child in started[:3]}
        (server,) = find_by_directory(place, identity, frozenset({"mariadbd"}))
        assert server.pid == started[0].pid, "what copies a server's data is no server on them"
    finally:
        for child in started:
            child.kill()
            child.communicate()
