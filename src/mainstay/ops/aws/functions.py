"""Functions: how one is set up, and a call of it that waits for the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionState:
    """A function as Lambda tells it. `code_sha256` is Lambda's own digest of the package, in base64."""

    name: str
    code_sha256: str
    timeout_s: int
    vpc: str
    subnets: tuple[str, ...]
    log_group: str


@dataclass(frozen=True, slots=True)
class Invoked:
    """What a call came to: its answer (JSON), and `failed` with Lambda's words for a function that gave none."""

    answer: Any  # Any: JSON
    failed: str = ""


class FunctionsDoor(Door):
    """Questions to Lambda."""

    def function(self, name: str) -> FunctionState:
        """How a function is set up. Error: NotFound without one."""
        answer = self._ask("GetFunctionConfiguration", FunctionName=name)
        place = answer.get("VpcConfig") or {}
        return FunctionState(
            name=answer["FunctionName"],
            code_sha256=answer.get("CodeSha256", ""),
            timeout_s=int(answer.get("Timeout", 3)),  # Lambda's own default
            vpc=place.get("VpcId", ""),
            subnets=tuple(place.get("SubnetIds", ())),
            log_group=answer.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{answer['FunctionName']}"),
        )

    def invoke(self, name: str, event: Any) -> Invoked:  # Any: JSON
        """Call a function and wait, as long as it runs; what it raised is an answer. Busy when it stays throttled."""
        answer = self._ask("Invoke", FunctionName=name, Payload=json.dumps(event).encode())
        text = answer["Payload"].read() if hasattr(answer.get("Payload"), "read") else answer.get("Payload", b"")
        told = json.loads(text) if text else None
        if not answer.get("FunctionError"):
            return Invoked(told)
        known = told if isinstance(told, dict) else {}
        words = (str(known.get(member) or "") for member in ("errorType", "errorMessage"))
        return Invoked(None, ": ".join(filter(None, words)) or str(answer["FunctionError"]))
