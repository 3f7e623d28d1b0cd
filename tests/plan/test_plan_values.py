"""Values: concatenations have one normal form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mainstay.plan.values import ACCOUNT, PARTITION, REGION, Attr, Join, Ref, Value, arn, is_expression, join

PIECES = st.one_of(st.text("ab", max_size=2), st.just(REGION), st.builds(Attr, st.just("Key"), st.just("arn")))


def test_neighbouring_text_is_one_part() -> None:
    assert join("a", "b", REGION, "", "c", Join((ACCOUNT, "d"))) == Join(("ab", REGION, "c", ACCOUNT, "d"))
    assert join("a", "b") == "ab"
    assert join("", REGION) == REGION
    assert join() == ""


@given(st.lists(PIECES, max_size=6), st.integers(0, 6))
def test_how_parts_are_grouped_does_not_matter(parts: list[Value[str]], cut: int) -> None:
    assert join(join(*parts[:cut]), join(*parts[cut:])) == join(*parts)


def test_an_arn_is_of_the_target_s_own_partition() -> None:
    assert arn("rds", "db:x") == Join(("arn:", PARTITION, ":rds:", REGION, ":", ACCOUNT, ":db:x"))
    assert arn("s3", "bucket", region="", account="") == Join(("arn:", PARTITION, ":s3:::bucket"))


def test_a_reference_is_no_expression() -> None:
    assert is_expression(REGION)
    assert not is_expression(Ref("Key"))
    assert not is_expression("text")
