from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mainstay.report.page import drill_page
from mainstay.report.questions import questions
from mainstay.report.timeline import timeline

HOSTILE = "<script>alert(1)</script>\"' onload='x"


class Page(HTMLParser):
    """What a browser would see: tags in order, and whether they nest."""

    VOID = frozenset({"meta", "br", "line", "rect", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {key: replaced(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, old, new) for inner in value]
    return value.replace(old, new) if isinstance(value, str) else value


def test_the_page_is_whole_and_refers_to_nothing_outside(evidence: dict[str, Any]) -> None:
    text = drill_page(evidence)
    page = Page(text)
    assert page.open == []
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & {"src", "href", "xlink:href", "onclick"}
    assert not re.search(r"url\(|@import|https?://", text)
    assert {tag for tag, _ in page.tags} >= {"svg", "table", "main", "h1"}
    assert not any(tag in {"script", "link", "iframe", "img"} for tag, _ in page.tags)


def test_it_says_what_matters(evidence: dict[str, Any]) -> None:
    page = Page(drill_page(evidence))
    for words in ("PROVEN", "sandbox", "shop-dev-database", "3.3 s", "promised 15 min", "31 ms", "ada@workbench",
                  "unlogged: recovery empties it", "claims P4", "just before the disaster",
                  evidence["digest"]):  # fmt: skip
        assert words in page.text
    assert "says nothing about AWS" in page.text
    assert "✓ shown" in page.text
    assert "– not shown" in page.text


def test_every_figure_is_described_for_those_who_do_not_see_it(evidence: dict[str, Any]) -> None:
    text = drill_page(evidence)
    page = Page(text)
    figures = [attributes for tag, attributes in page.tags if tag == "svg"]
    ids = {attributes.get("id") for _, attributes in page.tags}
    assert len(figures) == 3
    assert all(set((figure["aria-labelledby"] or "").split()) <= ids for figure in figures)
    assert "Restored, available 1.9 s" in page.text
    assert "first absent at 14:05:00.455 (+43 ms)" in page.text


def test_hostile_names_are_only_text(evidence: dict[str, Any]) -> None:
    evil = replaced(evidence, "shop", HOSTILE)
    evil["findings"] = [{"id": HOSTILE, "summary": HOSTILE, "detail": HOSTILE, "severity": HOSTILE}]
    evil["verdict"]["reasons"] = [HOSTILE]
    evil["phases"][0]["title"] = evil["points"][0]["title"] = HOSTILE
    page = Page(drill_page(evil))
    assert not any(tag == "script" or "onload" in attributes for tag, attributes in page.tags)
    assert HOSTILE in page.text


def test_a_disproven_drill_shows_the_contradiction_first(evidence: dict[str, Any]) -> None:
    evidence["verdict"] |= {"word": "DISPROVEN", "level": "P3", "reasons": ["orders differ"]}
    evidence["checks"][4]["outcome"] = "failed"
    evidence["rto"]["objective_s"] = 3
    evidence["cleanup"]["left"] = ["leaked-one"]
    evidence["label"] = "aws"
    page = Page(drill_page(evidence))
    assert "contradicts what was promised" in page.text
    assert page.text.index('"public"."customers"') < page.text.index('"public"."orders"')
    assert "✗ missed" in page.text
    assert "1 failed, 1 passed" in page.text
    assert "leaked-one" in page.text
    assert "says nothing about AWS" not in page.text
    assert "dashed line is the objective" in page.text


def test_what_failed_stands_before_what_passed_and_figures_of_a_wrong_copy_say_so(evidence: dict[str, Any]) -> None:
    assert "of a copy that is not what it should be" not in Page(drill_page(evidence)).text
    evidence["verdict"] |= {"word": "DISPROVEN", "level": "P3", "reasons": ["orders differ"]}
    evidence["checks"][4]["outcome"] = "failed"
    evidence["checks"][6]["outcome"] = "open"
    text = Page(drill_page(evidence)).text
    titles = (
        "Tables: rows and content",
        "Catalog: structure and settings",
        "The restored instance",
        "Markers: the exact",
    )
    assert sorted(titles, key=text.index) == list(titles)
    assert text.count("of a copy that is not what it should be") == 2
    failed = re.findall(
        r'class="mark failed"[^>]* width="([0-9.]+)"', drill_page(evidence | {"checks": dated(evidence)})
    )
    assert [float(width) for width in failed] == [7.0]


def dated(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**check, "started_at": evidence["started_at"], "seconds": 0.0} for check in evidence["checks"]]


def test_a_restore_that_came_to_nothing_shows_no_point_that_it_reached(evidence: dict[str, Any]) -> None:
    assert "The point that was reached" in Page(drill_page(evidence)).text
    evidence["verdict"] |= {"word": "DISPROVEN", "level": "P1", "reasons": ["the restore failed"]}
    evidence["points"] = [point for point in evidence["points"] if point["kind"] in ("target", "disaster")]
    evidence["rto"] |= {"measured_s": None, "available_s": None}
    page = Page(drill_page(evidence))
    for words in (
        "The point that was asked for",
        "Nothing was restored; asked for was",
        "the restore did not come to an",
    ):
        assert words in page.text
    assert not any('"kept"' in line for line in drill_page(evidence).splitlines() if "<line" in line)
    assert "to the last verified row, and was not measured." in page.text


def test_a_drill_that_was_taken_up_says_when_and_that_its_time_was_not_measured(evidence: dict[str, Any]) -> None:
    evidence["rto"] = {"objective_s": 900, "measured_s": None, "available_s": None, "with_absence_s": 7300.0,
                       "without_absence_s": 100.0}  # fmt: skip
    evidence["phases"][2]["absent_s"] = 7200.0
    at = {"heard_at": "2026-11-20T14:05:10.000000Z", "taken_up_at": "2026-11-20T16:05:10.000000Z"}
    evidence["resumed"] = [
        {**at, "absent_s": 7200.0, "number": 5, "step": "Wait", "how": "killed", "operator": "ada@desk"}
    ]
    jsonschema.validate(evidence, json.loads((Path(__file__).parents[2] / "docs" / "evidence.schema.json").read_text()))
    page = Page(drill_page(evidence))
    times = "2 h 1 min with that absence, 1 min 40 s without"
    for words in (f"as nobody was at work for a part of it: {times}", "killed in step 5 (Wait)", "promised 15 min"):
        assert words in page.text
    assert "✓ met" not in page.text.split("Recovery point")[0]


def test_a_drill_that_never_got_far_has_a_page_too(evidence: dict[str, Any]) -> None:
    evidence["verdict"] |= {"word": "INCONCLUSIVE", "level": "none", "reasons": ["no answer"]}
    evidence |= {"phases": [], "points": [], "checks": [], "exclusions": []}
    evidence["target"] |= {"time": None, "resource_id": None, "kind": "latest"}
    evidence["rto"] = {"objective_s": None, "measured_s": None, "available_s": None}
    evidence["rpo"] = {"objective_s": None, "proven_s": None, "exposure_s": None}
    page = Page(drill_page(evidence))
    assert page.open == []
    for words in ("INCONCLUSIVE", "No check ran.", "Nothing was left out.", "never created", "nothing was promised",
                  "claims no level", "not measured"):  # fmt: skip
        assert words in page.text
    assert sum(tag == "svg" for tag, _ in page.tags) == 1, "only the timeline of its steps"


@pytest.mark.parametrize(
    ("passed", "failed", "shown", "hidden"), [(200, 0, 200, 0), (203, 0, 200, 3), (250, 210, 210, 250)]
)
def test_a_thousand_tables_do_not_make_a_thousand_rows(
    evidence: dict[str, Any], passed: int, failed: int, shown: int, hidden: int
) -> None:
    row = {"kind": "table", "database": "d", "expected": "x", "observed": "x"}
    evidence["checks"] = [{**row, "name": f"t{n}", "outcome": "passed"} for n in range(passed)]
    evidence["checks"] += [{**row, "name": f"f{n}", "outcome": "failed"} for n in range(failed)]
    text = drill_page(evidence)
    assert text.count('<td class="state passed">✓ passed') + text.count('<td class="state failed">✗ failed') == shown
    assert (f"{hidden} more passed" in text) is (hidden > 0)


def test_the_evidence_that_pages_are_tested_with_is_of_the_published_shape(evidence: dict[str, Any]) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "evidence.schema.json").read_text())
    jsonschema.validate(evidence, schema)


