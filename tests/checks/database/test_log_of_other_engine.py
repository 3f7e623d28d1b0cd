"""DB021: logs by engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.log_of_other_engine import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.values import Param, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("engine", "logs", "wrong"),
    [
        ("postgres", ("postgresql", "upgrade", "iam-db-auth-error"), []),
        ("postgres", ("error",), ["error"]),
        ("mysql", ("audit", "error", "general", "slowquery"), []),
        ("MySQL", ("slowquery", "slow_query", "postgresql"), ["slow_query", "postgresql"]),
        ("mariadb", ("trace",), ["trace"]),
        ("sqlserver-ee", ("agent",), []),
        ("postgres", (Param("Log"), Unknown("later", is_list=True)), []),
        ("postgres", (), []),
    ],
)
def test_logs(engine: str, logs: tuple[object, ...], wrong: list[str], say: Say) -> None:
    findings = say(faults, plan_of(database(engine=engine, log_exports=logs)))
    assert len(findings) == len(wrong)
    assert all(f"no log '{name}'" in finding.detail for name, finding in zip(wrong, findings, strict=True))
