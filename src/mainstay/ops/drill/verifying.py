"""Steps that ask the restored databases: the point, the data, the user's own questions, and a commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.errors import Inconclusive
from mainstay.ops.drill import baseline, silent_group
from mainstay.ops.drill.baseline import Baseline
from mainstay.ops.drill.model import COPY, SOURCE, Of, Outcome
from mainstay.ops.drill.state import Drill
from mainstay.ops.drill.timing import Timings
from mainstay.plan.intent import SqlCheck
from mainstay.probe import catalog, fingerprint, sequences
from mainstay.probe.fingerprint import Exclusion
from mainstay.probe.markers import Marker, MarkerCheck
from mainstay.probe.reading import DatabaseReading
from mainstay.probe.session import DriverError, said, tells_damage
from mainstay.probe.sql_checks import SqlAnswer
from mainstay.probe.transcript import Query, about

# What each state of a table means: a table that moves around the target cannot be decided by its sum.
_TABLE_OUTCOMES: Final[dict[str, Outcome]] = {
    "equal": "passed",
    "differs": "failed",
    "missing": "failed",
    "unexpected": "failed",
    "unreadable": "open",
    "moving": "open",
    "outside": "open",
}


@contextmanager
def _asking(drill: Drill) -> Iterator[None]:
    """The driver's errors that are no answer, such as a lost connection or a timeout, as Inconclusive."""
    try:
        yield
    except DriverError as error:
        if tells_damage(error):
            drill.note_check("table", "what is stored can be read", "failed", "readable", said(error))
        raise Inconclusive(
            "verification was cut short",
            detail=f"{drill.target_id}: {said(error)}",
            hint="run the drill again; raise the statement timeout when it says so",
        ) from error


def verify_point(drill: Drill) -> None:
    """Both sides of the target: every marker committed by then is there, and none that was written later."""
    drill.begin()
    with _asking(drill), drill.restored_database("") as connection:
        target, since = drill.require_target(), _certain_until(drill)
        found = drill.dialect.check_markers(connection, drill.markers, target, since=since)
    drill.marker_check = found
    _note_markers(drill, found)
    drill.reach("t_point_verified")


def _certain_until(drill: Drill) -> datetime | None:
    """Up to when a snapshot must hold everything; a restore to a time does so up to that time."""
    if drill.snapshot is None:
        return drill.certain_until
    return drill.snapshot.holds_until or datetime.min.replace(tzinfo=UTC)  # unknown: nothing can be demanded


def _note_markers(drill: Drill, found: MarkerCheck) -> None:
    here = drill.home
    before = f"{found.demanded} present"
    seen = f"{found.demanded - len(found.missing)} present" + _named("missing", found.missing)
    drill.note_check(
        "marker", "markers before the target", _sided(found.demanded, found.missing), before, seen, database=here
    )
    after = f"{found.forbidden} absent"
    unseen = f"{found.forbidden - len(found.too_new)} absent" + _named("present", found.too_new)
    drill.note_check(
        "marker", "markers after the target", _sided(found.forbidden, found.too_new), after, unseen, database=here
    )
    if found.error:
        drill.note_check("marker", "canary", "failed", "markers up to the target", found.error, database=here)


def _sided(count: int, wrong: tuple[Marker, ...]) -> Outcome:
    if wrong:
        return "failed"
    return "passed" if count else "open"


def _named(word: str, wrong: tuple[Marker, ...]) -> str:
    if not wrong:
        return ""
    first = ", ".join(f"{marker.id} of {render_time(marker.written_at)}" for marker in wrong[:3])
    return f"; {word}: {first}" + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")


