"""Regions: what they are called, their partition, and to which others RDS replicates automated backups."""

from __future__ import annotations

from mainstay.facts.loading import load


def regions() -> list[str]:
    """Every region of every partition."""
    return list(load("regions").data)


def region_name(region: str) -> str | None:
    """`Europe (Frankfurt)`; None for a region that the table lacks."""
    row = load("regions").data.get(region)
    return None if row is None else str(row["name"])


def replication_targets(region: str) -> tuple[str, ...]:
    """The regions to which RDS replicates automated backups from this one; none for one that the table lacks."""
    return tuple(load("region_pairs").data.get(region, ()))


def partition(region: str) -> str:
    """`aws`, `aws-cn`, `aws-us-gov`, `aws-eusc` or one of the isolated ones; `aws` for a region not known yet."""
    return str(load("regions").data.get(region, {}).get("partition", "aws"))
