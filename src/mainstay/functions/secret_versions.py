"""The versions of a secret during a rotation: what is current, what is pending, and how one becomes the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mainstay.core.errors import InputRefused
from mainstay.functions.aws import ask, ask_for, client
from mainstay.functions.login import Document, parse

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"


@dataclass(frozen=True, slots=True)
class SecretVersions:
    """One secret and the version that a rotation makes; `token` is that version's id."""

    secret: str
    token: str
    stages: Mapping[str, tuple[str, ...]]
    _service: Any = field(repr=False)  # Any: boto3 publishes no types

    @property
    def is_finished(self) -> bool:
        """Whether this rotation's version is current already: a repeated call has nothing left to do."""
        return CURRENT in self.stages.get(self.token, ())

    def value(self, stage: str) -> Document | None:
        """The value at a stage; the pending one only when it is this rotation's. None when there is none."""
        which = {"VersionId": self.token} if stage == PENDING else {}
        answer = ask_for(self._service.get_secret_value, SecretId=self.secret, VersionStage=stage, **which)
        if answer is None or "SecretString" not in answer:
            return None
        return parse(answer["SecretString"], f"{self.secret} ({stage})")

    def required(self, stage: str) -> Document:
        """The value at a stage. Error: InputRefused when there is none."""
        found = self.value(stage)
        if found is None:
            raise InputRefused(
                "the secret has no value at this stage",
                detail=f"{self.secret} has no {stage} value.",
                hint="start the rotation again from its first step" if stage == PENDING else "give the secret a value",
            )
        return found

    def new_password(self, length: int, excluded: str) -> str:
        """A random password of one character of each kind at least."""
        answer = ask(self._service.get_random_password, PasswordLength=length, ExcludeCharacters=excluded)
        return str(answer["RandomPassword"])

    def put_pending(self, value: Document) -> None:
        """Store this rotation's value; a repeated call with the same value changes nothing."""
        ask(
            self._service.put_secret_value,
            SecretId=self.secret,
            ClientRequestToken=self.token,
            SecretString=json.dumps(value),
            VersionStages=[PENDING],
        )

    def finish(self) -> None:
        """Make this rotation's version the current one; Secrets Manager makes the old one AWSPREVIOUS."""
        holder = next((version for version, stages in self.stages.items() if CURRENT in stages), None)
        given = {"RemoveFromVersionId": holder} if holder else {}
        ask(
            self._service.update_secret_version_stage,
            SecretId=self.secret,
            VersionStage=CURRENT,
            MoveToVersionId=self.token,
            **given,
        )


def open_versions(secret: str, token: str) -> SecretVersions:
    """The versions of a secret whose rotation is under way.

    Error: InputRefused when the secret does not rotate, or when this version is not part of a rotation.
    """
    service = client("secretsmanager")
    described = ask(service.describe_secret, SecretId=secret)
    stages = {version: tuple(labels) for version, labels in described.get("VersionIdsToStages", {}).items()}
    if described.get("RotationEnabled") is False:
        raise InputRefused(
            "the secret does not rotate",
            detail=f"Rotation of {secret} is turned off.",
            hint="give it a rotation schedule before calling its rotation function",
        )
    if token not in stages:
        raise InputRefused(
            "the version does not exist",
            detail=f"{secret} has no version {token}.",
            hint="let Secrets Manager start the rotation (RotateSecret): it makes the version",
        )
    if not {CURRENT, PENDING} & set(stages[token]):
        raise InputRefused(
            "the version is not pending",
            detail=f"Version {token} of {secret} is neither {PENDING} nor {CURRENT}.",
            hint="another rotation has begun since; let that one end",
        )
    return SecretVersions(secret, token, stages, service)


def read_secret(secret: str, stage: str = CURRENT) -> Document | None:
    """The value of any secret at a stage; None when there is none."""
    answer = ask_for(client("secretsmanager").get_secret_value, SecretId=secret, VersionStage=stage)
    return None if answer is None or "SecretString" not in answer else parse(answer["SecretString"], secret)
