"""Systems Manager: public parameters, and sessions that forward a port through an instance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mainstay.ops.aws.door import Door

# https://docs.aws.amazon.com/linux/al2023/ug/ec2.html, "Launching AL2023 using the SSM parameter" (not re-read).
_NEWEST_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
# Its parameters are `host`, `portNumber` and `localPortNumber`, each a list of one text; without the last the plugin
# takes a free port (Systems Manager User Guide, session-manager-working-with-sessions-start, and the plugin's own
# source, 2026-11-21).
_FORWARDING: Final = "AWS-StartPortForwardingSessionToRemoteHost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """A session that was granted, for the plugin that carries it. Its token opens it, and is never shown."""

    session_id: str
    token: str = field(repr=False)
    stream_url: str
    endpoint_url: str
    request: Mapping[str, object]

    @property
    def response(self) -> str:
        """What the plugin wants to know of the answer, as JSON; it holds the token."""
        return json.dumps({"SessionId": self.session_id, "TokenValue": self.token, "StreamUrl": self.stream_url})


class SsmDoor(Door):
    """Questions to Systems Manager."""

    def parameter(self, name: str) -> str:
        """The value of a parameter that is no secret."""
        return str(self._ask("GetParameter", Name=name)["Parameter"]["Value"])

    def newest_image(self, architecture: str) -> str:
        """The image id of the newest Amazon Linux 2023 for `arm64` or `x86_64`."""
        return self.parameter(_NEWEST_IMAGE.format(architecture=architecture))

    def forward(self, instance: str, host: str, port: int) -> Forwarding:
        """Begin a session that forwards to a host and port as that instance sees them."""
        request = {
            "Target": instance,
            "DocumentName": _FORWARDING,
            "Parameters": {"host": [host], "portNumber": [str(port)]},
        }
        answer = self._ask("StartSession", **request)
        return Forwarding(
            session_id=answer["SessionId"],
            token=answer["TokenValue"],
            stream_url=answer["StreamUrl"],
            endpoint_url=str(self._client.meta.endpoint_url),
            request=request,
        )

    def end_session(self, session_id: str) -> None:
        """End a session; one that has ended already stays so."""
        self._ask("TerminateSession", SessionId=session_id)