def test_it_says_what_was_asked_and_what_each_level_means(evidence: dict[str, Any]) -> None:
    page = Page(drill_page(evidence))
    for words in ("the last second before a disaster", "level P3 at least", "SELECT 1 FROM item LIMIT 1",
                  "rows expected in shop: 1", "P4 means: every table, sequence and catalog entry that was compared",
                  "rds:RestoreDBInstanceToPointInTime", "5f1c-77", "14 more only looked", "0.42 USD",
                  "arn:aws:iam::123456789012:user/ada"):  # fmt: skip
        assert words in page.text


def test_it_says_how_to_verify_it_without_itself(evidence: dict[str, Any]) -> None:
    text = Page(drill_page(evidence)).text
    assert "This page is no evidence" in text
    assert f"--key {evidence['signed_by']['fingerprint']}" in text
    assert f"--expect {evidence['digest']}" in text
    assert "number 3, after " + evidence["previous"] in " ".join(text.split())
    evidence["signed_by"] |= {"kind": "kms", "instead_of": "access denied"}
    assert "a key in KMS, ada@workbench, Ed25519; in the place of another: access denied" in drill_page(evidence)


def test_the_label_is_printed_on_every_page(evidence: dict[str, Any]) -> None:
    """What is fixed repeats on each printed page; counted in print-outs of Chromium by hand."""
    for label in ("sandbox", "aws"):
        text = drill_page({**evidence, "label": label})
        edge = re.search(r'<p class="edge"[^>]*>(.*?)</p>', text)
        assert edge is not None
        assert re.findall("<span>(.*?)</span>", edge[1]) == [label, f"{label} · run {evidence['run']}", label]
        (printed,) = re.findall(r"@media print \{\s*/\*[^\n]*\*/\s*(\.edge \{[^}]*\})", text)
        assert "position: fixed" in printed
        assert "display: flex" in printed


