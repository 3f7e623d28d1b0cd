"""New clusters as clones of a template that is initialised once: 90-130 ms instead of 465 ms for initdb.

A clone would share the template's system identifier, by which PostgreSQL notices that a log or a standby belongs
to another cluster. So each clone gets an identifier of its own: written into pg_control (its checksum renewed),
then made the log's by pg_resetwal.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import struct
import time
from pathlib import Path
from typing import Final

from mainstay.core.errors import TargetRefused
from mainstay.engines.binaries import Binaries
from mainstay.engines.copying import copy_tree
from mainstay.engines.identity import SHARED_ROOT, Identity, private_directory
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.engines.process import run

INIT_S: Final = 120.0
CONTROL: Final = "global/pg_control"
IDENTIFIER: Final = struct.Struct("=Q")  # the first member of ControlFileData since 8.0 (pg_control.h)
CHECKSUM: Final = struct.Struct("=I")

# `rdsadmin` is the database that RDS keeps for itself, heartbeat included (list of databases on an instance, 2026-11).
TEMPLATE_SQL: Final = (
    "CREATE TABLE heartbeat (id int PRIMARY KEY CHECK (id = 1), beat_at timestamptz NOT NULL)",
    "INSERT INTO heartbeat VALUES (1, clock_timestamp())",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
)
# An RDS master may make the extension that goes through indexes, and use it; ours is no superuser, so it is there
# already, and among the server's own functions.
EVERY_DATABASE_SQL: Final = (
    "DO $$ DECLARE made regprocedure; BEGIN "
    "IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') THEN "
    "CREATE EXTENSION amcheck SCHEMA pg_catalog; "
    "FOR made IN SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' "
    "AND classid = 'pg_proc'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'amcheck') LOOP "
    "EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_monitor', made); END LOOP; END IF; END $$",
)
# A standby does not start with less than pg_control says that its primary had ("Hot Standby", administrator's
# overview, PostgreSQL 17), and a new cluster's says what it had here: so that any settings are enough.
SMALLEST: Final = (
    "max_connections=10",
    "max_locks_per_transaction=10",
    "max_prepared_transactions=0",
    "max_wal_senders=0",
    "max_worker_processes=0",
)
INITDB_OPTIONS: Final = (
    "--encoding=UTF8",
    "--locale=C.UTF-8",  # en_US.UTF-8 may not be there, and the wheels have no ICU
    "--data-checksums",
    "--auth=reject",  # nobody enters with the files in the data directory; ours lie beside it
    "--no-sync",
    f"--username={ADMIN_ROLE}",
)


def clone_template(binaries: Binaries, identity: Identity, into: Path) -> None:
    """Make `into` a fresh data directory, owned by the server's user, with a system identifier of its own.

    Errors: EnvironmentLacking when the disk is full, TargetRefused when initdb fails.
    """
    building = into.with_name(into.name + ".partial")
    shutil.rmtree(building, ignore_errors=True)
    copy_tree(_template(binaries, identity), building, identity=identity, last=[CONTROL])
    _give_identifier(building)
    run([binaries.program("pg_resetwal"), "-D", str(building)], identity=identity, timeout_s=INIT_S)
    building.rename(into)


def single_user(binaries: Binaries, identity: Identity, data: Path, database: str, statements: tuple[str, ...]) -> None:
    """Run statements in a stopped cluster, one a line on standard input: nothing listens meanwhile."""
    argv = [
        binaries.program("postgres"), "--single", "-j", "-D", str(data),
        # `-j`: a statement ends at a semicolon and an empty line. A failing one is not logged: it may hold a verifier.
        "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", "-c", "log_checkpoints=off",
        *(part for setting in SMALLEST for part in ("-c", setting)), database,
    ]  # fmt: skip
    text = "".join(f"{statement};\n\n" for statement in statements)
    run(argv, identity=identity, stdin_text=text, timeout_s=INIT_S)


def _template(binaries: Binaries, identity: Identity) -> Path:
    """The template's directory; built under another name and renamed, so that it is whole or not there."""
    cache = private_directory(SHARED_ROOT / f"mainstay-templates-{identity.uid}", identity, 0o700)
    recipe = hashlib.sha256(
        repr((INITDB_OPTIONS, TEMPLATE_SQL, EVERY_DATABASE_SQL, str(binaries.directory))).encode()
    ).hexdigest()[:12]
    template = cache / f"postgres-{binaries.version}-{recipe}"
    if not template.exists():
        _build_template(binaries, identity, template)
    return template


def _build_template(binaries: Binaries, identity: Identity, template: Path) -> None:
    building = template.with_name(f".{template.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        run([binaries.program("initdb"), *INITDB_OPTIONS, "-D", str(building)], identity=identity, timeout_s=INIT_S)
        for database in ("template1", "postgres"):
            single_user(binaries, identity, building, database, EVERY_DATABASE_SQL)
        single_user(binaries, identity, building, "postgres", (f"CREATE DATABASE {ADMIN_ROLE}",))
        single_user(binaries, identity, building, ADMIN_ROLE, TEMPLATE_SQL)
        building.rename(template)
    except OSError:
        # Another command may have finished the same template in the meantime.
        if not template.is_dir():
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _give_identifier(data: Path) -> None:
    control = data / CONTROL
    content = bytearray(control.read_bytes())
    end = _checksum_offset(content)
    # As the server makes one: seconds, microseconds and a process id (BootStrapXLOG); here random in the lower half.
    IDENTIFIER.pack_into(content, 0, (int(time.time()) << 32) | secrets.randbits(32))
    CHECKSUM.pack_into(content, end, crc32c(bytes(content[:end])))
    control.write_bytes(content)


def _checksum_offset(content: bytes | bytearray) -> int:
    """Where pg_control keeps its checksum: the offset differs between majors, the property does not."""
    register = 0xFFFF_FFFF
    for offset in range(512):
        if offset % 4 == 0 and CHECKSUM.unpack_from(content, offset)[0] == register ^ 0xFFFF_FFFF and offset > 64:
            return offset
        register = _CRC_TABLE[(register ^ content[offset]) & 0xFF] ^ (register >> 8)
    raise TargetRefused(
        "control file not understood",
        detail="No checksum was found in the template's pg_control.",
        hint="this version of PostgreSQL is not supported; choose another",
    )


def crc32c(content: bytes) -> int:
    """CRC-32C (Castagnoli), the checksum of PostgreSQL's own files."""
    register = 0xFFFF_FFFF
    for byte in content:
        register = _CRC_TABLE[(register ^ byte) & 0xFF] ^ (register >> 8)
    return register ^ 0xFFFF_FFFF


def _crc_entry(index: int) -> int:
    for _ in range(8):
        index = (index >> 1) ^ (0x82F6_3B78 if index & 1 else 0)
    return index


_CRC_TABLE: Final = tuple(_crc_entry(index) for index in range(256))
