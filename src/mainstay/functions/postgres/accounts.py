"""Passwords and roles in PostgreSQL. No password travels: the server is given the verifier that it would store."""

from __future__ import annotations

from typing import Final

from mainstay.functions.database import Database, missing_account
from mainstay.probe.scram import scram_verifier

LONGEST_PASSWORD: Final = 128  # of a master user, CreateDBInstance, MasterUserPassword, botocore 1.44, 2026-11-21
LONGEST_NAME: Final = 63  # NAMEDATALEN - 1


def set_password(database: Database, role: str, password: str) -> None:
    """Give a role this password.

    A server that still stores MD5 gets the password itself (over TLS): its clients may not know SCRAM.
    """
    encryption = database.rows("SHOW password_encryption")[0][0]
    stored = scram_verifier(password) if encryption == "scram-sha-256" else password
    _execute(database, "ALTER ROLE %I WITH PASSWORD %L", role, stored)


def ensure_user(database: Database, role: str, password: str, home: str) -> None:
    """A role that can log in with this password; one that is there stays as it is. Everybody may connect to `home`."""
    del home
    if not _exists(database, role):
        _execute(database, "CREATE ROLE %I WITH LOGIN", role)
        set_password(database, role, password)


def ensure_alternate(database: Database, original: str, alternate: str, password: str) -> None:
    """Make `alternate` able to do what `original` can, with this password; again and again to the same end.

    It acts as the original from its first statement on, so that what it creates belongs to both.
    """
    if not _exists(database, alternate):
        _execute(database, "CREATE ROLE %I WITH LOGIN", alternate)
    if not _exists(database, original):
        raise missing_account(original)
    _execute(database, "GRANT %I TO %I", original, alternate)
    _copy_settings(database, original, alternate)
    _execute(database, "ALTER ROLE %I SET role TO %L", alternate, original)
    set_password(database, alternate, password)


def _exists(database: Database, role: str) -> bool:
    return bool(database.rows("SELECT 1 FROM pg_roles WHERE rolname = $1", (role,)))


def _copy_settings(database: Database, original: str, alternate: str) -> None:
    """What ALTER ROLE … SET gave the original, for every database and for single ones.

    The server keeps a setting that is a list as the list was written, so it is repeated as it is; every other one is
    one literal, however it looks.
    """
    for setting, place in database.rows(_SETTINGS, (original,)):
        name, _, value = str(setting).partition("=")
        if name != "role":
            where, names = ("IN DATABASE %I ", [str(place)]) if place else ("", [])
            form = "%s" if name in _LISTS else "%L"
            _execute(database, f"ALTER ROLE %I {where}SET %I TO {form}", alternate, *names, name, value)


_SETTINGS: Final = """
SELECT unnest(s.setconfig), d.datname FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE r.rolname = $1"""
# The settings that a role can be given and that hold a list: GUC_LIST_QUOTE in PostgreSQL 17's guc_tables.c.
_LISTS: Final = frozenset({"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"})


def _execute(database: Database, template: str, *names: str) -> None:
    """Run a statement whose names and literals the server itself has quoted (utility statements take no parameters)."""
    placeholders = ", ".join(f"${number}::text" for number in range(2, len(names) + 2))
    statement = database.rows(f"SELECT format($1::text, {placeholders})", (template, *names))[0][0]
    database.execute(str(statement))
