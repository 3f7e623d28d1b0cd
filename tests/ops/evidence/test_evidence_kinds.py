"""A chain of every kind of document that is written, and what is named when one of them is tampered with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.ops.evidence.conftest import TIME, content, resealed

from mainstay.core.clock import parse_time
from mainstay.ops import evidence
from mainstay.ops.evidence.document import render
from mainstay.probe.transcript import Query

Path_ = tuple[str | int, ...]
ANSWER: dict[str, Any] = {
    "database": "shop",
    "at": parse_time(TIME),
    "seconds": 0.25,
    "statement": "SELECT 1 ",
    "parameters": "",
}
QUERIES = (
    Query(of="source", kind="session", subject="", **{**ANSWER, "statement": "SET x = %s", "parameters": '["1"]'}),
    Query(of="source", kind="session", subject="", **{**ANSWER, "statement": "SET x = %s", "parameters": '["1"]'}),
    Query(of="source", kind="table", subject="t", rows=1, result="7", hash="sha256:ab", size=2, **ANSWER),
    Query(of="copy", kind="table", subject="t", error="no such table", **ANSWER),
)
CHECK = {"kind": "table", "name": "t", "database": "d", "outcome": "passed", "expected": "1", "observed": "1",
         "started_at": TIME, "seconds": 0.25}  # fmt: skip
ROUTE = {"name": "direct", "address": "here:1", "acknowledged": 5, "failed": 0, "in_doubt": 0, "in_doubt_there": None,
         "lost": 0, "outage_s": 0.1, "first_error_s": 0.1, "first_success_s": 0.2, "errors": {"gone": 1}}  # fmt: skip
ROUND = {"number": 1, "at": TIME, "has_taken_over": True, "is_over": True, "zone_before": "a", "zone_after": None,
         "events": [{"at": TIME, "message": "it failed over"}], "routes": [ROUTE]}  # fmt: skip
OUTAGE = {"fault": "kill", "writers": 1, "seconds": 1.0, "rounds": [ROUND]}
CALL = {"at": TIME, "region": "eu-central-1", "service": "rds", "operation": "ModifyDBInstance", "request_id": "r-1",
        "outcome": "done"}  # fmt: skip
WAY = {"kind": "snapshot", "region": "eu-west-1", "name": "s", "reason": "it was asked for"}
MOVED = {"target": {**content()["target"], "kind": "generation", "time": None}}
KINDS: dict[str, dict[str, Any]] = {
    "drill": {"asked": {"required_level": "P3", "questions": []}},
    "takeover": {"outage": OUTAGE, "target": {**content()["target"], "kind": "standby"}},
    "restore": {"way": WAY},
    "swap": MOVED,
    "undo": MOVED,
    "reconcile": MOVED,
    "discard": {**MOVED, "cleanup": {"deleted": ["shop-old (db-1)"], "left": ["snapshot shop-old-last: manual"]}},
    "failover": {"way": WAY},
}


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """One document of each kind, with every member that is written since."""
    position = {"of": "source", "when": "just before the target", "position": "LSN 0/1", "at": TIME}
    program = {"path": "/usr/bin/postgres", "sha256": "ab" * 32}
    for kind, members in KINDS.items():
        told = content(kind, kind=kind, checks=[CHECK], calls=[CALL], positions=[position], **members)
        told |= {"queries": evidence.queries(QUERIES), "source": {**told["source"], "engine_program": program}}
        evidence.store(tmp_path, told)
    return tmp_path / "evidence"


def document(chain: Path, run: str) -> Path:
    return chain / run / "evidence.json"


def leaves(value: Any, place: Path_ = ()) -> Iterator[Path_]:
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [place_ for name, one in rows for place_ in leaves(one, (*place, name))]
    yield from inner or [place]


def changed(value: Any) -> Any:
    """Another value of the same type, one bit apart where it has bits."""
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return {None: 0}.get(value, 1) if value is None else [0]


def test_every_kind_is_of_the_published_shape_and_replays(chain: Path, schema: dict[str, Any]) -> None:
    replayed = evidence.replay(chain)
    assert replayed.problems == []
    assert [one.kind for one in replayed.documents] == list(KINDS)
    for kind in KINDS:
        jsonschema.validate(evidence.load(document(chain, kind)), schema)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_any_member_is_named(chain: Path, kind: str) -> None:
    path = document(chain, kind)
    whole = path.read_text()
    places = list(leaves(json.loads(whole)))
    assert len(places) > 60
    for place in places:
        altered = json.loads(whole)
        holder = altered
        for name in place[:-1]:
            holder = holder[name]
        holder[place[-1]] = changed(holder[place[-1]])
        path.write_text(render(altered))
        (problem,) = evidence.replay_file(path).problems
        assert (problem.kind, problem.run) == ("altered", kind), place


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_cut_or_signed_by_another_is_named(chain: Path, tmp_path: Path, kind: str) -> None:
    path = document(chain, kind)
    whole, mine = path.read_bytes(), evidence.load(path)
    other = next(name for name in KINDS if name != kind)
    stolen = evidence.load(document(chain, other))["signature"]
    for tampered in (
        whole[: len(whole) // 2],
        whole[:-1],
        b"",
        render({**mine, "signature": stolen}).encode(),
        render(
            {**mine, "signed_by": resealed(mine, evidence.LocalSigner(tmp_path / "k", "eve"))["signed_by"]}
        ).encode(),
    ):
        path.write_bytes(tampered)
        named = [(problem.kind, problem.run) for problem in evidence.replay(chain).problems]
        assert named == [("altered", kind)]
    forged = resealed(mine, evidence.LocalSigner(tmp_path / "other-key", "eve"))
    path.write_text(render(forged))
    named = [(problem.kind, problem.run) for problem in evidence.replay(chain).problems]
    assert ("foreign key", kind) in named or len({run for what, run in named if what == "foreign key"}) == len(
        KINDS
    ) - 1
    path.unlink()
    assert [(one.kind, one.run) for one in evidence.replay(chain).problems] == [("missing", kind)]


@pytest.mark.parametrize("kind", list(KINDS)[:-1])
def test_a_document_taken_out_with_its_line_is_named_and_so_is_one_that_was_moved(chain: Path, kind: str) -> None:
    lines = (chain / "chain.jsonl").read_text().splitlines(keepends=True)
    at = list(KINDS).index(kind)
    (chain / "chain.jsonl").write_text("".join(lines[:at] + lines[at + 1 :]))
    following = list(KINDS)[at + 1]
    named = [(one.kind, one.run) for one in evidence.replay(chain).problems]
    assert {("order", following), ("not chained", kind)} <= set(named)
    (chain / "chain.jsonl").write_text("".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]))
    assert ("order", kind) in [(one.kind, one.run) for one in evidence.replay(chain).problems]


def test_a_tail_that_is_gone_shows_only_by_what_was_told_elsewhere(chain: Path) -> None:
    last = list(KINDS)[-1]
    anchors = {one.run: one.digest for one in evidence.replay(chain).documents}
    lines = (chain / "chain.jsonl").read_text().splitlines(keepends=True)
    (chain / "chain.jsonl").write_text("".join(lines[:-1]))
    document(chain, last).unlink()
    assert evidence.replay(chain).problems == [], "a chain knows what came before, never what comes after"
    (told,) = evidence.replay(chain, anchors=anchors).problems
    assert (told.kind, told.run) == ("cut off", last)
    (expected,) = evidence.replay(chain, expected=[anchors[last]]).problems
    assert expected.kind == "cut off"


def test_a_document_of_version_2_without_the_newer_members_still_verifies(tmp_path: Path) -> None:
    evidence.store(tmp_path, content("run-1"))
    stored = evidence.load(tmp_path / "evidence" / "run-1" / "evidence.json")
    assert not {"queries", "positions"} & set(stored)
    assert evidence.replay(tmp_path).problems == []


def test_a_statement_stands_once_with_every_answer() -> None:
    told = evidence.queries(QUERIES)
    assert told["session"] == [{"statement": "SET x = %s", "parameters": '["1"]'}]
    (asked,) = told["asked"]
    assert (asked["statement"], [answer["of"] for answer in asked["answers"]]) == ("SELECT 1", ["source", "copy"])
    assert [set(answer) & {"result", "hash", "error"} for answer in asked["answers"]] == [{"result", "hash"}, {"error"}]
