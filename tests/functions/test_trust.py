"""Whom functions believe: the bundle as it is now, read once."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused
from mainstay.engines.certificates import create_authority
from mainstay.functions.settings import CA_BUNDLE
from mainstay.functions.trust import tls_context


def subjects(context: ssl.SSLContext) -> str:
    return " ".join(str(each["subject"]) for each in context.get_ca_certs())


def test_a_bundle_is_read_once_and_again_when_another_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = create_authority(tmp_path / "first", name="first").certificate
    monkeypatch.setenv(CA_BUNDLE, str(bundle))
    context = tls_context()
    assert "first" in subjects(context)
    assert tls_context() is context
    create_authority(tmp_path / "second", name="second").certificate.replace(bundle)
    replaced = subjects(tls_context())
    assert "second" in replaced
    assert "first" not in replaced


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if text is not None:
        bundle.write_text(text)
    monkeypatch.setenv(CA_BUNDLE, str(bundle))
    with pytest.raises(InputRefused, match="cannot be read") as caught:
        tls_context()
    assert str(bundle) in caught.value.detail