def verify_data(drill: Drill) -> None:
    """Every database against what the source held: tables, sequences, catalog. One read of the data."""
    timeout_s = float(drill.request.statement_timeout)
    with _asking(drill):
        found = baseline.read(
            drill.dialect, drill.restored_database, timeout_s=timeout_s, most=baseline.FULL, is_still=True
        )
    drill.data, drill.data_databases = found, tuple(found)
    drill.exclusions += silent_group.exclusions(drill)
    for name, reading in found.items():
        _list_exclusions(drill, name, reading.fingerprints.excluded)
        _check_tables(drill, name, timeout_s)
    if drill.baseline is None:
        drill.note_check("table", "every table", "open", "a reading of the source around the target", "nobody took one")
        _verify_alone(drill, found)
    else:
        _verify_against(drill, drill.baseline, found)
    drill.reach("t_data_verified")


def _list_exclusions(drill: Drill, database: str, excluded: tuple[Exclusion, ...]) -> None:
    drill.exclusions += [(database, exclusion.subject, exclusion.reason) for exclusion in excluded]


def _check_tables(drill: Drill, name: str, timeout_s: float) -> None:
    """What the server finds when it goes through the copy's own pages and indexes, where it has such a statement."""
    drill.begin()
    with _asking(drill), drill.restored_database(name) as connection:
        checks = list(drill.dialect.check_tables(connection, timeout_s))
    damaged = [check for check in checks if not check.is_sound]
    drill.exclusions += [(name, check.table, check.words) for check in checks if not check.is_checked]
    checks = [check for check in checks if check.is_checked]
    for check in damaged:
        drill.note_check("catalog", f"{check.table} is sound", "failed", "OK", check.words, database=name)
    if checks and not damaged:
        what = "every page is sound"
        drill.note_check("catalog", what, "passed", "OK", f"{len(checks)} gone through", database=name)


def _verify_alone(drill: Drill, found: baseline.Reading) -> None:
    """Without a baseline only what contradicts itself can be seen."""
    for name, reading in found.items():
        for table in reading.fingerprints.tables:
            if table.error:
                drill.note_check("table", table.table, "failed", "readable", table.error, database=name)
        _verify_sequences(drill, name, (), reading)
        _verify_indexes(drill, name, reading)


def _verify_against(drill: Drill, source: Baseline, found: baseline.Reading) -> None:
    last = source.before if source.after is None else source.after
    for name in sorted({*source.before, *found}):
        before, after, restored = source.before.get(name), last.get(name), found.get(name)
        if before is None or after is None:
            drill.note_check("catalog", "database", "open", "known at the source", "not seen there", database=name)
        elif restored is None:
            drill.note_check("catalog", "database", "failed", "a database", "no such database", database=name)
        else:
            _verify_database(drill, name, before, None if source.after is None else after, restored)


def _verify_database(
    drill: Drill, name: str, before: DatabaseReading, after: DatabaseReading | None, restored: DatabaseReading
) -> None:
    timings = Timings.of(drill.queries, name)
    compared = fingerprint.compare(before.fingerprints, after.fingerprints if after else None, restored.fingerprints)
    for table in compared:
        outcome = _TABLE_OUTCOMES[table.state]
        timing = timings.find("table", table.table)
        drill.note_check("table", table.table, outcome, table.expected, table.observed, database=name, timing=timing)
    _verify_sequences(drill, name, before.sequences, restored)
    _verify_catalog(drill, name, before, after, restored)


def _verify_sequences(
    drill: Drill, name: str, expected: tuple[sequences.Sequence, ...], restored: DatabaseReading
) -> None:
    timings = Timings.of(drill.queries, name)
    for row in sequences.compare(expected, restored.sequences):
        observed = f"{row.observed}, {row.problem}" if row.problem else row.observed
        outcome: Outcome = "passed" if row.has_passed else "failed"
        timing = timings.find("sequence", row.name)
        drill.note_check("sequence", row.name, outcome, row.expected, observed, database=name, timing=timing)


