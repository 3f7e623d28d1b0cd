"""How the databases of a site are reached from here: directly, or through the stack's bastion."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Literal, Self

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.login import Address, reaches
from mainstay.ops.site import Site
from mainstay.ops.tunnel import Tunnel, find_plugin

Through = Literal["direct", "bastion"]
DIRECT: Final[Through] = "direct"
BASTION: Final[Through] = "bastion"
_GO_INSIDE: Final = "write access.bastion in the spec and deploy, or run this on a machine inside the network"
Look = Callable[[Address], str | None]


class Routes:
    """The ways to one site's databases. `through` None takes the direct way where it leads there, else the bastion.

    `bastion` is the instance id of the stack's bastion, None where it has none. Several threads may dial; the tunnels
    end with a `with` block.
    """

    def __init__(
        self, site: Site, *, bastion: str | None = None, through: Through | None = None, look: Look = reaches
    ) -> None:
        """InputRefused for a bastion that there is none of; EnvironmentLacking without the program that it takes."""
        self._site, self._bastion, self._through, self._look = site, bastion, through, look
        self._tunnels: dict[Address, Tunnel] = {}
        self._direct: set[Address] = set()
        self._used: list[str] = []
        self._lock = threading.Lock()
        if through == BASTION:
            self._require_bastion()

    def _require_bastion(self) -> None:
        if self._site.is_sandbox:
            raise InputRefused(
                "no bastion in the sandbox",
                detail="The sandbox's databases listen on this machine, and nothing stands between.",
                hint="leave --through out",
            )
        if self._bastion is None:
            raise InputRefused(
                "no bastion",
                detail=f"The stack in {self._site.region} has no bastion to go through.",
                hint=_GO_INSIDE,
            )
        find_plugin()

    def dial(self, address: Address) -> Address:
        """Where to open a connection that is to end at this address: itself, or a port of this machine.

        Errors: TargetRefused when no way leads there; EnvironmentLacking without the program that a bastion takes.
        """
        if self._site.is_sandbox or address in self._direct:
            return address
        with self._lock:
            if address not in self._tunnels and self._is_direct(address):
                self._direct.add(address)
                return address
            return self._tunnel(address).local

    def require(self, state: DbState) -> None:
        """TargetRefused for a database that is well and out of reach: its copy would stand in the same place."""
        if state.is_available and state.address is not None and state.port is not None:
            self.dial(Address(state.address, state.port))

    def _is_direct(self, address: Address) -> bool:
        if self._through == BASTION:
            return False
        reason = self._look(address)
        if reason is None:
            return True
        if self._through == DIRECT or self._bastion is None:
            raise TargetRefused(
                "no way to the database",
                detail=f"{address} cannot be reached from here: {reason}.",
                hint=_GO_INSIDE if self._bastion is None else f"leave --through out, to go through {self._bastion}",
            )
        return False

    def _tunnel(self, address: Address) -> Tunnel:
        known = self._tunnels.get(address)
        if known is not None and known.is_open:
            return known
        if known is not None:  # a session that was idle for long ended by itself
            known.close()
            del self._tunnels[address]
        bastion = self._bastion or ""
        self._tunnels[address] = Tunnel(self._site.doors.ssm, self._site.region, bastion, address)
        words = f"through bastion {bastion} in {self._site.region}"
        if words not in self._used:
            self._used.append(words)
        return self._tunnels[address]

    @property
    def ways(self) -> tuple[str, ...]:
        """In words, the ways that were taken beside the direct one."""
        return tuple(self._used)

    def close(self) -> None:
        """End every tunnel."""
        while self._tunnels:
            self._tunnels.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def observed_from(*routes: Routes | None) -> str:
    """This machine, and what its connections went through."""
    ways = dict.fromkeys(way for route in routes if route is not None for way in route.ways)
    return ", ".join([platform.node() or "this machine", *ways])
