"""Text to tree: places, traps, and attacks that end in bounded time."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.findings import Origin
from mainstay.spec.yaml_tree import MOST_BYTES, MOST_DEPTH, parse

KEYS = st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(
    lambda key: key not in ("y", "n", "yes", "no", "on", "off", "null")
)
TREES = st.recursive(
    st.one_of(st.integers(-(10**9), 10**9), st.booleans(), st.none(), st.text("abcdes é中-", max_size=12)),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(KEYS, children, max_size=3),
    max_leaves=12,
)


def only(text: str) -> tuple[str, str, Origin | None]:
    (fault,) = parse(text, "s.yaml").faults
    return fault.id, fault.detail, fault.origin


@settings(max_examples=150)
@given(TREES)
def test_what_a_yaml_writer_writes_is_read_back(value: object) -> None:
    tree = parse(yaml.safe_dump(value, allow_unicode=True), "s.yaml")
    assert tree.faults == []
    assert tree.value == value


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    parse(text, "s.yaml")


@settings(max_examples=150)
@given(st.text("{}[]:,-&*!|>'\"#?%@` \n\tab01", max_size=60))
def test_no_punctuation_raises(text: str) -> None:
    parse(text, "s.yaml")


def test_each_setting_knows_its_place() -> None:
    tree = parse("name: shop\naccess:\n  cidrs:\n    - 10.0.0.0/8\n    - 10.1.0.0/16\n", "s.yaml")
    assert tree.value == {"name": "shop", "access": {"cidrs": ["10.0.0.0/8", "10.1.0.0/16"]}}
    assert tree.places[("name",)] == Origin("s.yaml", 1, 1)
    assert tree.places[("access", "cidrs")] == Origin("s.yaml", 3, 3)
    assert tree.places[("access", "cidrs", "1")] == Origin("s.yaml", 5, 7)


def test_lists_of_sections_keep_their_places() -> None:
    tree = parse("drill:\n  checks:\n    - name: a\n      rows: 1\n    - name: b\n", "s.yaml")
    assert tree.value == {"drill": {"checks": [{"name": "a", "rows": 1}, {"name": "b"}]}}
    assert tree.places[("drill", "checks", "1", "name")].line == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("17", 17),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"17"', "17"),
        ("'no'", "no"),
        ("|\n  a\n  b", "a\nb"),
        ("2026-12-31", "2026-12-31"),
        ("03:00-04:00", "03:00-04:00"),
        ("sun:04:00-sun:06:00", "sun:04:00-sun:06:00"),
        ("1e3", "1e3"),
        ("5m", "5m"),
    ],
)
def test_plain_words_mean_what_every_reader_takes_them_for(text: str, value: object) -> None:
    tree = parse(f"key: {text}", "s.yaml")
    assert tree.faults == []
    assert tree.value == {"key": value}
    assert type(tree.value["key"]) is type(value)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("yes", "'yes' is true to YAML 1.1 and a word to YAML 1.2."),
        ("Off", "'Off' is false to YAML 1.1 and a word to YAML 1.2."),
        ("NO", "'NO' is false to YAML 1.1 and a word to YAML 1.2."),
        ("12:30:00", "'12:30:00' is a number in base 60 to YAML 1.1 and text to YAML 1.2."),
        ("3:25", "'3:25' is a number in base 60 to YAML 1.1 and text to YAML 1.2."),
        ("0755", "'0755' is octal to YAML 1.1 and decimal to YAML 1.2."),
    ],
)
def test_words_that_readers_disagree_about_are_explained(text: str, detail: str) -> None:
    assert only(f"a: 1\nkey: {text}\n") == ("SP004", detail, Origin("s.yaml", 2, 6))
    (fault,) = parse(f"a:\n  key: {text}\n", "s.yaml").faults
    assert fault.subject == "a.key"


def test_a_key_written_twice_names_both_lines() -> None:
    identifier, detail, origin = only("database:\n  class: a\n  name: b\n  class: c\n")
    assert identifier == "SP003"
    assert detail == "'database.class' stands on lines 2 and 4; readers disagree which counts."
    assert origin == Origin("s.yaml", 4, 3)


def test_the_first_of_two_values_counts_for_what_else_is_wrong() -> None:
    assert parse("a: 1\na: 2\n", "s.yaml").value == {"a": 1}


@pytest.mark.parametrize(
    ("text", "identifier", "line"),
    [
        ("a: [1, 2\nb: 3", "SP001", 2),
        ("a: 'open", "SP001", 1),
        ("a: 1\n---\nb: 2\n", "SP001", 2),
        ("a: !Ref b", "SP001", 1),
        ("a: !!python/object:os.system {}", "SP001", 1),
        ("\ta: 1", "SP001", 1),
        ("a: &x 1", "SP002", 1),
        ("a: &x [1]", "SP002", 1),
        ("a: 1\nb: *x\n", "SP002", 2),
        ("? [a]\n: 1", "SP007", 1),
        ("? {a: 1}\n: 1", "SP007", 1),
    ],
)
def test_what_is_not_a_plain_document_stops_at_its_line(text: str, identifier: str, line: int) -> None:
    found, detail, origin = only(text)
    assert found == identifier
    assert detail
    assert origin is not None
    assert origin.line == line


def test_control_characters_are_refused() -> None:
    identifier, detail, origin = only("a: \x00")
    assert identifier == "SP001"
    assert "control characters" in detail
    assert origin is not None


def test_nesting_ends_at_its_limit() -> None:
    assert parse("[" * MOST_DEPTH + "]" * MOST_DEPTH, "s.yaml").faults == []
    assert only("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1))[0] == "SP002"


def test_size_ends_at_its_limit() -> None:
    fits = "#" * (MOST_BYTES - 5) + "\na: 1"
    assert parse(fits, "s.yaml").value == {"a": 1}
    assert only(fits + " ") == ("SP002", "s.yaml has more than 1 MB.", Origin("s.yaml"))
    # A character counts as the bytes it takes.
    assert only("# " + "é" * (MOST_BYTES // 2))[0] == "SP002"


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + below] * 9)}]\n" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [LAUGHS, "[" * 400_000, "{a: " * 200_000, "- " * 400_000, "a: " + '"\\' * 300_000, "? " * 300_000],
    ids=["billion laughs", "deep lists", "deep sections", "deep items", "escapes", "keys"],
)
def test_an_attack_ends_soon(text: str) -> None:
    started = time.process_time()
    (fault,) = parse(text, "s.yaml").faults
    assert fault.id in ("SP001", "SP002", "SP007")
    assert time.process_time() - started < 5  # it takes milliseconds; the bound tells it from exponential
