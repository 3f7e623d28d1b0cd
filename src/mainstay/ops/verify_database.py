"""Checks that the database itself answers, over TLS with the login that the stack generated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final

from mainstay.core.errors import Inconclusive, TargetRefused
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.login import Address, Connection, connected, plain_refusal
from mainstay.ops.verification import Mark, Outcome, Scene, failed, gravest, judged, passed, unobserved
from mainstay.ops.wait import wait_for
from mainstay.plan.resources import DbInstance, ParameterGroup

# A replica that is healthy has replayed a message within a second; RDS alarms at a minute in our blueprints.
_REPLAY_S: Final = 60.0
_PACE_S: Final = 1.0
_ON: Final = frozenset({"on", "1", "true", "yes"})
_OFF: Final = frozenset({"off", "0", "false", "no"})

# How PostgreSQL says that it is the missing TLS: 17 was seen to say `no encryption` (2026-11-21), 13 says `SSL off`.
_FOR_LACK_OF_TLS: Final = ("no encryption", "SSL off")
_TLS: Final = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
_SETTINGS: Final = "SELECT name, setting, pending_restart FROM pg_settings WHERE name = ANY(%s)"
_STREAMS: Final = "SELECT coalesce(application_name, ''), state, sync_state FROM pg_stat_replication"
# A transactional message: it passes through the log to every replica, and no table changes
# (PostgreSQL 17, functions-admin, pg_logical_emit_message; seen to do so 2026-11-21).
_MARK: Final = "SELECT pg_logical_emit_message(true, 'mainstay', 'verify')"
_MARKED: Final = "SELECT pg_current_wal_flush_lsn()::text"
_FOLLOWS: Final = (
    "SELECT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'on',"
    " coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
)


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
    return connected(login, Address(state.address or "", state.port or 0), scene.site.ca_bundle)


def login_works(scene: Scene) -> Outcome:
    """The generated login is let in, and the server's certificate is for its address."""

    def ask(_: DbInstance, state: DbState, login: Login) -> Outcome:
        try:
            with _open(scene, state, login) as connection:
                row = connection.execute(_TLS).fetchone()
        except TargetRefused as error:
            return failed(error.detail, error.hint)
        if row is None:
            return failed(f"{state.identifier} let {login.username} in without TLS.", "set rds.force_ssl to 1")
        return passed(f"{login.username} logs in to {state.identifier} over {row[0]}, certificate verified.")

    return _each_primary(scene, ask)


def plain_is_refused(scene: Scene) -> Outcome:
    """Nobody gets in without TLS, not even with the right password."""

    def ask(_: DbInstance, state: DbState, login: Login) -> Outcome:
        reason = plain_refusal(login, Address(state.address or "", state.port or 0))
        if reason is None:
            return failed(f"{state.identifier} lets {login.username} in without TLS.", "set rds.force_ssl to 1")
        if not any(word in reason for word in _FOR_LACK_OF_TLS):
            return unobserved(f"{state.identifier} refuses it, but for another reason: {reason}")
        return passed(f"{state.identifier} refuses it: {reason}")

    return _each_primary(scene, ask)


def parameters_are_in_force(scene: Scene) -> Outcome:
    """The server runs what the plan says, or what this site says becomes of it."""

    def ask(primary: DbInstance, state: DbState, login: Login) -> Outcome:
        group = scene.region.resolve(primary.parameter_group, ParameterGroup)
        planned = {name: value for name, value in (group.parameters if group else {}).items() if isinstance(value, str)}
        expected = scene.site.in_force(planned, state)
        with _open(scene, state, login) as connection:
            rows = connection.execute(_SETTINGS, (list(expected),)).fetchall()
        seen = {name: (setting, pending) for name, setting, pending in rows}
        asked = {name: value for name, value in expected.items() if value is not None}
        faults = list(_setting_faults(state.identifier, asked, seen))
        left = sorted(name for name, value in expected.items() if value is None)
        listed = f" Not compared: {', '.join(left)}." if left else ""
        return judged(faults, f"{len(asked)} parameters of {state.identifier} are in force.{listed}", "restart it")

    return _each_primary(scene, ask)


def _setting_faults(name: str, asked: Mapping[str, str], seen: Mapping[str, tuple[str, bool]]) -> Iterator[str]:
    for parameter, value in asked.items():
        if parameter not in seen:
            yield f"{name} has no parameter {parameter}."
        elif not same_setting(parameter, value, seen[parameter][0]):
            yield f"{name}: {parameter} is {seen[parameter][0]}, expected {value}."
        elif seen[parameter][1]:
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
            rows = connection.execute(_STREAMS).fetchall()
        if rows and all(row[1] is None for row in rows):
            return unobserved(f"{login.username} may not see the replication of {state.identifier}.")
        streaming = [f"{name} ({sync})" for name, status, sync in rows if status == "streaming"]
        if len(streaming) < wanted:
            hint = "look at the replicas' status and events"
            return failed(f"{state.identifier} streams to {len(streaming)} servers, planned {wanted}.", hint)
        return passed(f"{state.identifier} streams to {', '.join(streaming)}.")

    return _each_primary(scene, ask)


def replicas_follow(scene: Scene) -> Outcome:
    """A message that is written on the primary arrives on every replica, and none of them takes writes."""

    def ask(primary: DbInstance, state: DbState, login: Login) -> Outcome:
        replicas = scene.replicas_of(primary)
        if not replicas:
            return passed(f"{state.identifier} is planned without replicas.")
        with _open(scene, state, login) as connection:
            connection.execute(_MARK)
            row = connection.execute(_MARKED).fetchone()
        place = str(row[0]) if row else "0/0"
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

        def look() -> tuple[bool, bool]:
            row = connection.execute(_FOLLOWS, (place,)).fetchone()
            return (bool(row[0]), bool(row[1])) if row else (False, False)

        try:
            is_read_only, _ = wait_for(
                look,
                lambda seen: seen[1] or not seen[0],
                message=f"waiting for {state.identifier} to replay {place}",
                deadline_s=_REPLAY_S,
                pace_s=scene.site.pace(_PACE_S),
                progress=scene.progress,
                clock=scene.clock,
            )
        except Inconclusive:
            return failed(f"{state.identifier} has not replayed {place} in {_REPLAY_S:.0f} s.", "look at its events")
    if not is_read_only:
        return failed(f"{state.identifier} takes writes: it is no replica any more.", "somebody promoted it")
    return passed(f"{state.identifier} has replayed {place} and takes no writes.")
