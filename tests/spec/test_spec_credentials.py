"""Passwords that change: who may alternate, and with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from mainstay.core.findings import Finding
from mainstay.spec import Spec

Refusals = Callable[..., list[Finding]]
Loaded = Callable[[Mapping[str, str]], Spec]


@pytest.mark.parametrize(
    ("rotation", "said"),
    [
        ("{users: alternating, application_user: %s}" % ("a" * 27), "27 characters"),
        ("{users: alternating, application_user: pg_app}", "'pg_app' is reserved."),
        ("{users: alternating, application_user: owner}", "The master user owner cannot alternate with itself."),
        ("{application_user: shop_app}", "application_user is made with alternating users only."),
    ],
)
def test_a_user_that_cannot_alternate_is_refused(refusals: Refusals, rotation: str, said: str) -> None:
    (one,) = refusals(overrides={"credentials.rotation": rotation})
    assert said in one.detail


def test_a_master_user_named_like_the_twin_is_refused(refusals: Refusals, loaded: Loaded) -> None:
    alternating = {"credentials.rotation": "{users: alternating, application_user: %s}" % ("a" * 26)}
    assert loaded(alternating).credentials.rotation
    (one,) = refusals(
        overrides={
            "credentials.username": "app_clone",
            "credentials.rotation": "{users: alternating, application_user: app}",
        }
    )
    assert "cannot alternate with itself" in one.detail


def test_alternating_users_stand_behind_no_proxy(refusals: Refusals, loaded: Loaded) -> None:
    proxy = {"access.proxy": "{}"}
    assert loaded({**proxy, "credentials.rotation": "{users: single}"}).access.proxy
    (one,) = refusals(overrides={**proxy, "credentials.rotation": "{users: alternating}"})
    assert one.subject == "credentials.rotation.users"
    assert "would refuse users that alternate" in one.detail
