"""The snapshot that a database was made from, which is history ever after."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from mainstay.spec.section import Section, matching

# RDS API Reference, DBSnapshotIdentifier: 1 to 255 characters, a letter first, no double hyphen, none at the end; those
# that services took begin with their name; one that another account shares is known by its ARN (2026-11-20).
_NAME = r"[a-zA-Z](?:-?[a-zA-Z0-9])*"
_RULE = "write a snapshot's identifier, such as shop-before-the-move, or the ARN of one that is shared"
SnapshotName = Annotated[
    str,
    AfterValidator(
        matching(
            rf"(?:(?:rds|awsbackup):{_NAME}|{_NAME}|arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{{12}}:snapshot:\S+)", 255, _RULE
        )
    ),
]
KeyArn = Annotated[
    str,
    AfterValidator(
        matching(
            r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[a-zA-Z0-9-]+",
            160,
            "write a key's ARN, such as arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        )
    ),
]


class Snapshot(Section):
    """Where the data came from at the creation. It may be left out once the database is there, and the snapshot may
    be deleted: `mainstay deploy` keeps what the stack has.
    """

    name: SnapshotName = Field(examples=["shop-before-the-move"])
    """The snapshot's identifier, or its ARN when another account shares it."""
    key: KeyArn = Field(examples=["arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"])
    """The key that encrypts it, and the restored database for good; copy an unencrypted snapshot with a key first."""

    @property
    def key_region(self) -> str:
        """The region of the key."""
        return self.key.split(":")[3]
