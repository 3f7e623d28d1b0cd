"""Lambda: functions, who may call them, and calls that really run, in processes that stay warm."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.services.functions import configuration, invoking, permissions
from mainstay.sandbox.services.handler import Outside, Table

HANDLERS: Final[Table] = {**configuration.HANDLERS, **permissions.HANDLERS}
OUTSIDE: Final[dict[str, Outside]] = {"Invoke": invoking.invoke}
"""Operations that take longer than a transaction may, and begin transactions themselves."""
