"""Regions: to which others RDS replicates automated backups, and which partition they belong to."""

from __future__ import annotations

from typing import Final

from mainstay.facts.loading import load

# AWS General Reference, aws-arns, 2026-11-21; the isolated partitions are nobody's to choose by accident.
_PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


def replication_targets(region: str) -> tuple[str, ...]:
    """The regions to which RDS replicates automated backups from this one; none for one that the table lacks."""
    return tuple(load("region_pairs").data.get(region, ()))


def partition(region: str) -> str:
    """`aws`, `aws-cn`, `aws-us-gov` or one of the isolated ones."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")
