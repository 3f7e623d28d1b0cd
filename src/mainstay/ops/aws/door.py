"""What every door has: one way to call its service, translated and repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from mainstay.core.clock import Clock
from mainstay.core.errors import NotFound
from mainstay.ops.aws.errors import is_passing, translate
from mainstay.ops.aws.retry import DEFAULT, Budget, retrying
from mainstay.ops.aws.trail import Trail

T = TypeVar("T")


class Door:
    """One service. Subclasses ask named questions through `_ask`; raw answers never leave them."""

    # Any: boto3 publishes no types
    def __init__(self, client: Any, clock: Clock, budget: Budget = DEFAULT, trail: Trail | None = None) -> None:
        self._client = client
        self._clock = clock
        self._budget = budget
        self._trail = Trail(clock, str(client.meta.region_name)) if trail is None else trail

    @property
    def _service(self) -> str:
        return str(self._client.meta.service_model.service_name)

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer of an API operation named as the API names it; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}

        def call() -> dict[str, Any]:
            try:
                answer = dict(getattr(self._client, xform_name(operation))(**given))
            except (ClientError, BotoCoreError) as error:
                self._note_refusal(operation, error)
                raise translate(error, self._service, operation) from error
            self._trail.note(self._service, operation, answer)
            return answer

        return retrying(call, is_passing, clock=self._clock, budget=self._budget)

    def _note_refusal(self, operation: str, error: ClientError | BotoCoreError) -> None:
        answer = error.response if isinstance(error, ClientError) else None
        code = str(answer.get("Error", {}).get("Code", "")) if answer else type(error).__name__
        self._trail.note(self._service, operation, answer, code)

    def _pages(self, operation: str, member: str, **parameters: Any) -> list[dict[str, Any]]:
        """Every item of `member`, over all pages of an operation that botocore can page."""
        given = {name: value for name, value in parameters.items() if value is not None}

        def call() -> list[dict[str, Any]]:
            try:
                pages = self._client.get_paginator(xform_name(operation)).paginate(**given)
                found = [item for page in pages for item in page.get(member, [])]
            except (ClientError, BotoCoreError) as error:
                raise translate(error, self._service, operation) from error
            self._trail.note(self._service, operation, None)
            return found

        return retrying(call, is_passing, clock=self._clock, budget=self._budget)


def found(question: Callable[[], T]) -> T | None:
    """The answer, or None when what is asked about does not exist."""
    try:
        return question()
    except NotFound:
        return None
