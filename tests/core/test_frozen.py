"""A frozen class is as the standard library's would be."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from mainstay.core import frozen, records


@records.dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    tags: list[str] = field(default_factory=list)
    size: int = 3
    line: int = field(default=0, compare=False, repr=False)


@records.dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Part):
    parts: tuple[Part, ...] = ()


def pair(decorator: Callable[..., Any]) -> Any:
    @decorator(frozen=True)
    class Pair:
        left: int
        right: Any = None
        made: list[int] = field(default_factory=list, compare=False)

        def __post_init__(self) -> None:
            if self.left == -1:
                raise ValueError("left")

    return Pair


def single(decorator: Callable[..., Any]) -> Any:
    @decorator(frozen=True, slots=True)
    class Single:
        only: Any

    return Single


def test_it_is_what_the_package_uses() -> None:
    assert records.dataclass is frozen.dataclass


@pytest.mark.parametrize("make", [pair, single])
def test_signature_match_and_words_are_those_of_the_standard_one(make: Callable[..., Any]) -> None:
    ours, theirs = make(frozen.dataclass), make(dataclasses.dataclass)
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert ours.__match_args__ == theirs.__match_args__
    assert repr(ours(1)) == repr(theirs(1))
    for one in (ours, theirs):
        with pytest.raises(TypeError, match=rf"{one.__qualname__}\.__init__\(\) missing 1 required positional"):
            one()
        assert (one(1) == one(1), one(1) == one(2), one(1) == 1) == (True, False, False)
        assert hash(one(1)) == hash(one(1))
        with pytest.raises(TypeError, match="unhashable"):
            hash(one([]))


def test_a_value_that_differs_from_itself_is_equal_in_both() -> None:
    strange = float("nan")
    for decorator in (frozen.dataclass, dataclasses.dataclass):
        one = single(decorator)
        assert one(strange) == one(strange)


def test_what_follows_the_fields_runs() -> None:
    with pytest.raises(ValueError, match="left"):
        pair(frozen.dataclass)(-1)


def test_defaults_are_made_anew_and_what_is_not_compared_does_not_count() -> None:
    one, other = Part(name="a", line=1), Part(name="a", line=2)
    assert one == other
    assert one.tags is not other.tags
    assert repr(one) == "Part(name='a', tags=[], size=3)"
    assert Part(name="a", tags=["x"]).tags == ["x"]
    with pytest.raises(TypeError, match="positional"):
        Part("a")  # type: ignore[call-arg]


def test_a_class_below_is_another() -> None:
    whole = Whole(name="a", parts=(Part(name="b"),))
    assert whole != Part(name="a")
    assert [one.name for one in dataclasses.fields(whole)] == ["name", "tags", "size", "line", "parts"]
    assert dataclasses.replace(whole, size=4) == Whole(name="a", size=4, parts=whole.parts)
    assert dataclasses.asdict(whole)["parts"][0]["name"] == "b"


def test_nothing_of_it_changes() -> None:
    part = Part(name="a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        part.name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'size'"):
        del part.size


def test_a_plain_class_below_has_attributes_of_its_own() -> None:
    class Noted(Part):
        note: str

    noted = Noted(name="a")
    noted.note = "x"
    assert noted.note == "x"
    del noted.note
    with pytest.raises(FrozenInstanceError):
        noted.name = "b"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del noted.name


def test_copies_and_pickles_are_equal() -> None:
    whole = Whole(name="a", tags=["t"], line=7)
    for again in (copy.copy(whole), copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))):
        assert again == whole
        assert again.line == 7


def test_what_a_class_says_itself_stands() -> None:
    @records.dataclass(frozen=True)
    class Own:  # noqa: PLW1641  # what is asked here is what becomes of it
        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own)

        def __repr__(self) -> str:
            return "own"

    assert Own("a") == Own("b")
    assert hash(Own("a")) != hash(Own("b"))
    assert repr(Own("a")) == "own"


def test_a_value_that_holds_itself_is_shown() -> None:
    tags: list[Any] = []
    part = Part(name="a", tags=tags)
    tags.append(part)
    assert repr(part) == "Part(name='a', tags=[...], size=3)"


def test_without_fields_it_is_equal_to_its_like() -> None:
    @records.dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing()}) == 1


def test_what_is_not_frozen_or_is_ordered_is_the_standard_one() -> None:
    @records.dataclass
    class Open:
        name: str = "a"

    @records.dataclass(frozen=True, order=True)
    class Ordered:
        size: int

    thing = Open()
    thing.name = "b"
    assert thing == Open("b")
    assert Ordered(1) < Ordered(2)
