"""How the databases of a site are reached from here: directly, by a function in their network, or through the stack's
bastion.
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Literal, Self

from mainstay.core.errors import EnvironmentLacking, InputRefused, MainstayError, TargetRefused
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.login import Address, reaches
from mainstay.ops.site import Site
from mainstay.ops.tunnel import Tunnel, find_plugin
from mainstay.ops.validation_function import ValidationFunction, Whom

Through = Literal["direct", "bastion", "function"]
DIRECT: Final[Through] = "direct"
BASTION: Final[Through] = "bastion"
FUNCTION: Final[Through] = "function"
_GO_INSIDE: Final = "write access.bastion in the spec and deploy, or run this on a machine inside the network"
Look = Callable[[Address], str | None]
FindFunction = Callable[[], ValidationFunction | None]


class Routes:
    """The ways to one site's databases. `through` None takes the direct way where it leads there, else the function
    where the work is small enough for one, else the bastion.

    `bastion` is the instance id of the stack's bastion, None where it has none; `function` finds its validation
    function, for operations that can be done by questions (`ops.distant`). Several threads may dial; the tunnels end
    with a `with` block.
    """

    def __init__(
        self,
        site: Site,
        *,
        bastion: str | None = None,
        function: FindFunction | None = None,
        through: Through | None = None,
        look: Look = reaches,
    ) -> None:
        """InputRefused for a bastion or a function that there is none of; EnvironmentLacking without the program that a
        bastion takes.
        """
        self._site, self._bastion, self._through, self._look = site, bastion, through, look
        self._find, self._function = function, None if through != FUNCTION else self._required(function)
        self._asked: dict[Address, bool] = {}
        self._passed_over, self._was_left = "", False
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

    def _required(self, find: FindFunction | None) -> ValidationFunction:
        function = find() if find else None
        if function is None:
            raise InputRefused(
                "no validation function",
                detail=f"The stack in {self._site.region} has no function that looks at its databases.",
                hint="write validation in the spec and deploy, or go --through bastion",
            )
        return function

    def require(self, state: DbState) -> None:
        """TargetRefused for a database that is well and out of reach: its copy would stand in the same place.

        A function is asked how much there is to do. Errors: as `ValidationFunction.survey`.
        """
        if not state.is_available or state.address is None or state.port is None:
            return
        address = Address(state.address, state.port)
        whom = Whom(engine=state.engine, address=address)
        if self._through == FUNCTION and self._function is not None:
            self._function.survey(whom)
        elif not self._try_function(whom):
            self.dial(address)

    def _try_function(self, whom: Whom) -> bool:
        """Whether the function takes the work, where no direct way leads there and nobody chose another."""
        if self._through is not None or self._find is None or self._site.is_sandbox:
            return False
        if self._look(whom.address) is None:
            self._direct.add(whom.address)
            return False
        try:
            function = self._find()
            if function is not None:
                function.survey(whom)
        except MainstayError as error:
            self._passed_over = f"its function is not asked ({error.summary}: {error.detail})"
            return False
        self._function = function
        return function is not None

    def leave_function(self, why: str) -> bool:
        """Ask the function no more, and open connections through the bastion; whether that is so.

        It is not where somebody chose the way, where there is no bastion, or no program that it takes.
        """
        if self._through is not None or self._bastion is None or self._function is None:
            return False
        try:
            find_plugin()
        except EnvironmentLacking:
            return False
        self._was_left, self._passed_over = True, why
        return True

    def asked_by(self, address: Address) -> ValidationFunction | None:
        """The function that is asked about this address; None where a connection is opened from here."""
        if self._function is None or self._was_left:
            return None
        with self._lock:
            if address not in self._asked:
                is_chosen = self._through == FUNCTION
                self._asked[address] = is_chosen or (self._function.is_fit and self._look(address) is not None)
        return self._function if self._asked[address] else None

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
        """In words, the ways that were taken beside the direct one, and why the function was passed over or left."""
        function = (self._function.words,) if self._function is not None and any(self._asked.values()) else ()
        passed_over = (self._passed_over,) if self._passed_over and self._used else ()
        return (*function, *self._used, *passed_over)

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