@pytest.mark.parametrize("word", ["PROVEN", "DISPROVEN", "INCONCLUSIVE"])
def test_a_failover_stays(evidence: dict[str, Any], word: str) -> None:
    evidence["kind"] = "failover"
    evidence["verdict"]["word"] = word
    evidence["way"] = {"kind": "recovery point", "region": "eu-west-1", "name": "arn:point", "reason": "the newest"}
    evidence["target"] |= {"region": "eu-west-1", "kind": "time"}
    evidence["cost"]["usd"] = None
    text = Page(drill_page(evidence)).text
    assert "Failover \u00b7 2026-11-20 14:05 UTC" in text
    assert "The database was restored" in text
    assert "stands" in text
    assert "it stays: shop-dev-database-drill-4f2a is the database now" in text
    assert "in eu-west-1" in text
    assert "recovery point arn:point" in text
    assert "not known list prices" in text
    assert "Deleted afterwards" not in text


def test_a_document_of_version_1_has_a_page(evidence: dict[str, Any]) -> None:
    for name in ("kind", "number", "asked", "calls", "reads", "cost", "signed_by", "signature"):
        del evidence[name]
    del evidence["made_by"]["caller"]
    evidence["version"] = 1
    page = Page(drill_page(evidence))
    assert page.open == []
    assert "nobody: this document is of version 1" in page.text
    assert "Restore drill" in page.text


def test_many_calls_do_not_fill_the_page(evidence: dict[str, Any]) -> None:
    evidence["calls"] = evidence["calls"] * 203
    assert "3 more; the evidence lists them." in drill_page(evidence)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("done", "not kept: the process that asked was killed"),
        ("not heard", "not kept: the process that asked was killed"),
        ("ServiceUnavailable", "no answer came"),
    ],
)
def test_a_call_without_a_request_id_says_why(evidence: dict[str, Any], outcome: str, words: str) -> None:
    evidence["calls"] = [{**evidence["calls"][0], "request_id": "", "outcome": outcome}]
    assert words in Page(drill_page(evidence)).text


def test_it_begins_with_what_was_claimed_shown_and_left_out(evidence: dict[str, Any]) -> None:
    text = " ".join(Page(drill_page(evidence)).text.split())
    for words in ("proof level P3 at least: the copy holds", "Promised: recovery time at most 15 min",
                  "proof level P4: every table", f"{len(evidence['checks'])} checks: ", "AWS: this ran in the sandbox",
                  f"number 3 of its chain {evidence['digest']}"):  # fmt: skip
        assert words in text
    alone = {**evidence, "exclusions": [], "label": "aws"}
    alone |= {part: {**evidence[part], "objective_s": None} for part in ("rto", "rpo")}
    alone["verdict"] = {**evidence["verdict"], "levels": [], "level": "none"}
    text = " ".join(Page(drill_page({**alone, "checks": []})).text.split())
    for words in ("no recovery point were promised", "no proof level. No check ran.", "nothing was left out"):
        assert words in text


def test_the_timeline_draws_each_check_where_it_was_made(evidence: dict[str, Any]) -> None:
    first, second, *_ = steps = evidence["steps"]
    dated = [
        {**evidence["checks"][0], "outcome": outcome, "started_at": step["started_at"], "seconds": seconds}
        for outcome, step, seconds in (("failed", first, 0.0), ("passed", second, float(second["seconds"])))
    ]
    drawn = timeline({**evidence, "checks": [*evidence["checks"], *dated]})
    assert drawn is not None
    assert [bar.title for bar in drawn.steps] == [step["name"] for step in steps]
    passed, failed = drawn.checks
    assert (passed.state, passed.y, passed.x, passed.width) == ("passed", *((b := drawn.steps[1]).y, b.x, b.width))
    assert (failed.state, failed.y, failed.width) == ("failed", drawn.steps[0].y, 7.0)
    assert timeline({**evidence, "steps": []}) is None


