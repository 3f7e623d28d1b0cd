"""The settings without which an exported log of MySQL or MariaDB stays empty.

Both write their logs into tables unless told otherwise, and the general and the slow log are off by default; the
export is accepted all the same and carries nothing (RDS User Guide, USER_LogAccess.MySQL.Generallog, 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.core.findings import Finding
from mainstay.plan.passes.draft import fault_at
from mainstay.spec import Spec

_IN_FILES: Final = frozenset({"general", "slowquery"})


def usual_settings(spec: Spec) -> dict[str, str]:
    """What holds unless the spec says otherwise: TLS only, and what feeds the exported logs."""
    if spec.database.engine == "postgres":
        # RDS defaults to it from PostgreSQL 15 on; written down, it holds for 14 too and is seen by whoever reads the
        # template (RDS User Guide, PostgreSQL.Concepts.General.SSL, 2026-11-20).
        return {"rds.force_ssl": "1"}
    # Off by default in MySQL 8.0 and 8.4 and in MariaDB before 11.8.3 (RDS User Guide, mysql-ssl-connections).
    settings = {"require_secure_transport": "1"}
    if _IN_FILES & set(spec.log_exports):
        settings["log_output"] = "FILE"
    if "slowquery" in spec.log_exports:
        settings["slow_query_log"] = "1"
    # The general log is never switched on by itself: it holds every statement, passwords in them included.
    return settings


def empty_logs(spec: Spec, settings: Mapping[str, str]) -> Iterator[Finding]:
    """A fault for each exported log that the settings, as compiled, leave empty."""
    if spec.database.engine == "postgres":
        return
    for index, log in enumerate(spec.log_exports):
        path = "monitoring.logs.export" if spec.monitoring.logs.export is None else f"monitoring.logs.export.{index}"
        switch = {"general": "general_log", "slowquery": "slow_query_log"}.get(log)
        if switch and settings.get(switch, "0") != "1":
            warning = "; it writes every statement, passwords included" if log == "general" else ""
            yield fault_at(
                spec,
                "SP026",
                path,
                f"{log} is exported, but {switch} is off.",
                f"set database.parameters.{switch}: true, or take {log} out of monitoring.logs.export{warning}",
            )
        if log in _IN_FILES and settings["log_output"] != "FILE":
            yield fault_at(
                spec,
                "SP026",
                path,
                f"{log} is exported, but log_output is {settings['log_output']}.",
                "leave database.parameters.log_output out, or write FILE",
            )
        if log == "audit" and spec.monitoring.audit is None:
            yield fault_at(
                spec,
                "SP026",
                path,
                "audit is exported, but without the audit plugin nothing writes it.",
                "write monitoring.audit: {}, or take audit out",
            )
