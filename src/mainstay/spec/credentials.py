"""How the first login is made, and how passwords change: all are generated, and none is seen here."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from mainstay.core.units import Duration
from mainstay.spec.faults import excluded, fault
from mainstay.spec.quantities import Days, between
from mainstay.spec.section import Section, matching, one_of

# RDS refuses these (botocore's CreateDBInstance, MasterUsername, 2026-11-20) or PostgreSQL keeps them for itself.
_RESERVED: Final = ("admin", "rdsadmin", "rds_superuser", "rdsrepladmin", "rds_replication", "public", "user")
_MANAGERS: Final = ("mainstay", "rds")
_NAME_RULE: Final = "start with a letter, then letters, digits and _"
_USERS: Final = ("single", "alternating")
# 32 characters in MySQL, of which the second user's suffix `_clone` takes 6.
_LONGEST_ALTERNATING: Final = 26


def _not_reserved(value: str) -> str:
    if value.lower() in _RESERVED or value.lower().startswith("pg_"):
        raise fault("SP010", f"'{value}' is reserved.", "choose another name, such as shop_owner")
    return value


class Rotation(Section):
    """New passwords at regular times, by a function of its own in the database's network."""

    # Secrets Manager's AutomaticallyAfterDays (botocore, RotationRulesType, 2026-11-21).
    every: Annotated[Days, AfterValidator(between(Duration.days(1), Duration.days(1000)))] = Duration.days(30)
    """How often, from 1d to 1000d; Security Hub wants 90d at most. The first time is right after the deployment."""
    users: Annotated[str, AfterValidator(one_of(_USERS))] = Field(
        default="single", json_schema_extra={"enum": list(_USERS)}
    )
    """`single` changes the master user's password; `alternating` adds an application's user and its twin, who take
    turns, so that no login ever fails for a moment."""
    application_user: Annotated[
        str,
        AfterValidator(matching(r"[A-Za-z][A-Za-z0-9_]*", _LONGEST_ALTERNATING, _NAME_RULE)),
        AfterValidator(_not_reserved),
    ] = Field(default="application", examples=["shop_app"])
    """The application's user with `alternating`; made at the first rotation, and granted what you grant it."""

    @model_validator(mode="after")
    def _user_alternates(self) -> Rotation:
        if self.users == "single" and "application_user" in self.model_fields_set:
            raise fault(
                "SP012",
                "application_user is made with alternating users only.",
                "write users: alternating, or leave it out",
                at="application_user",
            )
        return self


class Credentials(Section):
    """The master user."""

    username: Annotated[
        str,
        AfterValidator(matching(r"[A-Za-z][A-Za-z0-9_]*", 63, _NAME_RULE)),
        AfterValidator(_not_reserved),
    ] = Field(default="owner", examples=["shop_owner"])
    """Its name, in MySQL and MariaDB of 16 characters at most; changing it later replaces the database."""
    managed_by: Annotated[str, AfterValidator(one_of(_MANAGERS))] = Field(
        default="mainstay", json_schema_extra={"enum": list(_MANAGERS)}
    )
    """Whose the password is: `mainstay` keeps it in a secret of the stack; `rds` generates it into a secret of its own
    and changes it every 7 days, but makes no read replicas then."""
    password_length: Annotated[StrictInt, AfterValidator(between(16, 128))] = 32
    """How long the generated password is. MySQL and MariaDB take 41 at most, PostgreSQL 128."""
    iam_authentication: StrictBool = False
    """Whether users can log in with IAM tokens as well."""
    rotation: Rotation | None = None
    """New passwords at regular times; left out, they stay as they were made."""

    @property
    def is_rds_managed(self) -> bool:
        """Whether RDS keeps and rotates the master user's password."""
        return self.managed_by == "rds"

    @model_validator(mode="after")
    def _has_one_manager(self) -> Credentials:
        if self.is_rds_managed and self.rotation:
            hint = "leave rotation out, or write managed_by: mainstay"
            raise excluded("managed-password-rotation", hint, at="rotation")
        if self.is_rds_managed and "password_length" in self.model_fields_set:
            hint = "leave password_length out, or write managed_by: mainstay"
            raise excluded("managed-password-length", hint, at="password_length")
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Credentials:
        rotation = self.rotation
        if rotation and rotation.users == "alternating":
            taken = {rotation.application_user.lower(), f"{rotation.application_user.lower()}_clone"}
            if self.username.lower() in taken:
                raise fault(
                    "SP012",
                    f"The master user {self.username} cannot alternate with itself.",
                    "name another application_user",
                    at="rotation.application_user",
                )
        return self
