"""A way to a private database: a port of this machine, forwarded through a bastion by Session Manager.

AWS's own program, the session-manager-plugin, carries the connection. It gets the session's token in its environment,
since the arguments of a process are everybody's to read; versions before 1.2.497.1 cannot (the AWS CLI's
customizations/sessionmanager.py, 2026-11-21). It listens on loopback only, and chooses the port itself.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import EnvironmentLacking, MainstayError, TargetRefused
from mainstay.engines import process
from mainstay.ops.aws.errors import code_of
from mainstay.ops.aws.ssm import Forwarding, SsmDoor
from mainstay.ops.login import Address

PLUGIN: Final = "session-manager-plugin"
_INSTALL: Final = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
)
_LAST_WITHOUT_ENVIRONMENT: Final = (1, 2, 497, 0)
_RESPONSE: Final = "AWS_SSM_START_SESSION_RESPONSE"
# Where newer plugins listen is theirs to be told; older ones take `localhost` (its muxportforwarding.go, 2026-11-21).
_LISTENS: Final = "SSM_PLUGIN_LOCAL_HOST"
_LOOPBACK: Final = "127.0.0.1"
_OPENED: Final = re.compile(r"Port (\d+) opened for sessionId")
_OPENS_WITHIN_S: Final = 60.0
_LOOK_PACE_S: Final = 0.05
_VERSION_S: Final = 30.0


def find_plugin() -> Path:
    """The plugin on this machine's PATH, new enough; EnvironmentLacking with how to get it."""
    found = shutil.which(PLUGIN)
    if found is None:
        raise EnvironmentLacking(
            "no session-manager-plugin",
            detail=f"{PLUGIN} is not on the PATH, and nothing else carries a session of Session Manager.",
            hint=f"install it: {_INSTALL}",
        )
    said = process.run([found, "--version"], timeout_s=_VERSION_S).stdout.strip()
    if not re.fullmatch(r"\d+(\.\d+){2,3}", said) or _numbers(said) <= _LAST_WITHOUT_ENVIRONMENT:
        raise EnvironmentLacking(
            "session-manager-plugin is too old",
            detail=f"{found} says that it is version '{said}'; up to 1.2.497.0 it shows a session's token to "
            "everybody on this machine.",
            hint=f"install a newer one: {_INSTALL}",
        )
    return Path(found)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


class Tunnel:
    """One address behind a bastion, on a port of this machine for as long as the plugin's process lives."""

    def __init__(self, door: SsmDoor, region: str, bastion: str, address: Address, clock: Clock | None = None) -> None:
        """Open it. Errors: EnvironmentLacking without the plugin, TargetRefused when the bastion does not let it."""
        self._door = door
        self._clock = clock or SystemClock()
        plugin = find_plugin()
        granted = _granted(door, bastion, address)
        self._session_id = granted.session_id
        self._output = tempfile.TemporaryDirectory(prefix="mainstay-tunnel-")
        self._process: process.ProcessProof | None = None
        try:
            self._process = _start(plugin, region, granted, self._log)
            self.local = Address(_LOOPBACK, self._opened_port(bastion, address))
        except BaseException:  # Ctrl-C included: nothing is left running
            self.close()
            raise

    @property
    def _log(self) -> Path:
        return Path(self._output.name) / "output"

    @property
    def is_open(self) -> bool:
        """Whether the plugin is still there: a session ends by itself when it is idle for long."""
        return self._process is not None and process.is_alive_and_ours(self._process)

    def close(self) -> None:
        """End the plugin and the session; one that is closed stays so."""
        if self._process is not None:
            process.terminate(self._process, "polite")
            self._process = None
        with suppress(MainstayError):  # the plugin has said so too, and an idle session ends by itself
            self._door.end_session(self._session_id)
        self._output.cleanup()

    def _opened_port(self, bastion: str, address: Address) -> int:
        deadline = self._clock.monotonic() + _OPENS_WITHIN_S
        while True:
            is_alive, said = self.is_open, self._log.read_text(encoding="utf-8", errors="replace")
            if opened := _OPENED.search(said):
                return int(opened[1])
            if not is_alive or self._clock.monotonic() > deadline:
                last = "; ".join(said.strip().splitlines()[-3:]) or "nothing"
                raise TargetRefused(
                    "the tunnel does not open",
                    detail=f"{PLUGIN} to {address} through {bastion} opened no port; it said: {last}.",
                    hint="look at the bastion in Systems Manager's Fleet Manager, and try `aws ssm start-session`",
                )
            self._clock.sleep(_LOOK_PACE_S)


def _granted(door: SsmDoor, bastion: str, address: Address) -> Forwarding:
    try:
        return door.forward(bastion, address.host, address.port)
    except TargetRefused as error:
        if code_of(error) != "TargetNotConnected":
            raise
        raise TargetRefused(
            "the bastion is not connected",
            detail=f"Session Manager does not reach the agent of {bastion}. {error.detail}",
            hint="start the instance, and see that it reaches Systems Manager's endpoints",
        ) from error


def _start(plugin: Path, region: str, granted: Forwarding, log: Path) -> process.ProcessProof:
    request = json.dumps(granted.request)
    return process.spawn_detached(
        # The fourth word is a profile's name, by which the plugin would resume a broken session: a new one is opened
        # instead, so that it needs no credentials.
        [str(plugin), _RESPONSE, region, "StartSession", "", request, granted.endpoint_url],
        log_path=log,
        env={_RESPONSE: granted.response, _LISTENS: _LOOPBACK},
        marker=request,
    )
