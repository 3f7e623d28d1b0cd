"""Checks that the database itself answers, over TLS with the login that the stack generated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final

from mainstay.core.errors import Inconclusive, TargetRefused
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.login import Address, connected, plain_refusal
from mainstay.ops.verify.model import Mark, Outcome, Scene, failed, gravest, judged, passed, unobserved
from mainstay.ops.wait import wait_for
from mainstay.plan.resources import DbInstance, ParameterGroup
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.server import Setting
from mainstay.probe.session import Connection

# A replica that is healthy has replayed a message within a second; RDS alarms at a minute in our blueprints.
_REPLAY_S: Final = 60.0
_PACE_S: Final = 1.0
_ON: Final = frozenset({"on", "1", "true", "yes"})
_OFF: Final = frozenset({"off", "0", "false", "no"})


def _each_primary(scene: Scene, ask: Callable[[DbInstance, DbState, Login], Outcome]) -> Outcome:
    """The gravest outcome over all primaries that can be talked to."""
    outcomes = []
    for primary in scene.primaries:
        state = scene.state(primary.key)
        if state is None:
            outcomes.append(failed(f"{primary.key} does not exist.", "deploy again"))
            continue
        closed = scene.unreachable(state)
        login = None if closed else scene.login(primary)
        if closed is not None:
            outcomes.append(closed)
        elif login is None:
            outcomes.append(unobserved(f"The plan names no secret with the login of {state.identifier}."))
        else:
            outcomes.append(ask(primary, state, login))
    return gravest(outcomes) if outcomes else passed("There is no database.")


def _open(scene: Scene, state: DbState, login: Login) -> AbstractContextManager[Connection]:
    address = Address(state.address or "", state.port or 0)
    dialled = scene.routes.dial(address)
    return connected(login, address, scene.site.ca_bundle, engine=state.engine, dialled=dialled)


def _force_tls(state: DbState) -> str:
    return f"set {DIALECTS[state.engine].force_tls} to 1"


def login_works(scene: Scene) -> Outcome:
    """The generated login is let in, and the server's certificate is for its address."""

    def ask(_: DbInstance, state: DbState, login: Login) -> Outcome:
        try:
            with _open(scene, state, login) as connection:
                tls = DIALECTS[state.engine].tls_version(connection)
        except TargetRefused as error:
            return failed(error.detail, error.hint)
        if tls is None:
            return failed(f"{state.identifier} let {login.username} in without TLS.", _force_tls(state))
        return passed(f"{login.username} logs in to {state.identifier} over {tls}, certificate verified.")

    return _each_primary(scene, ask)


def plain_is_refused(scene: Scene) -> Outcome:
    """Nobody gets in without TLS, not even with the right password."""

    def ask(_: DbInstance, state: DbState, login: Login) -> Outcome:
        address = Address(state.address or "", state.port or 0)
        reason = plain_refusal(login, address, engine=state.engine, dialled=scene.routes.dial(address))
        if reason is None:
            return failed(f"{state.identifier} lets {login.username} in without TLS.", _force_tls(state))
        if not any(word in reason for word in DIALECTS[state.engine].for_lack_of_tls):
            return unobserved(f"{state.identifier} refuses it, but for another reason: {reason}")
        # The words may be those of a wrong password, too: only what is let in over TLS is refused for its lack.
        with _open(scene, state, login):
            pass
        return passed(f"{state.identifier} refuses it: {reason}")

    return _each_primary(scene, ask)


def parameters_are_in_force(scene: Scene) -> Outcome:
    """The server runs what the plan says, or what this site says becomes of it."""

    def ask(primary: DbInstance, state: DbState, login: Login) -> Outcome:
        group = scene.region.resolve(primary.parameter_group, ParameterGroup)
        planned = {name: value for name, value in (group.parameters if group else {}).items() if isinstance(value, str)}
        expected = scene.site.in_force(planned, state)
        with _open(scene, state, login) as connection:
            seen = DIALECTS[state.engine].settings(connection, expected)
        asked = {name: value for name, value in expected.items() if value is not None}
        faults = list(_setting_faults(state.identifier, asked, seen))
        left = sorted(name for name, value in expected.items() if value is None)
        listed = f" Not compared: {', '.join(left)}." if left else ""
        return judged(faults, f"{len(asked)} parameters of {state.identifier} are in force.{listed}", "restart it")

    return _each_primary(scene, ask)


