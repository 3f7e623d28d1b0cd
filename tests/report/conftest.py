"""Evidence of a drill as it looks when all went well, for pages to be drawn from."""

from __future__ import annotations

from typing import Any

import pytest

LEVELS = (
    ("P0", "Backups are kept", "Automated backups are kept for 7d."),
    ("P1", "The window is fresh", "The latest restorable time was 1.2 s old."),
    ("P2", "It restores and opens", "A login over verified TLS answered."),
    ("P3", "The exact point", "41 markers before the target are present, 3 after it are absent."),
    ("P4", "The data are equal", "18 tables with 12,402 rows, 9 sequences and the catalog equal the source."),
    ("P5", "It is usable", "No SQL check is written in the spec."),
    ("P6", "A second way", "This drill restored in one way and one region only."),
)
PHASES = (
    ("t_request", "Request accepted", 0.04, 0.04),
    ("t_create", "Instance created", 0.21, 0.25),
    ("t_available", "Restored, available", 1.9, 2.15),
    ("t_login", "Login over TLS", 0.42, 2.57),
    ("t_point_verified", "Point verified", 0.09, 2.66),
    ("t_data_verified", "Data verified", 0.61, 3.27),
)
CHECKS = (
    ("instance", "not public", "", "passed", "no", "no"),
    ("marker", "markers before the target", "shop", "passed", "41 present", "41 present"),
    ("marker", "markers after the target", "shop", "passed", "3 absent", "3 absent"),
    ("table", '"public"."orders"', "shop", "passed", "4217 rows, sum -810344", "4217 rows, sum -810344"),
    ("table", '"public"."customers"', "shop", "passed", "500 rows, sum 99812344711", "500 rows, sum 99812344711"),
    ("sequence", '"public"."orders_id_seq"', "shop", "passed", "at least 4217", "at 4249"),
    ("catalog", "settings: max_connections", "shop", "noted", "100", "112"),
    ("objective", "recovery time", "", "passed", "at most 15 min", "3.3 s"),
    ("cleanup", "restored instance is gone", "", "passed", "nothing left", "nothing left"),
)
STEPS = ("Look at the source", "Take the lease", "Choose the target", "Restore into a new instance")


def checks(*rows: tuple[str, str, str, str, str, str]) -> list[dict[str, str]]:
    names = ("kind", "name", "database", "outcome", "expected", "observed")
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def evidence() -> dict[str, Any]:
    return {
        "format": "mainstay.evidence",
        "version": 2,
        "kind": "drill",
        "number": 3,
        "run": "20261120-140501-4f2a",
        "label": "sandbox",
        "started_at": "2026-11-20T14:05:01.000000Z",
        "ended_at": "2026-11-20T14:05:06.500000Z",
        "made_by": {"mainstay": "0.1.0", "operator": "ada@workbench", "caller": "arn:aws:iam::123456789012:user/ada",
                    "observed_from": "workbench"},
        "hashes": {"spec": None, "plan": "sha256:" + "1a" * 32},
        "asked": {
            "required_level": "P3",
            "questions": [
                {"name": "items", "database": "shop", "statement": "SELECT 1 FROM item LIMIT 1", "expected_rows": 1},
            ],
        },
        "source": {
            "stack": "shop-dev",
            "identifier": "shop-dev-database",
            "resource_id": "db-SOURCE",
            "region": "eu-central-1",
            "engine": "postgres",
            "engine_version": "17.6",
            "engine_build": "PostgreSQL 17.10 on x86_64-pc-linux-gnu",
            "databases": ["shop"],
        },
        "target": {
            "kind": "before-disaster",
            "time": "2026-11-20T14:05:00.412000Z",
            "window": {"earliest": "2026-11-20T14:01:00.000000Z", "latest": "2026-11-20T14:05:01.900000Z"},
            "identifier": "shop-dev-database-drill-4f2a",
            "resource_id": "db-RESTORED",
        },
        "steps": [
            {"number": number, "name": name, "started_at": f"2026-11-20T14:05:0{number}.000000Z", "seconds": 0.8,
             "outcome": "done"}
            for number, name in enumerate(STEPS, 1)
        ],
        "phases": [
            {"name": name, "title": title, "seconds": took, "ends_s": ends} for name, title, took, ends in PHASES
        ],
        "rto": {"objective_s": 900, "measured_s": 3.27, "available_s": 2.15},
        "rpo": {"objective_s": 300, "proven_s": 0.031, "exposure_s": 1.2},
        "points": [
            {"kind": "survived", "title": "newest survivor", "time": "2026-11-20T14:05:00.381000Z"},
            {"kind": "target", "title": "target", "time": "2026-11-20T14:05:00.412000Z"},
            {"kind": "absent", "title": "first absent", "time": "2026-11-20T14:05:00.455000Z"},
            {"kind": "disaster", "title": "disaster", "time": "2026-11-20T14:05:00.470000Z"},
        ],
        "checks": checks(*CHECKS),
        "exclusions": [
            {"database": "shop", "subject": '"public"."scratch"', "reason": "unlogged: recovery empties it"}
        ],
        "findings": [],
        "forecast": [
            {"database": "Database", "failure": "row deleted", "survives": True, "way": "automated backups",
             "rpo_s": 300, "rto_least_s": 1344, "rto_most_s": 1675,
             "reaches": [{"keep_s": 604800, "gap_s": 0}, {"keep_s": None, "gap_s": 86400}],
             "reasons": ["Logs leave the instance every 5m."]},
            {"database": "Database", "failure": "stack deleted", "survives": True, "way": "deletion protection",
             "rpo_s": 0, "rto_least_s": 0, "rto_most_s": 0, "reaches": [], "reasons": ["It stays."]},
            {"database": "Database", "failure": "region lost", "survives": False, "way": "",
             "rpo_s": None, "rto_least_s": None, "rto_most_s": None, "reaches": [],
             "reasons": ["No backup leaves the region."]},
        ],
        "calls": [
            {"at": "2026-11-20T14:05:01.300000Z", "region": "eu-central-1", "service": "rds",
             "operation": "RestoreDBInstanceToPointInTime", "request_id": "5f1c-77", "outcome": "done"},
        ],
        "reads": {"rds:DescribeDBInstances": 14},
        "cost": {"usd": 0.42, "basis": "list prices of 2026-11-20"},
        "verdict": {
            "word": "PROVEN",
            "level": "P4",
            "reasons": [],
            "levels": [
                {"level": level, "title": title, "is_shown": level < "P5", "why": why} for level, title, why in LEVELS
            ],
        },
        "cleanup": {"deleted": ["shop-dev-database-drill-4f2a"], "left": []},
        "previous": "sha256:" + "cd" * 32,
        "signed_by": {"kind": "local", "name": "ada@workbench", "algorithm": "Ed25519",
                      "fingerprint": "sha256:" + "ef" * 32, "public_key": "MCow"},
        "digest": "sha256:" + "ab" * 32,
        "signature": "c2ln",
    }  # fmt: skip
