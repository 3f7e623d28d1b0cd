"""The library's front: every name is there, loads, and is documented."""

from __future__ import annotations

import inspect

import pytest

from mainstay import api


def test_the_names_are_sorted_and_unique() -> None:
    assert sorted(set(api.__all__)) == api.__all__


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_is_a_documented_function(name: str) -> None:
    function = getattr(api, name)
    assert callable(function)
    assert inspect.getdoc(function)
    assert getattr(api, name) is function


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no function 'chek'"):
        _ = api.chek
