"""Where a vault stands, and which of two of one name it is."""

from __future__ import annotations

import pytest

from mainstay.forecast.places import place_of
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import BackupVault

NEAR = BackupVault(key="Near", name="v")
FAR = BackupVault(key="Far", name="v")


@pytest.mark.parametrize(("region", "vault"), [("us-west-2", FAR), ("eu-west-1", NEAR), ("eu-central-1", None)])
def test_vaults_of_one_name_in_two_regions(region: str, vault: BackupVault | None) -> None:
    home = RegionPlan(region="eu-west-1", resources=(NEAR,))
    plan = Plan(regions=(home, RegionPlan(region="us-west-2", resources=(FAR,))))
    place = place_of(f"arn:aws:backup:{region}:123456789012:backup-vault:v", home, plan)
    assert (place.region, place.vault) == (region, vault)
