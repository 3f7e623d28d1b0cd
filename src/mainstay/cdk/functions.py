"""The code of a design's functions, as assets of the app: what `cdk deploy` uploads before it deploys."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import aws_cdk
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from mainstay.cdk.design import Design
from mainstay.core.errors import EnvironmentLacking
from mainstay.plan.resources import Function

_FOLDER: Final = "mainstay"


def code(scope: Construct, design: Design, *, ca_bundle: Path | None, given: Collection[str]) -> dict[str, str]:
    """The values of the parameters that say where the functions' code lies. `given` are parameters that have a value.

    Each package is an asset below `scope`, named after its function. EnvironmentLacking when a function logs in to the
    database and nobody has given the certificates that it trusts.
    """
    if not any(design.region.of(Function)):
        return {}
    from mainstay.ops import function_packages, login  # lazy: packs drivers, which few designs need

    bundle = None
    if function_packages.needs_ca_bundle(design.region, given):
        _refuse_without(ca_bundle, login.RDS_BUNDLE)
        bundle = function_packages.read_ca_bundle(ca_bundle)
    values: dict[str, str] = {}
    folder = Path(aws_cdk.Stage.of(scope).outdir) / _FOLDER
    for one in function_packages.packages_of(design.region, design.plan.intent, ca_bundle=bundle, given=given):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / one.package.key
        file.write_bytes(one.package.content)
        asset = Asset(scope, f"{one.function}Code", path=str(file), asset_hash=one.package.sha256)
        values |= {one.bucket_parameter: asset.s3_bucket_name, one.key_parameter: asset.s3_object_key}
    return values


def _refuse_without(ca_bundle: Path | None, address: str) -> None:
    if ca_bundle is None:
        raise EnvironmentLacking(
            "no certificates to pack",
            detail="The functions log in to the database over TLS, and trust what is packed with them.",
            hint=f'download {address} into the app and give ca_bundle="global-bundle.pem"',
        )
