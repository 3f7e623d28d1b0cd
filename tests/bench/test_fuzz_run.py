"""The fuzz run itself: mutations are many and repeatable, and a crash is told from an answer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench import fuzz
from mainstay import api

TREE = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "a", "Value": "b"}]}}}}


def test_the_same_number_makes_the_same_document_and_others_differ() -> None:
    made = [str(fuzz.mutated(TREE, random.Random(number))) for number in range(50)]
    assert made == [str(fuzz.mutated(TREE, random.Random(number))) for number in range(50)]
    assert len(set(made)) > 40
    assert fuzz.scribbled("abc", random.Random(1)) == fuzz.scribbled("abc", random.Random(1))


def test_every_kind_is_answered_and_a_crash_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = fuzz.Subject("cloudformation", TREE, "t.json")
    monkeypatch.setattr(fuzz, "subjects", lambda: [subject])
    assert sum(fuzz.run(20, 0).values()) == 20
    assert not any(said == "CRASH" for _, said in fuzz.run(20, 0))

    def explode(*_: object, **__: object) -> None:
        raise KeyError("boom")

    monkeypatch.setattr(api, "check", explode)
    assert fuzz.run(2, 0, kept=tmp_path) == {("cloudformation", "CRASH"): 2}
    assert len(list(tmp_path.iterdir())) == 2
    assert fuzz.run(2, 0, kinds=("cloudformation",))[("cloudformation", "CRASH")] == 2


def test_documents_of_every_kind_survive_a_few_mutations(capsys: pytest.CaptureFixture[str]) -> None:
    tally = fuzz.run(40, 500_000)
    assert not any(said == "CRASH" for _, said in tally), capsys.readouterr().out
    assert len({kind for kind, _ in tally}) >= 5
