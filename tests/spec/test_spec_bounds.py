"""Every key of the schema has a row: a value just inside each bound, one just outside, and what is said about it.

The rows stand here and in `test_spec_sections`; this file also holds the test that finds a key without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.spec.test_spec_sections import BOUNDS

from mainstay.core.findings import Finding
from mainstay.spec import Spec, json_schema

Refusals = Callable[..., list[Finding]]
Loaded = Callable[[Mapping[str, str]], Spec]

# What a row's setting needs around it.
AROUND = {
    "disaster_recovery": {
        "region": "eu-central-1",
        "protection.backup_plan": "{continuous: true, daily: {keep: 9d}, weekly: {keep: 60d}, monthly: {keep: 400d}}",
    }
}
VPC = "vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e], private: [subnet-0a1b2c40, subnet-0a1b2c41]"
DR = "region: eu-west-1, copies: {daily: 30d}"
MORE: list[tuple[str, tuple[str, ...], dict[str, str]]] = [
    ("project", ("a", "a" * 256, "null"), {"''": "at least 1 character", "a" * 257: "at most 256 characters"}),
    (
        "credentials.rotation",
        (
            "{every: 30d, users: alternating, application_user: a}",
            f"{{every: 30d, users: alternating, application_user: {'a' * 26}}}",
        ),
        {
            f"{{every: 30d, users: alternating, application_user: {'a' * 27}}}": "27 characters",
            "{every: 30d, users: alternating, application_user: a-b}": "not a name",
        },
    ),
    ("access.bastion", ("{instance_type: t4g.nano}",), {"{instance_type: nano}": "not a name here"}),
    (
        "protection.export",
        (
            "{infrequent_access_after: 30d, glacier_after: 60d}",
            "{deep_archive_after: 91d}",
            "{expires_after: 366d}",
            "{expires_after: 36500d}",
            "{keep_access_logs: 1d}",
            "{keep_access_logs: 36500d}",
        ),
        {
            "{infrequent_access_after: 29d}": "29d is outside 30d to 3650d",
            "{infrequent_access_after: 3651d}": "outside",
            "{infrequent_access_after: 61d}": "sooner after",
            "{deep_archive_after: 90d}": "deep_archive_after 90d is not after glacier_after 90d",
            "{deep_archive_after: 3651d}": "outside 1d to 3650d",
            "{expires_after: 365d}": "expires_after 365d is not after deep_archive_after 365d",
            "{expires_after: 36501d}": "outside 1d to 36500d",
            "{keep_access_logs: 0d}": "0s is outside 1d to 36500d",
            "{keep_access_logs: 36501d}": "outside",
        },
    ),
    (
        "disaster_recovery",
        (
            "{region: eu-west-1}",
            "{region: eu-west-1, keep: 1d}",
            "{region: eu-west-1, keep: 35d}",
            "{region: eu-west-1, copies: {continuous: 2d, daily: 2d, weekly: 8d, monthly: 32d}}",
            "{region: eu-west-1, copies: {continuous: 36500d, daily: 36500d, weekly: 36500d, monthly: 36500d}}",
            f"{{{DR}, lock: {{least: 1d, most: 36500d}}, admits: ['123456789012']}}",
            f"{{{DR}, lock: {{least: 1d, compliance: {{after: 3d, confirmed: shop-dev}}}}}}",
        ),
        {
            "{region: Ireland}": "'Ireland' is not a name here",
            "{region: eu-west-1, keep: 0d}": "0s is outside 1d to 35d",
            "{region: eu-west-1, keep: 36d}": "outside",
            "{region: eu-west-1, keep: null}": "Nothing leaves the region",
            "{region: eu-west-1, copies: {}}": "It copies nothing",
            "{region: eu-west-1, copies: {continuous: 1d}}": "1d is outside 2d to 36500d",
            "{region: eu-west-1, copies: {daily: 1d}}": "1d is outside 2d to 36500d",
            "{region: eu-west-1, copies: {daily: 36501d}}": "outside",
            "{region: eu-west-1, copies: {weekly: 7d}}": "7d is outside 8d to 36500d",
            "{region: eu-west-1, copies: {monthly: 31d}}": "31d is outside 32d to 36500d",
            f"{{{DR}, lock: {{least: 0d}}}}": "0s is outside 1d to 36500d",
            f"{{{DR}, lock: {{least: 31d}}}}": "outside the lock",
            f"{{{DR}, lock: {{least: 2d, most: 1d}}}}": "most 1d is below least 2d",
            f"{{{DR}, lock: {{least: 1d, compliance: {{after: 2d, confirmed: shop-dev}}}}}}": "2d is outside 3d",
            f"{{{DR}, lock: {{least: 1d, compliance: {{after: 3d, confirmed: 1}}}}}}": "1 is not text",
            f"{{{DR}, admits: ['1']}}": "not a name here",
        },
    ),
    (
        "network.existing",
        (f"{{{VPC}, application: [{{id: subnet-0a1b2c3f, cidr: 10.0.0.0/24}}]}}",),
        {
            f"{{{VPC}, application: [{{id: one, cidr: 10.0.0.0/24}}]}}": "not a name here",
            f"{{{VPC}, application: [{{id: subnet-0a1b2c3f, cidr: 10.0.0.1/24}}]}}": "bits set beyond its prefix",
        },
    ),
    # Which periods CloudWatch and Insights take is a table; the plan's passes say which is the nearest.
    ("monitoring.logs.keep", ("1d", "3653d"), {"25h": "not a whole number of days", "1": "1 is not a duration"}),
    ("monitoring.insights.keep", ("7d", "731d"), {"36h": "not a whole number of days", "7": "7 is not a duration"}),
    (
        "drill.heartbeat",
        ("1m", "1h", "null"),
        {"59s": "not a whole number of minutes", "0m": "outside", "61m": "outside"},
    ),
    (
        "drill.checks",
        (
            "[{name: a, sql: b, database: tap}]",
            "[{name: a, sql: b, database: null}]",
            f"[{{name: a, sql: SELECT 1 ORDER  by 1, hash: 'sha256:{'0' * 64}'}}]",
            f"[{{name: a, sql: SELECT 1, rows: 1, hash: 'sha256:{'f' * 64}'}}]",
        ),
        {
            "[{name: a, sql: b, database: 1}]": "1 is not text",
            f"[{{name: a, sql: b, rows: 1, hash: 'sha256:{'0' * 63}'}}]": "not a name here",
            f"[{{name: a, sql: b, rows: 1, hash: 'sha256:{'0' * 65}'}}]": "has 72 characters",
            f"[{{name: a, sql: SELECT reorder bytes, hash: 'sha256:{'0' * 64}'}}]": "names none",
        },
    ),
    (
        "validation",
        (
            "{events: [failure]}",
            "{events: [], every: 5m}",
            "{every: 31d}",
            "{memory: 128 MiB}",
            "{memory: 10 GiB}",
            "{timeout: 30s}",
            "{timeout: 900s}",
            "{manifest: null}",
            '{expect: {version: "8.4", character_set: utf8mb4, collation: c, replication: none}}',
            "{expect: {is_complete: true, tables: {orders: 0}}}",
            "{expect: {tables: {orders: {min: 1, max: 1}, events: }}}",
            "{expect: {tables: {orders: 1000000000000}}}",
        ),
        {
            "{events: [failures]}": "'failures' is not one of availability",
            "{events: [failure, failure]}": "stands there twice",
            "{events: []}": "Nothing ever calls it",
            "{every: 299s}": "not a whole number of minutes",
            "{every: 4m}": "4m is outside 5m to 31d",
            "{every: 32d}": "outside",
            "{memory: 127 MiB}": "127 MiB is outside 128 MiB to 10 GiB",
            "{memory: 10241 MiB}": "outside",
            "{memory: 134217729 B}": "not whole MiB",
            "{timeout: 29s}": "29s is outside 30s to 15m",
            "{timeout: 901s}": "outside",
            "{manifest: 1}": "1 is not text",
            "{expect: {version: 8.4}}": "the number 8.4",
            "{expect: {character_set: 1}}": "1 is not text",
            "{expect: {collation: [c]}}": "a list",
            "{expect: {replication: replica}}": "'replica' is not one of source, none",
            "{expect: {is_complete: true}}": "without tables",
            "{expect: {tables: {orders: -1}}}": "-1 is outside 0 to 1000000000000",
            "{expect: {tables: {orders: 1000000000001}}}": "outside",
            "{expect: {tables: {orders: {min: 2, max: 1}}}}": "min 2 is above max 1",
            "{expect: {tables: {orders: {least: 1}}}}": "there is no least here",
        },
    ),
    (
        "suppress",
        ("[{rule: DB004, reason: a, resource: Database}]",),
        {"[{rule: DB004, reason: a, resource: 1}]": "1 is not text"},
    ),
]
ROWS = [*BOUNDS, *MORE]
# A VPC in the other region has the keys of the first; which of its bounds differ is tested with disaster recovery.
SAME = {"disaster_recovery.network.": "network."}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, right, _ in MORE for value in right])
def test_what_is_just_inside_is_taken(loaded: Loaded, key: str, value: str) -> None:
    loaded({**AROUND.get(key, {}), key: value})


@pytest.mark.parametrize(
    ("key", "value", "said"), [(key, value, said) for key, _, wrong in MORE for value, said in wrong.items()]
)
def test_what_is_just_outside_says_why_and_what_to_do(refusals: Refusals, key: str, value: str, said: str) -> None:
    faults = refusals(overrides={**AROUND.get(key, {}), key: value})
    assert [fault.detail for fault in faults if said in fault.detail] != [], [fault.detail for fault in faults]
    assert [fault for fault in faults if not fault.hint or not fault.subject or fault.origin is None] == []


def leaves() -> dict[str, dict[str, Any]]:  # Any: pieces of a JSON schema
    """Every key that holds a value, by its dotted path (`[]` for the items of a list), with its schema."""
    schema = json_schema()
    own = {key: value for key, value in schema["properties"].items() if key != "environments"}
    return dict(_leaves({"properties": own}, "", schema["$defs"]))


def _leaves(node: dict[str, Any], path: str, known: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    shapes = [_whole(one, known) for one in _whole(node, known).get("anyOf", [node])]
    inside = [
        (f"{path}[]" if "items" in shape else path, _whole(shape.get("items", shape), known))
        for shape in shapes
        if not isinstance(shape.get("items", {}), bool)
    ]
    sections = [(where, shape) for where, shape in inside if shape.get("properties")]
    for where, section in sections:
        for key, value in section["properties"].items():
            yield from _leaves(value, f"{where}.{key}".lstrip("."), known)
    if not sections:
        yield path, node


def _whole(node: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {**known[node["$ref"].rpartition("/")[2]], **node} if "$ref" in node else node


LEAVES = leaves()
SWITCHES = sorted(path for path, node in LEAVES.items() if node.get("type") == "boolean" and "[]" not in path)


def has_row(leaf: str) -> bool:
    """A row of its own, or values on both sides in the row of a section or list above it."""
    for prefix, same in SAME.items():
        if leaf.startswith(prefix):
            leaf = same + leaf.removeprefix(prefix)
    path, name = leaf.replace("[]", ""), leaf.rpartition(".")[2]
    for key, right, wrong in ROWS:
        is_above = path.startswith(f"{key}.") and all(any(f"{name}:" in one for one in side) for side in (right, wrong))
        if path == key or is_above:
            return True
    return False


def test_every_key_of_the_schema_has_a_row() -> None:
    lacking = [leaf for leaf in LEAVES if leaf not in SWITCHES and not has_row(leaf)]
    assert lacking == [], "add a value on each side of each bound, with what is said, to MORE"
    assert len(LEAVES) > 150


def test_the_walk_would_notice_a_key_without_a_row() -> None:
    assert not has_row("protection.backups.nonsense")
    assert not has_row("nonsense")
    assert has_row("disaster_recovery.network.zones")


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_is_true_or_false_and_no_number_or_word(refusals: Refusals, switch: str) -> None:
    for value, shown in (("1", "1"), ('"yes"', "'yes'")):
        said = [fault.detail for fault in refusals(overrides={switch: value}) if fault.subject == switch]
        assert any("not true or false" in one and shown in one for one in said) or "cluster" in " ".join(said), said
