"""Findings: in the order in which a reader should act."""

from __future__ import annotations

from mainstay.core.findings import Finding, Harm, Origin, Severity, in_order, worst


def finding(identifier: str, severity: Severity = Severity.ERROR, harm: Harm = Harm.REJECTED) -> Finding:
    return Finding(id=identifier, severity=severity, harm=harm, summary="s", detail="d", hint="h")


def test_the_gravest_comes_first_and_the_suppressed_last() -> None:
    loss = finding("DB004", harm=Harm.DATA_LOSS)
    info = finding("DB001", Severity.INFO)
    refused = finding("AL001")
    accepted = finding("DB000", harm=Harm.DATA_LOSS).suppress("a copy of a copy")
    assert in_order([accepted, info, refused, loss]) == [loss, refused, info, accepted]
    assert accepted.suppressed == "a copy of a copy"


def test_the_worst_ignores_what_somebody_lives_with() -> None:
    accepted = finding("DB004").suppress("known")
    assert worst([accepted, finding("DB001", Severity.WARNING), finding("DB002", Severity.INFO)]) is Severity.WARNING
    assert worst([accepted]) is None
    assert worst([]) is None


def test_an_origin_names_its_line_where_there_is_one() -> None:
    assert str(Origin("spec.yaml", 3, 5)) == "spec.yaml:3"
    assert str(Origin("argument name")) == "argument name"


def test_a_finding_says_in_json_where_it_was_seen() -> None:
    seen = Finding(
        id="DB004",
        severity=Severity.ERROR,
        harm=Harm.DATA_LOSS,
        summary="s",
        detail="d",
        hint="h",
        origin=Origin("spec.yaml", 3),
    ).as_json()
    assert (seen["file"], seen["line"], seen["severity"], seen["harm"]) == ("spec.yaml", 3, "error", "data loss")
    unseen = finding("DB004").as_json()
    assert (unseen["file"], unseen["line"]) == (None, None)
