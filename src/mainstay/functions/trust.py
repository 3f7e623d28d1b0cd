"""Whom a function believes: TLS always, the certificate's issuer and its name both checked."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.functions import settings

PACKED_BUNDLE: Final = "ca.pem"


def tls_context() -> ssl.SSLContext:
    """A client context that trusts the public authorities (RDS Proxy) and the bundle given (RDS itself).

    The bundle is the file that `MAINSTAY_CA_BUNDLE` names, else `ca.pem` in the package. The context is the same as
    long as that file is.
    Error: InputRefused when the file cannot be read as certificates.
    """
    named = settings.optional(settings.CA_BUNDLE)
    bundle = Path(named) if named else settings.packed_file(PACKED_BUNDLE)
    if bundle is None:
        return _trusting(None, ())
    try:
        seen = bundle.stat()
        return _trusting(bundle, (seen.st_ino, seen.st_mtime_ns, seen.st_size))
    except OSError as error:  # an SSLError is one too
        raise InputRefused(
            "the ca bundle cannot be read",
            detail=f"{bundle}: {error}.",
            hint=f"pack a PEM bundle as {PACKED_BUNDLE}, or name one with {settings.CA_BUNDLE}",
        ) from error


# To read the public authorities takes 30 ms of a whole processor (2026-11-21), and a small function has a part of one.
@lru_cache(maxsize=1)
def _trusting(bundle: Path | None, version: tuple[int, ...]) -> ssl.SSLContext:
    del version  # which tells one bundle from what is put in its place
    context = ssl.create_default_context()
    # Python 3.13 turned these checks on by default (ssl documentation, create_default_context, 2026-11-21). They
    # refuse authorities that are older than the rule; chain, dates and host name are checked without them too.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if bundle is not None:
        context.load_verify_locations(cafile=str(bundle))
    return context
