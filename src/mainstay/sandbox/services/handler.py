"""What a handler looks like, and the checks that every service makes of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mainstay.sandbox.state import Transaction

Params = Mapping[str, Any]  # Any: botocore's parameters, validated by botocore, in each operation's own shape
Answer = dict[str, Any]  # Any: the same, for what comes back
Handler = Callable[[Transaction, Params], Answer]
Table = Mapping[str, Handler]
