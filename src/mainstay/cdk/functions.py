"""The code of a design's functions, as assets of the app: what `cdk deploy` uploads before it deploys."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import aws_cdk
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from mainstay.cdk.design import Design
from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.plan.resources import Function

_FOLDER: Final = "mainstay"
_ARGUMENT: Final = 'ca_bundle="global-bundle.pem"'


def code(scope: Construct, design: Design, *, ca_bundle: Path | None, given: Collection[str]) -> dict[str, str]:
    """The values of the parameters that say where the functions' code lies. `given` are parameters that have a value.

    Each package is an asset below `scope`, named after its function. EnvironmentLacking when a function logs in to the
    database and nobody has given the certificates that it trusts.
    """
    if not any(design.region.of(Function)):
        return {}
    from mainstay.ops import function_packages, login  # lazy: packs drivers, which few designs need

    is_needed = function_packages.needs_ca_bundle(design.region, given)
    bundle = _read(ca_bundle, f"download {login.RDS_BUNDLE} into the app and give {_ARGUMENT}") if is_needed else None
    values: dict[str, str] = {}
    folder = Path(aws_cdk.Stage.of(scope).outdir) / _FOLDER
    for one in function_packages.packages_of(design.region, design.plan.intent, ca_bundle=bundle, given=given):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / one.package.key
        file.write_bytes(one.package.content)
        asset = Asset(scope, f"{one.function}Code", path=str(file), asset_hash=one.package.sha256)
        values |= {one.bucket_parameter: asset.s3_bucket_name, one.key_parameter: asset.s3_object_key}
    return values


def _read(ca_bundle: Path | None, hint: str) -> bytes:
    """The certificates; what the command line would say of them, with what an app does about it."""
    from mainstay.ops import function_packages  # lazy, as above

    try:
        return function_packages.read_ca_bundle(ca_bundle)
    except (EnvironmentLacking, InputRefused) as error:
        raise type(error)(error.summary, detail=error.detail, hint=hint) from error
