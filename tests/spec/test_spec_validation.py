"""What a validation may be told: every bound on both sides, and expectations in a file of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding
from mainstay.spec import Spec, load

Refusals = Callable[..., list[Finding]]
Loaded = Callable[[Mapping[str, str]], Spec]

# Setting below `validation`, values on the right side of each bound, and on the wrong side with what is said.
BOUNDS: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
    ("events", ("[backup]", "[availability, failure]"), {"[creation]": "'creation' is not one of", "[]": "calls it"}),
    ("events", ("[backup, failover]",), {"[backup, backup]": "backup stands there twice."}),
    (
        "every",
        ("5m", "31d", "1d"),
        {"4m": "outside 5m to 31d", "32d": "outside", "301s": "whole number of minutes"},
    ),
    (
        "memory",
        ("128 MiB", "10 GiB"),
        {"127 MiB": "outside 128 MiB to 10 GiB", "10241 MiB": "outside", "134217729 B": "not whole MiB"},
    ),
    ("timeout", ("30s", "900s"), {"29s": "outside 30s to 15m", "901s": "outside"}),
    ("expect.version", ('"8.4"', "17"), {"8.4": "the number 8.4"}),
    ("expect.character_set", ("utf8mb4",), {"8": "8 is not text"}),
    ("expect.replication", ("none",), {"replica": "'replica' is not one of source, none."}),
    (
        "expect.tables",
        ("{orders: 0}", "{orders: null}", "{orders: {}}", "{shop.orders: {min: 1}}", "{a: {min: 2, max: 2}}"),
        {
            "{orders: -1}": "-1 is outside 0 to",
            "{orders: {min: 3, max: 2}}": "min 3 is above max 2.",
            "{orders: {least: 3}}": "there is no least here.",
            "{orders: true}": "True is not",
            "[orders]": "not a section",
        },
    ),
    ("expect.is_complete", ("false",), {"true": "expects a database without tables."}),
]
RIGHT = [(key, value) for key, right, _ in BOUNDS for value in right]
WRONG = [(key, value, said) for key, _, wrong in BOUNDS for value, said in wrong.items()]


@pytest.mark.parametrize(("key", "value"), RIGHT)
def test_what_is_within_its_bounds_is_taken(loaded: Loaded, key: str, value: str) -> None:
    assert loaded({f"validation.{key}": value}).validation


@pytest.mark.parametrize(("key", "value", "said"), WRONG)
def test_what_is_out_of_bounds_says_why(refusals: Refusals, key: str, value: str, said: str) -> None:
    found = refusals(overrides={f"validation.{key}": value})
    assert any(said in one.detail for one in found), found
    assert all(one.hint for one in found)


def test_a_schedule_alone_calls_it(loaded: Loaded, refusals: Refusals) -> None:
    assert loaded({"validation": "{events: [], every: 1d}"}).validation
    (one,) = refusals(overrides={"validation": "{events: []}"})
    assert one.subject == "validation"


@pytest.mark.parametrize(("replicas", "right", "wrong"), [("0", "none", "source"), ("1", "source", "none")])
def test_replication_is_expected_as_it_is_built(
    loaded: Loaded, refusals: Refusals, replicas: str, right: str, wrong: str
) -> None:
    count = {"database.replicas.count": replicas}
    assert loaded({**count, "validation.expect.replication": right}).validation
    (one,) = refusals(overrides={**count, "validation.expect.replication": wrong})
    assert f"there are {replicas} replicas" in one.detail


@pytest.fixture
def written(tmp_path: Path, minimal: str) -> Callable[..., Path]:
    """A spec that names a manifest, in a directory with the files given."""

    def write(section: str = "validation: {manifest: expected.yaml}\n", **files: str) -> Path:
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        path = tmp_path / "database.yaml"
        path.write_text(minimal + section)
        return path

    return write


def findings(path: Path, environment: str | None = None) -> list[Finding]:
    with pytest.raises(InputRefused) as raised:
        load(path, environment=environment)
    return list(raised.value.findings)


def test_expectations_may_stand_in_a_file_beside_the_spec(written: Callable[..., Path]) -> None:
    text = 'version: "8.4"\ntables:\n  orders: {min: 1}\n'
    path = written(expected__yaml=text, expected__json='{"version": "8.4", "tables": {"orders": {"min": 1}}}')
    for name in ("expected.yaml", "expected.json"):
        path.write_text(path.read_text().replace("expected.yaml", name))
        validation = load(path).validation
        assert validation
        assert validation.expect.version == "8.4"
        assert validation.expect.tables["orders"].min == 1


def test_an_empty_file_expects_nothing(written: Callable[..., Path]) -> None:
    validation = load(written(expected__yaml="")).validation
    assert validation
    assert validation.expect.is_empty


def test_a_fault_in_the_file_is_told_with_its_own_line(written: Callable[..., Path]) -> None:
    (one,) = findings(written(expected__yaml="version: '8.4'\ntables:\n  orders: -1\n"))
    assert one.origin
    assert (Path(one.origin.file).name, one.origin.line) == ("expected.yaml", 3)
    (broken,) = findings(written(expected__yaml="version: [\n"))
    assert broken.id == "SP001"
    assert broken.origin
    assert Path(broken.origin.file).name == "expected.yaml"


def test_a_file_that_cannot_be_read_is_named(written: Callable[..., Path], tmp_path: Path) -> None:
    (missing,) = findings(written())
    assert "expected.yaml cannot be read: No such file" in missing.detail
    assert missing.subject == "validation.manifest"
    (tmp_path / "expected.yaml").write_bytes(b"version: \xff\n")
    (wrong,) = findings(written())
    assert "is not UTF-8" in wrong.detail


def test_a_file_and_a_section_are_one_too_many(written: Callable[..., Path]) -> None:
    (one,) = findings(written("validation: {manifest: expected.yaml, expect: {}}\n", expected__yaml="{}"))
    assert "say the same thing twice" in one.detail


def test_each_environment_has_its_own_file(written: Callable[..., Path]) -> None:
    environments = "environments:\n  dev: {}\n  prod: {validation: {manifest: big.yaml}}\n"
    section = f"validation: {{manifest: expected.yaml}}\n{environments}"
    path = written(section, expected__yaml="tables: {orders: null}", big__yaml="tables: {orders: {min: 1000}}")
    counts = []
    for name in ("dev", "prod"):
        validation = load(path, environment=name).validation
        assert validation
        counts.append(validation.expect.tables["orders"].min)
    assert counts == [None, 1000]
    (path.parent / "big.yaml").unlink()
    (one,) = findings(path, "dev")  # the environments that were not chosen are checked as well
    assert "big.yaml cannot be read" in one.detail


def test_what_is_no_section_or_no_name_is_refused_as_such(refusals: Refusals) -> None:
    assert refusals(overrides={"validation": "daily"})
    (one,) = refusals(overrides={"validation.manifest": "5"})
    assert "5 is not text" in one.detail