def test_the_queries_stand_on_the_page_with_their_answers(evidence: dict[str, Any]) -> None:
    at = evidence["started_at"]
    answer = {"of": "source", "database": "shop", "at": at, "seconds": 0.25, "rows": 2, "hash": "sha256:" + "ab" * 32}
    rows = [
        {"kind": kind, "subject": f"about <{number}>", "statement": f"SELECT\n  {'x' * 300}", "parameters": "[7]",
         "answers": [answer, {**answer, "of": "copy", "result": "2\t4711"}, {**answer, "rows": None, "hash": ""},
                     {**answer, "error": "no such table"}]}
        for number, kind in enumerate(["unheard-of", *["catalog"] * 130, "sql"])
    ]  # fmt: skip
    text = " ".join(Page(drill_page({**evidence, "queries": {"session": [{}, {}], "asked": rows}})).text.split())
    for words in ("sql about <131>", "… with [7]", "source shop 14:05:01.000, 250 ms: 2 rows, sha256:abababab",
                  "copy shop 14:05:01.000, 250 ms: 2 4711", ": done", ": no such table", "12 more",
                  "the 2 that set"):  # fmt: skip
        assert words in text
    assert text.index("sql about") < text.index("catalog about")
    assert "unheard-of" not in text
    assert questions({**evidence, "queries": {"session": [], "asked": []}}) is None


@pytest.mark.parametrize(("algorithm", "words"), [("Ed25519", "-rawin -pubin"), ("ECDSA_SHA_256", "-digest sha256")])
def test_the_commands_on_it_verify_the_document(algorithm: str, words: str, evidence: dict[str, Any]) -> None:
    evidence["signed_by"]["algorithm"] = algorithm
    text = Page(drill_page(evidence)).text
    assert f"openssl pkeyutl -verify -rawin{' -digest sha256' if 'ECDSA' in algorithm else ''} -pubin" in text
    assert words in text


@pytest.mark.parametrize(("lost", "told"), [(0, "0 of them lost"), (None, "nobody could look for them")])
def test_a_takeover_says_what_became_of_the_writes(evidence: dict[str, Any], lost: int | None, told: str) -> None:
    way = {"name": "direct", "address": "here:1", "acknowledged": 1234, "failed": 0, "in_doubt": 0, "lost": lost,
           "in_doubt_there": None, "outage_s": 0.1, "first_error_s": None, "first_success_s": 0.1,
           "errors": {}}  # fmt: skip
    played = {"number": 1, "at": evidence["started_at"], "has_taken_over": True, "is_over": True, "zone_before": "a",
              "zone_after": "b", "events": [], "routes": [way]}  # fmt: skip
    outage = {"fault": "kill", "writers": 1, "seconds": 1.0, "rounds": [played]}
    text = " ".join(Page(drill_page({**evidence, "kind": "takeover", "outage": outage})).text.split())
    for words in ("no write which a client was told of is lost", f"1,234 acknowledged writes, {told}",
                  "and that writes go on within 15 min", "What was changed through AWS's interface"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("kind", "word", "words"),
    [
        ("swap", "PROVEN", "Clients come to the new generation, and it answers them."),
        ("swap", "INCONCLUSIVE", "Nobody could see from here that it answers them."),
        ("undo", "DISPROVEN", "Not everything leads clients to the old generation."),
        ("reconcile", "PROVEN", "The stack holds the generation that clients reach, as its template says"),
        ("reconcile", "DISPROVEN", "What the stack holds is not what its template says."),
        ("discard", "PROVEN", "nobody needed it, somebody agreed, and it is gone for good."),
        ("discard", "INCONCLUSIVE", "Not everything about it could be seen."),
    ],
)
def test_what_is_done_with_two_generations_has_pages_of_its_own(
    evidence: dict[str, Any], kind: str, word: str, words: str
) -> None:
    evidence |= {"kind": kind, "phases": [], "points": []}
    evidence["verdict"] |= {"word": word, "level": "none", "levels": [], "reasons": ["it was told"]}
    evidence["target"] |= {"kind": "generation", "time": None}
    evidence["cleanup"] = {"deleted": ["shop-old (db-1)"], "left": ["snapshot shop-old-last: manual"]}
    page = Page(drill_page(evidence))
    text = " ".join(page.text.split())
    assert page.open == []
    own = {
        "swap": ("What leads clients", "instead of", "the data of either", "it is kept"),
        "undo": ("What leads clients", "instead of", "the data of either", "it is kept"),
        "reconcile": ("The stack and its database", "instead of", "every other resource of the stack", "And holds"),
        "discard": ("Why it could go", "What became of it", "was deleted for good", "Left of it", "shop-old-last"),
    }
    for told in (words, *own[kind], "it was told", "What was done"):
        assert told in text
