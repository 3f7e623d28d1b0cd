"""How a handler says no: with the service's own error code, as it stands on the wire."""

from __future__ import annotations

NOT_IMPLEMENTED = "SandboxNotImplemented"
"""The code of an operation or option that the sandbox does not answer; AWS has no such code."""


class ServiceError(Exception):
    """What the service would answer: `code` as on the wire (`DBInstanceNotFound`), a message, the HTTP status.

    The seam turns it into the typed exception of the client. Everything the handler wrote is rolled back, unless
    `keeps` says that the service refuses and acts all the same.
    """

    def __init__(self, code: str, message: str, http_status: int = 400, *, keeps: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.keeps = keeps
        self.code = code
        self.message = message
        self.http_status = http_status


def not_implemented(service: str, operation: str, what: str = "") -> ServiceError:
    """The answer to what the sandbox cannot do: never a network call, never a silent skip."""
    return ServiceError(
        NOT_IMPLEMENTED,
        f"the sandbox does not answer {service} {operation}{' with ' + what if what else ''}; "
        "nothing was changed and nothing left this machine",
        http_status=501,
    )
