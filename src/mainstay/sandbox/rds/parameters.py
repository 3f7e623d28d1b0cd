"""What may stand in a parameter group of the PostgreSQL families, and what its formulas mean.

`postgres_parameters.tsv` beside this file is `postgres --describe-config` of PostgreSQL 17.10 (2026-11-21): name,
context, type, lowest and highest value, in the engine's own units, which are RDS's too (RDS User Guide,
Appendix.PostgreSQL.CommonDBATasks.Parameters, read 2026-11-20).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from mainstay.sandbox.rds import faults

# What RDS adds; allowed values and apply types from the same page.
RDS_PARAMETERS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "rds.force_ssl": ("sighup", "BOOLEAN", "", ""),
    "rds.logical_replication": ("postmaster", "BOOLEAN", "", ""),
    "rds.log_retention_period": ("sighup", "INTEGER", "1440", "10080"),
    "rds.restrict_password_commands": ("postmaster", "BOOLEAN", "", ""),
    "rds.force_autovacuum_logging_level": ("sighup", "ENUM", "", ""),
    "rds.force_admin_logging_level": ("sighup", "ENUM", "", ""),
    "rds.allowed_extensions": ("postmaster", "STRING", "", ""),
    "rds.accepted_password_auth_method": ("sighup", "ENUM", "", ""),
    "rds.adaptive_autovacuum": ("sighup", "BOOLEAN", "", ""),
    "rds.custom_dns_resolution": ("postmaster", "BOOLEAN", "", ""),
    "rds.rds_superuser_reserved_connections": ("postmaster", "INTEGER", "0", "8388607"),
    "rds.superuser_variables": ("sighup", "STRING", "", ""),
    "rds.enable_plan_management": ("postmaster", "BOOLEAN", "", ""),
}
# Settings of extensions, which the server knows only once the extension is loaded.
EXTENSION_PREFIXES: Final = (
    "pg_stat_statements.", "auto_explain.", "pgaudit.", "pg_hint_plan.", "cron.", "pg_partman_bgw.", "pglogical.",
    "plpgsql.", "pg_prewarm.", "pg_bigm.", "postgis.", "orafce.", "plrust.", "pgtle.",
)  # fmt: skip
BOOLEANS: Final = ("0", "1")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_FUNCTIONS: Final[Mapping[str, Callable[[list[int]], int]]] = {"GREATEST": max, "LEAST": min, "SUM": sum}
_FORMULA: Final = re.compile(r"[{]|^(GREATEST|LEAST|SUM)\(")
_PRODUCT: Final = re.compile(r"\{([A-Za-z]+)((?:[*/]\d+)*)\}")

FAMILIES: Final = (
    *(f"postgres{major}" for major in range(11, 19)),
    "mysql5.7", "mysql8.0", "mysql8.4",
    "mariadb10.5", "mariadb10.6", "mariadb10.11", "mariadb11.4", "mariadb11.8", "mariadb12.3",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a family: `is_static` ones take effect with a restart."""

    name: str
    is_static: bool
    kind: str
    lowest: str = ""
    highest: str = ""

    @property
    def allowed(self) -> str:
        """The allowed values as RDS writes them, or nothing."""
        if self.kind == "BOOLEAN":
            return ",".join(BOOLEANS)
        return f"{self.lowest}-{self.highest}" if self.lowest else ""

    def admits(self, value: str) -> bool:
        """Whether RDS takes this text; a formula is taken as it is."""
        if _FORMULA.search(value):
            return self.kind in ("INTEGER", "REAL")
        if self.kind == "BOOLEAN":
            return value in BOOLEANS
        if self.kind not in ("INTEGER", "REAL"):
            return True
        if not _NUMBER.fullmatch(value) or (self.kind == "INTEGER" and "." in value):
            return False
        return not self.lowest or float(self.lowest) <= float(value) <= float(self.highest)


@cache
def known_parameters() -> Mapping[str, Parameter]:
    """Every parameter of the PostgreSQL families, by name."""
    text = (files(__package__) / "postgres_parameters.tsv").read_text(encoding="utf-8")
    rows = [tuple(line.split("\t")) for line in text.splitlines()]
    rows += [(name, *row) for name, row in RDS_PARAMETERS.items()]
    return {
        name: Parameter(name, context == "postmaster", kind, lowest, highest)
        for name, context, kind, lowest, highest in sorted(rows)
    }


def require_parameter(family: str, name: str) -> Parameter:
    """The parameter, or RDS's refusal of a name that the family does not have."""
    found = known_parameters().get(name)
    if found is None and name.startswith(EXTENSION_PREFIXES):
        return Parameter(name, is_static=False, kind="STRING")
    if found is None or not family.startswith("postgres"):
        raise faults.invalid_value(f"Could not find parameter with name: {name}")
    return found


def evaluate(value: str, variables: Mapping[str, int]) -> str:
    """A parameter's value with its formula worked out: `{DBInstanceClassMemory/32768}` becomes a number of pages.

    Integer arithmetic, from left to right; one of GREATEST, LEAST and SUM may stand around several terms
    (RDS User Guide, USER_ParamValuesRef, read 2026-11-20). ValueError when it is not such a formula.
    """
    if not _FORMULA.search(value):
        return value
    call = re.fullmatch(r"(GREATEST|LEAST|SUM)\((.+)\)", value.replace(" ", ""))
    if call is None:
        return str(_term(value.strip(), variables))
    terms = [_term(term, variables) for term in call[2].split(",")]
    return str(_FUNCTIONS[call[1]](terms))


def _term(text: str, variables: Mapping[str, int]) -> int:
    if text.isdigit():
        return int(text)
    product = _PRODUCT.fullmatch(text)
    if product is None or product[1] not in variables:
        raise ValueError(f"'{text}' is not a term of a parameter formula")
    number = variables[product[1]]
    for operator, factor in re.findall(r"([*/])(\d+)", product[2]):
        number = number * int(factor) if operator == "*" else number // int(factor)
    return number