def _verify_catalog(
    drill: Drill, name: str, before: DatabaseReading, after: DatabaseReading | None, restored: DatabaseReading
) -> None:
    timings = Timings.of(drill.queries, name)
    found = catalog.compare(before.catalog, after.catalog if after else None, restored.catalog)
    meant = silent_group.silent_parameters(drill)  # listed among the exclusions
    differences = [row for row in found if not (row.section == "settings" and row.name in meant)]
    for row in differences:
        outcome: Outcome = "failed" if row.accuses else "noted"
        drill.note_check(
            "catalog",
            f"{row.section}: {row.name} is {row.state}",
            outcome,
            row.expected,
            row.observed,
            database=name,
            timing=timings.find("catalog", row.section),
        )
    for section in before.catalog.sections:
        count = len(restored.catalog.sections[section]) - sum(row.section == section for row in found)
        if not any(row.section == section for row in differences):
            timing = timings.find("catalog", section)
            seen = f"{count} equal"
            drill.note_check("catalog", section, "passed", "as at the source", seen, database=name, timing=timing)
    if not before.catalog.invalid_indexes:
        _verify_indexes(drill, name, restored)


def _verify_indexes(drill: Drill, name: str, restored: DatabaseReading) -> None:
    for index in restored.catalog.invalid_indexes:
        drill.note_check("catalog", f"index {index}", "failed", "valid", "invalid", database=name)


def ask_questions(drill: Drill) -> None:
    """The user's own SQL; an error is a failed check. What the living source answers just so accuses no backup."""
    for check in drill.request.checks:
        drill.begin()
        database = check.database or drill.home
        answer = _ask(drill, check, COPY)
        expected = "an answer" if check.expected_rows is None else f"{check.expected_rows} rows"
        expected += f", {check.expected_hash}" if check.expected_hash else ""
        hashed = f", {answer.hash}" if answer.hash else ""
        observed = answer.error or f"{answer.rows} rows{hashed}" + (f": {answer.first_row}" if answer.first_row else "")
        outcome: Outcome = "passed" if answer.has_passed else "failed"
        if outcome == "failed" and _is_so_at_source(drill, check, answer):
            outcome, observed = "open", f"{observed} (the source answers the same)"
        drill.note_check("sql", f"{check.name}: {check.statement}", outcome, expected, observed, database=database)


def _ask(drill: Drill, check: SqlCheck, of: Of) -> SqlAnswer:
    open_database, database = drill.source_database if of == SOURCE else drill.restored_database, check.database
    at, start = drill.clock.now(), drill.clock.monotonic()
    with _asking(drill), about("sql", check.name), open_database(database or drill.home) as connection:
        answer = drill.dialect.ask(
            connection,
            name=check.name,
            statement=check.statement,
            expected_rows=check.expected_rows,
            expected_hash=check.expected_hash,
            timeout_s=float(check.timeout),
        )
    drill.queries.append(
        Query(
            of=of,
            database=database or drill.home,
            kind="sql",
            subject=check.name,
            statement=check.statement,
            parameters="",
            at=at,
            seconds=round(drill.clock.monotonic() - start, 6),
            rows=answer.rows,
            hash=answer.hash,
            error=answer.error,
        )
    )
    return answer


def _is_so_at_source(drill: Drill, check: SqlCheck, answer: SqlAnswer) -> bool:
    """Whether the source fails the check in the same way; only the latest time can be compared with it."""
    if drill.request.kind != "latest":
        return False
    there = _ask(drill, check, SOURCE)
    return (there.rows, there.error, there.hash) == (answer.rows, answer.error, answer.hash)


def use_it(drill: Drill) -> None:
    """A commit in the restored copy, which nobody will miss: a database that only reads is not recovered."""
    drill.begin()
    with _asking(drill), drill.restored_database("") as connection:
        drill.dialect.create_canary(connection)
        written = drill.dialect.write_marker(connection, drill.run.id)
    drill.has_been_written = True
    observed = f"committed at {render_time(written.committed_by)}"
    drill.note_check("usable", "it takes a commit", "passed", "a commit", observed, database=drill.home)
