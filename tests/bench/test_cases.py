"""The corpus: every case can be used, and what makes one unusable is said with the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.checks.case import CaseRefused, cases, load, patched

from mainstay.core.findings import Harm

SOUND = """
about: a bucket without versions keeps nothing
rules: [BK006]
source: a page
place: [Bucket]
healthy:
  Resources:
    Bucket:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: !Sub "${AWS::StackName}-b"
        Tags: [{Key: since, Value: 2012-10-17}]
defect:
  Resources:
    Bucket: {Properties: {BucketName: null}}
"""


def written(folder: Path, text: str, part: str = "catalogue", name: str = "one-case.yaml") -> Path:
    path = folder / part / name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_every_case_of_the_corpus_can_be_used() -> None:
    found = cases()
    assert {one.part for one in found} >= {"catalogue"}
    assert len({one.name for one in found}) == len(found)
    assert [one.name for one in found if one.twins["healthy"] == one.twins["defect"]] == []


def test_a_case_has_two_twins(tmp_path: Path) -> None:
    path = written(tmp_path, SOUND)
    (case,) = cases(tmp_path)
    assert case == load(path)
    assert (case.name, case.family, case.harm) == ("catalogue/one-case", "BK", Harm.UNPROTECTED)
    healthy, defect = (case.twins[twin]["Resources"]["Bucket"]["Properties"] for twin in ("healthy", "defect"))
    assert healthy["BucketName"] == {"Fn::Sub": "${AWS::StackName}-b"}
    assert healthy["Tags"] == [{"Key": "since", "Value": "2012-10-17"}]
    assert defect == {"Tags": healthy["Tags"]}


def test_what_is_held_out_has_no_family(tmp_path: Path) -> None:
    text = SOUND.replace("[BK006]", "[]").replace("a page", "https://example.org/issues/1")
    case = load(written(tmp_path, text, part="held_out"))
    assert (case.family, case.harm, case.rules) == ("", None, ())


# The examples of RFC 7396, appendix A, whose target and patch are objects.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_is_a_merge_patch(target: object, patch: object, result: object) -> None:
    assert patched(target, patch) == result


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("about: a bucket without versions keeps nothing\n", "", "'about' is missing"),
        ("place:", "places:", "'places' is no key of a case"),
        ("a bucket without versions keeps nothing", "' '", "'about' is no text"),
        ("[BK006]", "[BK999]", "'rules' names BK999, which is no rule"),
        ("[BK006]", "[]", "'rules' is empty"),
        ("[BK006]", "BK006", "'rules' is no list of texts"),
        ("[Bucket]", "[Basket]", "'place' names Basket, which neither twin has"),
        ("[Bucket]", "[]", "'place' names nothing"),
        ("      Type: AWS::S3::Bucket\n", "", "has a resource Bucket without a Type"),
        ("{Properties: {BucketName: null}}", "{Properties: {}}", "'defect' changes nothing"),
        ("BucketName: null", "BucketName: {Ref: Name}", "has Fn::Sub beside Ref at Resources.Bucket.Properties"),
        ("Bucket: {Properties: {BucketName: null}}", "Bucket: null", "the twin 'defect' has no Resources"),
        ("rules:", "about: twice\nrules:", "'about' stands on line 2 already"),
        ("!Sub", "!Sup", "'!Sup' is no tag of CloudFormation"),
    ],
)
def test_a_fault_is_said_with_the_file(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in SOUND
    path = written(tmp_path, SOUND.replace(old, new))
    with pytest.raises(CaseRefused) as refused:
        load(path)
    assert says in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("part", "name", "rules", "says"),
    [
        ("elsewhere", "one.yaml", "[BK006]", "lies in 'elsewhere'"),
        ("catalogue", "One_Case.yaml", "[BK006]", "is not named in lower case words"),
        ("public", "one.yaml", "[BK006]", "'source' has no address"),
        ("held_out", "one.yaml", "[]", "'source' has no address"),
        ("held_out", "one.yaml", "[BK006]", "'rules' is not empty"),
    ],
)
def test_a_case_lies_where_it_belongs(tmp_path: Path, part: str, name: str, rules: str, says: str) -> None:
    with pytest.raises(CaseRefused, match=name) as refused:
        load(written(tmp_path, SOUND.replace("[BK006]", rules), part=part, name=name))
    assert says in str(refused.value)


@pytest.mark.parametrize("text", ["- a list\n", "healthy: []\ndefect: 1\nabout: a\nrules: []\nplace: []\nsource: s\n"])
def test_what_is_no_case_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaseRefused, match="no mapping"):
        load(written(tmp_path, text))
