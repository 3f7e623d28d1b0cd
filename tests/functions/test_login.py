"""Logins out of secrets: defaults, and passwords that nothing shows."""

from __future__ import annotations

import pytest

from mainstay.functions.login import DEFAULT_PORTS, login_of

DOCUMENT = {"username": "app", "password": "sesame-open-1", "engine": "postgres", "host": "db.example"}


@pytest.mark.parametrize("engine", DEFAULT_PORTS)
@pytest.mark.parametrize("absent", [{}, {"port": None}, {"port": ""}])
def test_a_port_that_is_left_out_is_the_engine_s(engine: str, absent: dict[str, object]) -> None:
    assert login_of({**DOCUMENT, "engine": engine, **absent}, "s").port == DEFAULT_PORTS[engine]


@pytest.mark.parametrize("port", [1, "65535"])
def test_a_port_may_be_a_number_or_text(port: object) -> None:
    assert login_of({**DOCUMENT, "port": port}, "s").port == int(str(port))


def test_neither_form_of_a_login_shows_its_password() -> None:
    login = login_of(DOCUMENT, "s")
    assert login.password == "sesame-open-1"
    assert "sesame" not in f"{login} {login!r}"
    assert str(login) == "app at db.example:5432"
