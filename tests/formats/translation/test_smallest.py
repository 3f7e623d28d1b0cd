"""What is in the way is found by writing less, and nothing else is left out."""

from __future__ import annotations

from mainstay.formats.codec import CannotExpress
from mainstay.formats.translation.smallest import refusal, sayable_parameter, sayable_resource
from mainstay.plan.plan import Parameter
from mainstay.plan.resources import Topic

TOPIC = Topic(key="Topic", name="n", display_name="d", is_fifo=True)


def write_without(*gone: str, together: tuple[str, ...] = ()) -> object:
    def write(one: Topic) -> None:
        for name in gone:
            if getattr(one, name) is not None:
                raise CannotExpress(f"no {name}")
        if together and all(getattr(one, name) is not None for name in together):
            raise CannotExpress("not both")

    return write


def test_fields_that_are_in_the_way_go_one_by_one() -> None:
    said, lost = sayable_resource(write_without("name", "is_fifo"), TOPIC)  # type: ignore[arg-type]  # a writer
    assert said == Topic(key="Topic", display_name="d")
    assert lost == [("name", "no name"), ("is_fifo", "no is_fifo")]


def test_of_two_that_do_not_go_together_one_goes() -> None:
    said, lost = sayable_resource(write_without(together=("name", "is_fifo")), TOPIC)  # type: ignore[arg-type]  # as above
    assert said == Topic(key="Topic", name="n", display_name="d")
    assert lost == [("is_fifo", "not both")]


def test_a_resource_that_cannot_be_said_at_all_is_lost() -> None:
    def never(one: Topic) -> None:
        raise CannotExpress("no topics")

    assert sayable_resource(never, TOPIC) == (None, [("", "no topics")])


def test_what_needs_the_one_or_the_other_is_lost() -> None:
    def picky(one: Topic) -> None:
        if (one.name is None) != (one.is_fifo is None) or one.name:
            raise CannotExpress(f"{one.name} {one.is_fifo}")

    said, lost = sayable_resource(picky, TOPIC)
    assert (said, lost[0][0]) == (Topic(key="Topic", display_name="d"), "name")


def test_a_parameter_goes_without_the_checks_that_cannot_be_said() -> None:
    def write(one: Parameter) -> None:
        if one.pattern or "Odd" in one.extras:
            raise CannotExpress("the pattern" if one.pattern else "odd")

    one = Parameter(name="P", pattern="x", extras={"MinLength": 1, "Odd": 2})
    said, lost = sayable_parameter(write, one)
    assert said == Parameter(name="P", extras={"MinLength": 1})
    assert lost == [("AllowedPattern", "the pattern"), ("Odd", "odd")]
    assert refusal(write, said) is None


def test_what_no_single_field_explains_is_lost_whole() -> None:
    def alone(one: Topic) -> None:
        if sum(getattr(one, name) is not None for name in ("name", "display_name", "is_fifo")) > 1:
            raise CannotExpress("one of them at most")

    assert sayable_resource(alone, TOPIC) == (None, [("", "one of them at most")])


def test_of_two_that_do_not_go_together_the_first_may_have_to_go() -> None:
    def write(one: Topic) -> None:
        if one.name is not None and (one.display_name is not None or one.is_fifo is not None):
            raise CannotExpress("a name stands alone")

    said, lost = sayable_resource(write, TOPIC)
    assert said == Topic(key="Topic", display_name="d", is_fifo=True)
    assert lost == [("name", "a name stands alone")]
