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

T = TypeVar("T")


class Door:
    """One service. Subclasses ask named questions through `_ask`; raw answers never leave them."""

    def __init__(self, client: Any, clock: Clock, budget: Budget = DEFAULT) -> None:  # Any: boto3 publishes no types
        self._client = client
        self._clock = clock
        self._budget = budget

    @property
    def _service(self) -> str:
        return str(self._client.meta.service_model.service_name)

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer of an API operation named as the API names it; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}

        def call() -> dict[str, Any]:
            try:
                return dict(getattr(self._client, xform_name(operation))(**given))
            except (ClientError, BotoCoreError) as error:
                raise translate(error, self._service, operation) from error

        return retrying(call, is_passing, clock=self._clock, budget=self._budget)

    def _pages(self, operation: str, member: str, **parameters: Any) -> list[dict[str, Any]]:
        """Every item of `member`, over all pages of an operation that botocore can page."""
        given = {name: value for name, value in parameters.items() if value is not None}

        def call() -> list[dict[str, Any]]:
            try:
                pages = self._client.get_paginator(xform_name(operation)).paginate(**given)
                return [item for page in pages for item in page.get(member, [])]
            except (ClientError, BotoCoreError) as error:
                raise translate(error, self._service, operation) from error

        return retrying(call, is_passing, clock=self._clock, budget=self._budget)


def found(question: Callable[[], T]) -> T | None:
    """The answer, or None when what is asked about does not exist."""
    try:
        return question()
    except NotFound:
        return None
