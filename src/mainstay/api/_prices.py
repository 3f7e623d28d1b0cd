"""`mainstay prices`: a region's prices, out of the AWS Price List, into a file that is used instead of the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.core.naming import nearest
from mainstay.core.progress import Progress, Silent
from mainstay.facts import load, partition, regions
from mainstay.facts.own_prices import refusal_of_prices
from mainstay.ops.aws.doors import Doors
from mainstay.ops.aws.pricing import endpoint_for
from mainstay.ops.aws.session import open_session
from mainstay.ops.prices.collecting import Collected, PriceList, collected


@dataclass(frozen=True, slots=True)
class PricesResult:
    """A price file that was written. `unknown` are prices that the list does not tell, with the reason."""

    path: Path
    region: str
    source: str
    count: int
    unknown: Mapping[str, str]
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        """`{"path": ..., "region": ..., "count": 431, "unknown": {"gp3_throughput_month": "is not on the list"}}`."""
        return {
            "path": str(self.path),
            "region": self.region,
            "source": self.source,
            "count": self.count,
            "unknown": dict(self.unknown),
            "exit_code": self.exit_code,
        }


def prices(
    region: str,
    out: Path,
    *,
    profile: str | None = None,
    role_arn: str | None = None,
    price_list: PriceList | None = None,
    today: date | None = None,
    progress: Progress | None = None,
) -> PricesResult:
    """Ask the price list for a region and write `out`, which is written whole or not at all.

    InputRefused for a region that is not known or not billed in USD, and for a file that is no price file;
    EnvironmentLacking without credentials. `price_list` is the door to AWS, for those who have another one.
    """
    _refuse_region(region)
    _refuse_file(out)
    door = price_list or _door(region, profile, role_arn)
    day = today or datetime.now(UTC).date()
    found = collected(door, region, load("prices"), day, progress=progress or Silent())
    _write(out, found)
    return PricesResult(out, region, str(found.document["source"]), found.count, found.unknown)


def _door(region: str, profile: str | None, role_arn: str | None) -> PriceList:
    try:
        return Doors(open_session(endpoint_for(region), profile, role_arn)).pricing
    except EnvironmentLacking as lacking:
        raise EnvironmentLacking(
            lacking.summary,
            detail=f"{lacking.detail} The price list answers nobody without them, and nothing was written.",
            hint="run `aws configure` or `aws sso login`, or name a --profile that may call pricing:GetProducts",
        ) from lacking


def _refuse_region(region: str) -> None:
    if region not in regions():
        raise InputRefused(
            "no such region",
            detail=f"'{region}' is not a region of AWS as of {load('regions').date}.",
            hint=f"write {near}" if (near := nearest(region, regions())) else "`mainstay facts regions` lists them",
        )
    if partition(region) not in ("aws", "aws-us-gov"):
        raise InputRefused(
            "not on the price list",
            detail=f"{region} is of {partition(region)}, which has a price list, accounts and a currency of its own.",
            hint="write its prices into a file like the one that `mainstay facts prices --json` shows, in USD",
        )


def _refuse_file(out: Path) -> None:
    """Only a price file is overwritten."""
    if not out.exists():
        return
    try:
        why = refusal_of_prices(json.loads(out.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        why = str(error)
    if why:
        raise InputRefused(
            "the file is no price file",
            detail=f"{out} is there already, and is not overwritten: {why}.",
            hint="give another name with --out, or remove the file",
        )


def _write(out: Path, found: Collected) -> None:
    building = out.with_name(f".{out.name}.part")
    try:
        building.write_text(json.dumps(found.document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        building.replace(out)
    except OSError as error:
        raise EnvironmentLacking(
            "the file cannot be written", detail=f"{out}: {error}", hint="give another place with --out"
        ) from error
