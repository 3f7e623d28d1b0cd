"""The dialect of places where nothing is an expression."""

from __future__ import annotations

import pytest

from mainstay.formats.codec import CannotExpress, Literal
from mainstay.plan.values import If, Param


def test_only_literals_have_a_form_there() -> None:
    dialect = Literal()
    assert dialect.parse("${x}") == "${x}"
    assert not dialect.identifies("A", "id", ("id",))
    assert not dialect.is_list("A")
    with pytest.raises(CannotExpress, match="is an expression"):
        dialect.render(Param("A"))
    with pytest.raises(CannotExpress, match="is an expression"):
        dialect.choice(If("A", 1, 2), 1, 2)
    with pytest.raises(CannotExpress, match="is an expression"):
        dialect.reference("A", "id")
