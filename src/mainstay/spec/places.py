"""Where in AWS: regions and accounts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from mainstay.spec.section import matching

Region = Annotated[str, AfterValidator(matching(r"[a-z]{2}(-[a-z]+)+-\d", 20, "write a region, such as eu-central-1"))]
AccountId = Annotated[
    str, AfterValidator(matching(r"\d{12}", 12, 'write the 12 digits in quotes, such as "123456789012"'))
]
