"""What the functions that run beside the database are built for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from mainstay.spec.section import Section, one_of

_ARCHITECTURES = ("arm64", "x86_64")


class Functions(Section):
    """The functions that other settings bring along: rotation, validation, exports."""

    architecture: Annotated[str, AfterValidator(one_of(_ARCHITECTURES))] = Field(
        default="arm64", json_schema_extra={"enum": list(_ARCHITECTURES)}
    )
    """Their processors; `x86_64` is for regions without the other."""
