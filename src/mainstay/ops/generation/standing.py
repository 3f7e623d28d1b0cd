"""Two generations of a database by their resource ids, and what clients reach them by: names, a secret, proxies.

Each move looks at how things stand before it does anything, so that it can be repeated after any interruption.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mainstay.core.clock import Clock
from mainstay.core.errors import NotFound
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.instances import change_instance, wait_available
from mainstay.ops.journal import Run
from mainstay.ops.login import Address, connect
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.wait import wait_for
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.session import Connection, DriverError

_DEADLINE_S: Final = 3600.0
_PACE_S: Final = 15.0
# A marker's number, and when it was written: another generation may have one of the same number.
Marked = tuple[int, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a move works, and what it writes to."""

    site: Site
    run: Run
    progress: Progress
    clock: Clock
    routes: Routes | None = None

    def open(self, login: Login, address: Address, engine: str, database: str | None) -> Connection:
        """A connection over verified TLS, by whatever way leads there."""
        dialled = self.routes.dial(address) if self.routes else None
        return connect(login, address, self.site.ca_bundle, database=database, engine=engine, dialled=dialled)

    def find(self, resource_id: str) -> DbState:
        """A generation under whatever name it bears now; NotFound when it is gone."""
        state = self.site.doors.rds.find_by_resource(resource_id)
        if state is None:
            raise NotFound(
                "a generation is gone",
                detail=f"There is no instance {resource_id} in {self.site.region} any more.",
                hint="see what became of it: mainstay status",
            )
        return state

    def rename(self, resource_id: str, name: str) -> DbState:
        """Have a generation bear a name, and wait until it is available under it."""
        state = self.find(resource_id)
        if state.identifier != name and state.pending.get("DBInstanceIdentifier") != name:
            wait_available(
                self.site, state.identifier, deadline_s=_DEADLINE_S, progress=self.progress, clock=self.clock
            )
            with self.run.acting("rds:ModifyDBInstance", target=state.identifier, resource_id=resource_id, name=name):
                self.site.doors.rds.rename(state.identifier, name)

        def bears(seen: DbState | None) -> bool:
            return seen is not None and seen.identifier == name and seen.is_available and not seen.pending

        found = wait_for(
            lambda: self.site.doors.rds.find_by_resource(resource_id),
            bears,
            message=lambda seen: f"{seen.identifier} becomes {name}, {seen.status}" if seen else f"{name} is not seen",
            deadline_s=_DEADLINE_S,
            pace_s=self.site.pace(_PACE_S),
            progress=self.progress,
            clock=self.clock,
            holds=2,
        )
        self.progress.note(f"{resource_id} is {name} now")
        return found or self.find(resource_id)

    def give_login(self, resource_id: str, login: Login) -> DbState:
        """Have a generation take the login that clients use."""
        state = self.find(resource_id)
        return change_instance(
            self.site,
            self.run,
            state.identifier,
            "master password",
            lambda: self.site.doors.rds.set_password(state.identifier, login.password),
            deadline_s=_DEADLINE_S,
            progress=self.progress,
            clock=self.clock,
        )

    def point_secret(self, secret: str, resource_id: str) -> None:
        """Have the secret lead to a generation, by a new version of it."""
        state = self.find(resource_id)
        if state.address is None or state.port is None:
            raise NotFound("no endpoint", detail=f"{state.identifier} is {state.status} and has no address.")
        with self.run.acting("secretsmanager:PutSecretValue", secret=secret, target=state.identifier):
            self.site.doors.secrets.point_login(
                secret, host=state.address, port=state.port, identifier=state.identifier
            )

    def move_proxy(self, proxy: str, *, away_from: str, to: str) -> None:
        """Have a proxy send its clients to the generation `to`; both are resource ids."""
        doors, leaving, coming = self.site.doors.proxies, self.find(away_from).identifier, self.find(to).identifier
        held = doors.targets(proxy)
        if coming not in held:
            if leaving in held:
                with self.run.acting("rds:DeregisterDBProxyTargets", proxy=proxy, target=leaving):
                    doors.deregister(proxy, leaving)
            with self.run.acting("rds:RegisterDBProxyTargets", proxy=proxy, target=coming):
                doors.register(proxy, coming)
        wait_for(
            lambda: doors.find(proxy),
            lambda seen: seen is not None and any(one.is_available for one in seen.targets),
            message=f"{proxy} does not reach {coming} yet",
            deadline_s=_DEADLINE_S,
            pace_s=self.site.pace(_PACE_S),
            progress=self.progress,
            clock=self.clock,
        )

    def shows(self, login: Login, address: Address, engine: str, database: str | None, marker: Marked) -> bool:
        """Whether who comes to this address finds a marker: the generation in which it was written answers."""
        try:
            with self.open(login, address, engine, database) as connection:
                found = DIALECTS[engine].read_markers(connection)
                return marker in {(one.id, one.written_at) for one in found}
        except DriverError:
            return False
