"""How the first login is made: a user's name; its password is generated and never seen here."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from mainstay.spec.faults import fault
from mainstay.spec.quantities import between
from mainstay.spec.section import Section, matching

# RDS refuses these (botocore's CreateDBInstance, MasterUsername, 2026-11-20) or PostgreSQL keeps them for itself.
_RESERVED: Final = ("admin", "rdsadmin", "rds_superuser", "rdsrepladmin", "rds_replication", "public", "user")


def _not_reserved(value: str) -> str:
    if value.lower() in _RESERVED or value.lower().startswith("pg_"):
        raise fault("SP010", f"'{value}' is reserved.", "choose another name, such as shop_owner")
    return value


class Credentials(Section):
    """The master user."""

    username: Annotated[
        str,
        AfterValidator(matching(r"[A-Za-z][A-Za-z0-9_]*", 63, "start with a letter, then letters, digits and _")),
        AfterValidator(_not_reserved),
    ] = Field(default="owner", examples=["shop_owner"])
    """Its name, in MySQL and MariaDB of 16 characters at most; changing it later replaces the database."""
    password_length: Annotated[StrictInt, AfterValidator(between(16, 128))] = 32
    """How long the generated password is. MySQL and MariaDB take 41 at most, PostgreSQL 128."""
    iam_authentication: StrictBool = False
    """Whether users can log in with IAM tokens as well."""
