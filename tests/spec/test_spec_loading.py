"""Loading: everything at once, at its line, from files and from text."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.findings import Finding, Origin, Severity
from mainstay.core.units import Bytes, Duration
from mainstay.spec import Spec, load

Refusals = Callable[..., list[Finding]]
Loaded = Callable[[Mapping[str, str]], Spec]


def place(fault: Finding) -> Origin:
    return fault.origin or Origin("nowhere")


BROKEN = """\
name: Shop
database:
  version: 17.10
  clas: db.m7g.large
  name: a-b
  multi_az: yes
storage: {size: 10 GB}
protection:
  backups: {window: 04:00-05:30}
colour: blue
environments:
  dev: {storage: {siz: 3}}
  prod: {environment: dev}
"""


def test_the_smallest_spec_has_safe_defaults(minimal: str) -> None:
    spec = load(minimal)
    assert (spec.identifier, spec.profile) == ("shop-dev", "prod")
    assert spec.storage.size == Bytes.gib(100)
    assert spec.protection.backups.keep == Duration.days(7)
    assert spec.protection.deletion_protection
    assert spec.protection.on_delete == "snapshot"
    assert spec.database.multi_az


def test_every_fault_is_told_at_once_and_at_its_line(refusals: Refusals) -> None:
    found = [(place(fault).line, fault.id, fault.subject) for fault in refusals(BROKEN)]
    assert found == [
        (1, "SP006", "alerts"),
        (1, "SP008", "name"),
        (2, "SP006", "database.class"),
        (3, "SP007", "database.version"),
        (4, "SP005", "database.clas"),
        (5, "SP008", "database.name"),
        (6, "SP004", "database.multi_az"),
        (7, "SP008", "storage.size"),
        (9, "SP011", "protection.backups.window"),
        (10, "SP005", "colour"),
        (12, "SP005", "storage.siz"),
        (13, "SP012", "environments.prod.environment"),
    ]


def test_the_refusal_reads_as_a_list_of_lines() -> None:
    with pytest.raises(InputRefused) as raised:
        load("name: Shop\n", file="db.yaml")
    text = str(raised.value)
    assert text.startswith("spec refused\n  db.yaml: 4 faults.\n  db.yaml:1: ")
    assert "  db.yaml:1: storage: it has to be given. (add storage:)" in text
    with pytest.raises(InputRefused, match="spec refused") as raised:
        load("a: [", file="db.yaml")
    assert "db.yaml: 1 fault.\n" in str(raised.value)
    assert {finding.severity for finding in raised.value.findings} == {Severity.ERROR}


@pytest.mark.parametrize(
    ("line", "identifier", "detail", "hint"),
    [
        ("datbase: {}", "SP005", "datbase: there is no such key here.", "did you mean database?"),
        ("zzz: 1", "SP005", "zzz: there is no such key here.", "use one of name, environment, profile"),
        ("name: [a]", "SP007", "name: a list is not text.", "put it in quotes if it is meant as text"),
        ("name:", "SP007", "name: nothing is not text.", "put it in quotes"),
        ("name: 12", "SP007", "name: 12 is not text.", "put it in quotes"),
        ("storage: 100", "SP007", "storage: 100 is not a section of keys and values.", "write key: value lines"),
        ("access: {cidrs: {a: 1}}", "SP007", "access.cidrs: a section is not a list.", "write [one, two]"),
        ("tags: [a]", "SP007", "tags: a list is not a section", "write key: value lines"),
        ("project: ''", "SP007", "project: String should have at least 1 character.", "see the reference"),
        ("drill: {checks: [{sql: SELECT 1}]}", "SP006", "drill.checks.0.name: it has to be given.", "add name:"),
        ("drill: {checks: [{nam: a, sql: b}]}", "SP005", "drill.checks.0.nam: there is", "did you mean name?"),
        ("drill: {checks: [{name: a, sq: b}]}", "SP006", "drill.checks.0.sql", "add sql: SELECT 1 FROM orders LIMIT 1"),
        ("access: {bastion: {imag: x}}", "SP005", "access.bastion.imag: there is", "did you mean image?"),
        ("tags: {a: {b: 1}}", "SP007", "tags.a: a section is not text.", "put it in quotes"),
        ("database: {multi_az: 1}", "SP007", "database.multi_az: 1 is not true or false.", "write true or false"),
        ("database: {port: 1.5}", "SP007", "database.port: 1.5 is not a whole number.", "write digits only"),
    ],
)
def test_a_fault_names_object_reason_and_next_step(
    refusals: Refusals, line: str, identifier: str, detail: str, hint: str
) -> None:
    key = line.partition(":")[0]
    fault = next(
        one
        for one in refusals(f"{line}\n")
        if one.subject.split(".")[0] == key and one.id == identifier and one.detail.startswith(detail)
    )
    assert fault.hint.startswith(hint)
    assert place(fault).line == 1


def test_a_section_inside_a_map_of_values_has_no_keys_to_offer(refusals: Refusals) -> None:
    (fault,) = [one for one in refusals("tags: {a: [1]}\n") if one.subject.startswith("tags")]
    assert fault.detail == "tags.a: a list is not text."


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words\n"])
def test_a_file_without_settings_lists_the_keys(refusals: Refusals, text: str) -> None:
    (fault,) = refusals(text)
    assert fault.detail == "It holds no settings."
    assert "database, storage" in fault.hint


@pytest.mark.parametrize(
    ("section", "subject"),
    [("environments: [dev]", "environments"), ("environments: {dev: 3, prod: {}}", "environments.dev")],
)
def test_environments_are_sections(refusals: Refusals, minimal: str, section: str, subject: str) -> None:
    (fault,) = refusals(f"{minimal}{section}\n")
    assert (fault.id, fault.subject, place(fault).line) == ("SP007", subject, 10)


def test_an_environment_nobody_described_is_refused(refusals: Refusals, minimal: str) -> None:
    text = f"{minimal}environments:\n  prod: {{}}\n  stage: {{}}\n"
    (fault,) = refusals(text, environment="prd")
    assert fault.detail == "The spec describes prod, stage, but not 'prd'."
    assert fault.hint == "did you mean prod?"
    assert fault.origin == Origin("argument environment")
    (fault,) = refusals(text)
    assert fault.detail.endswith("but not 'dev'.")
    assert fault.hint == "use one of them, or add environments.dev"
    assert place(fault).line == 10


def test_any_environment_will_do_when_none_is_described(minimal: str) -> None:
    assert load(minimal, environment="qa").identifier == "shop-qa"
    assert load(minimal).environment == "dev"


def test_environments_that_were_not_chosen_are_checked_too(refusals: Refusals, minimal: str) -> None:
    text = f"{minimal}environments:\n  dev: {{}}\n  prod:\n    storage: {{size: 5 GiB}}\n"
    (fault,) = refusals(text, environment="dev")
    assert (fault.id, place(fault).line, fault.subject) == ("SP009", 13, "storage.size")


def test_arguments_are_read_as_yaml_and_named_in_faults(refusals: Refusals, loaded: Loaded) -> None:
    assert loaded({"database.replicas.count": "3"}).database.replicas.count == 3
    assert loaded({"monitoring.insights": "null"}).monitoring.insights is None
    (fault,) = refusals(overrides={"database.sise": "3"})
    assert (fault.id, fault.origin) == ("SP005", Origin("argument database.sise"))
    (fault,) = refusals(overrides={"database.multi_az": "yes"})
    assert (fault.id, place(fault).file) == ("SP004", "argument database.multi_az")
    (fault,) = refusals(overrides={"storage": "{size: 5 GiB}"})
    assert (fault.id, fault.origin) == ("SP009", Origin("argument storage"))


def test_the_primary_is_not_called_as_its_replica(refusals: Refusals, loaded: Loaded) -> None:
    ours = loaded({"database.replicas.count": "1"}).identifier
    named = {"database.replicas.count": "1", "database.identifier": f"{ours}-replica-1"}
    (fault,) = refusals(overrides=named)
    assert (fault.id, fault.subject) == ("SP008", "database.identifier")
    assert loaded({**named, "database.identifier": f"{ours}-replica-2"}).database.identifier == f"{ours}-replica-2"


def test_a_name_that_is_no_text_does_not_choose_the_environment(refusals: Refusals, minimal: str) -> None:
    (fault,) = refusals(f"{minimal}environment: 3\n")
    assert fault.subject == "environment"


def test_a_file_is_read_and_named(tmp_path: Path, minimal: str) -> None:
    path = tmp_path / "db.yaml"
    path.write_text("\ufeff" + minimal, encoding="utf-8")
    spec = load(path)
    assert spec.origin_of("name") == Origin(str(path), 1, 1)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as raised:
        load(tmp_path / "none.yaml")
    assert raised.value.summary == "spec cannot be read"
    assert "No such file" in raised.value.detail
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: caf\xe9\n")
    with pytest.raises(InputRefused) as raised:
        load(latin)
    assert raised.value.findings[0].detail == "Byte 9 is not UTF-8."
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputRefused) as raised:
        load(big)
    assert raised.value.findings[0].id == "SP002"


def test_a_flood_of_faults_ends_soon(refusals: Refusals, minimal: str) -> None:
    started = time.process_time()
    unknown = refusals(minimal + "".join(f"key{number}: 3\n" for number in range(20_000)))
    assert len(unknown) == 200
    assert time.process_time() - started < 20  # it takes one or two; unbounded it took minutes


@pytest.mark.parametrize(("count", "refused"), [(50, False), (51, True), (5_000, True)])
def test_environments_are_bounded(refusals: Refusals, minimal: str, count: int, refused: bool) -> None:
    text = f"{minimal}environments:\n" + "".join(f"  e{number}: {{}}\n" for number in range(count))
    if refused:
        (fault,) = refusals(text, environment="e0")
        assert fault.detail == f"environments: {count} environments are too many."
    else:
        assert load(text, environment="e49").identifier == "shop-e49"
