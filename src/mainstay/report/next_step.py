"""What to do after a run that is not PROVEN: the first level that was not shown, and the step that leads on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.report.moved import ACCOUNTS

Evidence = Mapping[str, Any]  # Any: JSON of docs/evidence.schema.json

_LOOK_AT_DATA: Final = (
    "Look at what failed in the source, too; where the number of rows is the same and the sum is not, rows were "
    "changed. Then drill to another point (mainstay drill --to random), and from a snapshot of today "
    "(mainstay drill --snapshot NAME): that tells whether this point is wrong, or every one. Until then count on none."
)
# By the kind of what failed, the gravest first.
_ACCUSED: Final[Mapping[str, str]] = {
    "instance": "See what RDS tells of the restore, and drill to another point (mainstay drill --to random). Take a "
    "snapshot of the database now, and drill from it (mainstay drill --snapshot NAME): until something is PROVEN, "
    "nothing shows that this database can be brought back.",
    "marker": "The copy is not where it was asked to be. Drill to another point (mainstay drill --to random), and take "
    "a snapshot of the database now: the log that leads to this point is not to be counted on.",
    "table": _LOOK_AT_DATA,
    "sequence": _LOOK_AT_DATA,
    "catalog": _LOOK_AT_DATA,
    "sql": "Ask the same question of the source. If it answers as the copy did, the question or the data are wrong, "
    "and not the backup: correct drill.checks in the spec, or the data.",
    "usable": "The copy took no commit. See its log and its settings, and drill again.",
    "objective": "The data are right, and recovery takes longer than was promised. Promise what holds (objectives in "
    "the spec), or choose a faster way: mainstay plan --why tells what each takes.",
}
_OTHERWISE: Final = "Read what failed below, put it right, and run the same command again."
_STOPPED: Final = "Put right what stopped it{where}, and run the same command again."
# By the first level that was not shown.
_SHORT: Final[Mapping[str, str]] = {
    "P0": "Have backups kept (protection.backups.keep in the spec), and deploy.",
    "P1": "See why the latest restorable time stands still: the log is not archived, or a clock is wrong.",
    "P2": "See why nobody could log in: mainstay verify looks at the same ways.",
    "P3": "Markers on both sides of the target are what tells the point; the heartbeat writes them every minute. See "
    "that it does (mainstay status), and drill again.",
    "P4": "Run the same command again; where the source cannot be compared with, drill to the latest time.",
    "P5": "Write questions of your own into drill.checks of the spec.",
    "P6": "Drill in the second region: mainstay drill --from-region REGION.",
}
_REAP: Final = "Something is left: mainstay drill --reap deletes what a journal proves to be a drill's."
_STANDS: Final = "{name} stands. Look at it before anybody writes to it, or delete it."
_TAKEOVER: Final[Mapping[str, str]] = {
    "DISPROVEN": "See which writes are named below, and whether commits wait for the standby, before you count on it.",
    "INCONCLUSIVE": "See that the database is whole (mainstay status), and run the same command again.",
}


def next_steps(evidence: Evidence) -> tuple[str, ...]:
    """Sentences, what matters most first; none for a run that is PROVEN."""
    word, kind = evidence["verdict"]["word"], evidence.get("kind", "drill")
    if word == "PROVEN":
        return ()
    if kind in ACCOUNTS:
        return (ACCOUNTS[kind].onwards[word],)
    if kind == "takeover":
        return (_TAKEOVER[word],)
    if kind != "drill":
        return (_STANDS.format(name=evidence["target"]["identifier"]),)
    first = _accused(evidence) if word == "DISPROVEN" else _undecided(evidence)
    return (first, _REAP) if evidence["cleanup"]["left"] else (first,)


def not_shown(evidence: Evidence) -> str:
    """The first proof level that was not shown, and why; empty where the run is PROVEN, or has no levels."""
    if evidence["verdict"]["word"] == "PROVEN":
        return ""
    level = _first_unshown(evidence)
    return f"{level['level']}, {level['title'][:1].lower()}{level['title'][1:]}: {level['why']}" if level else ""


def _accused(evidence: Evidence) -> str:
    failed = {check["kind"] for check in evidence["checks"] if check["outcome"] == "failed"}
    return next((text for kind, text in _ACCUSED.items() if kind in failed), _OTHERWISE)


def _undecided(evidence: Evidence) -> str:
    """Why it ended without a contradiction and without a proof: it was stopped, or saw too little."""
    stopped = [step for step in evidence["steps"] if step["outcome"] == "failed"]
    level = _first_unshown(evidence)
    if stopped or level is None:
        return _STOPPED.format(where=f" in step {stopped[0]['number']}, {stopped[0]['name']}" if stopped else "")
    return _SHORT[level["level"]]


def _first_unshown(evidence: Evidence) -> Mapping[str, Any] | None:
    return next((level for level in evidence["verdict"]["levels"] if not level["is_shown"]), None)
