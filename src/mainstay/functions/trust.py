"""Whom a function believes: TLS always, the certificate's issuer and its name both checked."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.functions import settings

PACKED_BUNDLE: Final = "ca.pem"


def tls_context() -> ssl.SSLContext:
    """A client context that trusts the public authorities (RDS Proxy) and the bundle given (RDS itself).

    The bundle is the file that `MAINSTAY_CA_BUNDLE` names, else `ca.pem` in the package.
    Error: InputRefused when the file cannot be read as certificates.
    """
    context = ssl.create_default_context()
    # Python 3.13 turned these checks on by default (ssl documentation, create_default_context, 2026-11-21). They
    # refuse authorities that are older than the rule; chain, dates and host name are checked without them too.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    named = settings.optional(settings.CA_BUNDLE)
    bundle = Path(named) if named else settings.packed_file(PACKED_BUNDLE)
    if bundle is not None:
        _add(context, bundle)
    return context


def _add(context: ssl.SSLContext, bundle: Path) -> None:
    try:
        context.load_verify_locations(cafile=str(bundle))
    except (OSError, ssl.SSLError) as error:
        raise InputRefused(
            "the ca bundle cannot be read",
            detail=f"{bundle}: {error}.",
            hint=f"pack a PEM bundle as {PACKED_BUNDLE}, or name one with {settings.CA_BUNDLE}",
        ) from error
