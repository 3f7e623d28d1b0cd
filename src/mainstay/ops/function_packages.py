"""The code of a plan's functions: which package each of them needs, packed here and uploaded under its digest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import EnvironmentLacking, InputRefused
from mainstay.functions.manifest import PACKED_MANIFEST
from mainstay.functions.packaging import HANDLERS, Handler, Package, package
from mainstay.functions.trust import PACKED_BUNDLE
from mainstay.ops.login import RDS_BUNDLE
from mainstay.plan.intent import Intent
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Function
from mainstay.plan.values import Param

FOLDER: Final = "functions"


@dataclass(frozen=True, slots=True)
class FunctionPackage:
    """A package, the function it is for, and the parameters that tell the stack where it lies."""

    function: str
    bucket_parameter: str
    key_parameter: str
    package: Package

    @property
    def key(self) -> str:
        """Where it lies in a bucket, and beside a template: other code, other key."""
        return f"{FOLDER}/{self.package.key}"


def packages_of(
    region: RegionPlan, intent: Intent, *, ca_bundle: bytes | None, given: Collection[str] = ()
) -> tuple[FunctionPackage, ...]:
    """The packages of a region's functions, in the plan's order.

    A function whose code somebody gives by a parameter is left alone, and so is one that is none of ours.
    """
    return tuple(
        FunctionPackage(function.key, bucket.name, key.name, _packed(function, handler, intent, ca_bundle))
        for function, handler in _ours(region)
        if isinstance(bucket := function.code_bucket, Param)
        and isinstance(key := function.code_key, Param)
        and key.name not in given
    )


def _ours(region: RegionPlan) -> Iterator[tuple[Function, Handler]]:
    for function in region.of(Function):
        handler = HANDLERS.get(function.handler) if isinstance(function.handler, str) else None
        if handler is not None:
            yield function, handler


def needs_ca_bundle(region: RegionPlan, given: Collection[str] = ()) -> bool:
    """Whether a package logs in to a database, for which it needs certificates to trust."""
    return any(
        handler.opens_database
        for function, handler in _ours(region)
        if isinstance(function.code_key, Param) and function.code_key.name not in given
    )


def read_ca_bundle(path: Path | None) -> bytes:
    """The certificates that RDS is trusted by. Error: EnvironmentLacking that says where to get them."""
    hint = f"download {RDS_BUNDLE} and name it with --ca-bundle"
    if path is None:
        raise EnvironmentLacking(
            "no certificates to pack",
            detail="The functions log in to the database over TLS, and trust what is packed with them.",
            hint=hint,
        )
    try:
        bundle = path.read_bytes()
    except OSError as error:
        raise EnvironmentLacking(
            "the ca bundle cannot be read", detail=f"{path}: {error.strerror}.", hint=hint
        ) from error
    if b"-----BEGIN CERTIFICATE-----" not in bundle:
        raise InputRefused("not a ca bundle", detail=f"{path} holds no certificate in PEM.", hint=hint)
    return bundle


def _packed(function: Function, handler: Handler, intent: Intent, ca_bundle: bytes | None) -> Package:
    files = {}
    if handler.opens_database and ca_bundle is not None:
        files[PACKED_BUNDLE] = ca_bundle
    if handler.takes_manifest and intent.manifest:
        files[PACKED_MANIFEST] = intent.manifest.encode()
    architecture = function.architectures[0] if function.architectures else "x86_64"  # Lambda's own default
    return package(handler.name, str(architecture), files)