def _setting_faults(name: str, asked: Mapping[str, str], seen: Mapping[str, Setting]) -> Iterator[str]:
    for parameter, value in asked.items():
        if parameter not in seen:
            yield f"{name} has no parameter {parameter}."
        elif not same_setting(parameter, value, seen[parameter].value):
            yield f"{name}: {parameter} is {seen[parameter].value}, expected {value}."
        elif seen[parameter].is_pending:
            yield f"{name}: {parameter} waits for a restart."


def same_setting(parameter: str, expected: str, seen: str) -> bool:
    """Whether two spellings are one value: numbers by size, switches by sense, libraries as at least those."""
    if parameter.endswith("_libraries"):
        return _parts(expected) <= _parts(seen)
    want, have = expected.strip().lower(), seen.strip().lower()
    if want == have or (want in _ON and have in _ON) or (want in _OFF and have in _OFF):
        return True
    try:
        return float(want) == float(have)
    except ValueError:
        return False


def _parts(text: str) -> set[str]:
    return {part.strip() for part in text.split(",") if part.strip()}


def replication_streams(scene: Scene) -> Outcome:
    """The primary sends to every replica."""

    def ask(primary: DbInstance, state: DbState, login: Login) -> Outcome:
        wanted = len(scene.replicas_of(primary))
        if not wanted:
            return passed(f"{state.identifier} is planned without replicas.")
        with _open(scene, state, login) as connection:
            seen = DIALECTS[state.engine].streams(connection)
        if seen is None:
            return unobserved(f"{login.username} may not see the replication of {state.identifier}.")
        streaming = [f"{stream.name} ({stream.kind})" for stream in seen if stream.is_streaming]
        if len(streaming) < wanted:
            hint = "look at the replicas' status and events"
            return failed(f"{state.identifier} streams to {len(streaming)} servers, planned {wanted}.", hint)
        return passed(f"{state.identifier} streams to {', '.join(streaming)}.")

    return _each_primary(scene, ask)


def replicas_follow(scene: Scene) -> Outcome:
    """What is in the log of the primary arrives on every replica, and none of them takes writes."""

    def ask(primary: DbInstance, state: DbState, login: Login) -> Outcome:
        replicas = scene.replicas_of(primary)
        if not replicas:
            return passed(f"{state.identifier} is planned without replicas.")
        with _open(scene, state, login) as connection:
            place = DIALECTS[state.engine].mark(connection)
        outcomes = [_follows(scene, replica, login, place) for replica in replicas]
        worst = gravest(outcomes)
        return worst if worst.mark is not Mark.PASS else passed(" ".join(outcome.sentence for outcome in outcomes))

    return _each_primary(scene, ask)


def _follows(scene: Scene, replica: DbInstance, login: Login, place: str) -> Outcome:
    state = scene.state(replica.key)
    if state is None:
        return failed(f"{replica.key} does not exist.", "deploy again")
    closed = scene.unreachable(state)
    if closed is not None:
        return closed
    with _open(scene, state, login) as connection:
        try:
            found = wait_for(
                lambda: DIALECTS[state.engine].standing(connection, place),
                lambda seen: seen.has_reached or not seen.is_read_only,
                message=f"waiting for {state.identifier} to replay {place}",
                deadline_s=_REPLAY_S,
                pace_s=scene.site.pace(_PACE_S),
                progress=scene.progress,
                clock=scene.clock,
            )
        except Inconclusive:
            return failed(f"{state.identifier} has not replayed {place} in {_REPLAY_S:.0f} s.", "look at its events")
    if not found.is_read_only:
        return failed(f"{state.identifier} takes writes: it is no replica any more.", "somebody promoted it")
    return passed(f"{state.identifier} has replayed {place} and takes no writes.")
