"""Links in all their spellings, and what they lead to."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.checks.links import key_of, linked
from mainstay.checks.scene import Scene
from mainstay.plan.values import Attr, Join, Part, Pseudo, Ref, Unknown, arn, join


@pytest.mark.parametrize(
    ("link", "key"),
    [
        (Ref("A"), "A"),
        (Attr("A", "arn"), "A"),
        (Part(Attr("A", "arn"), ":", 6), "A"),
        (arn("rds", join("db:", Attr("A", "id"))), "A"),
        (join(Attr("A", "id"), Attr("B", "id")), None),
        (Join((Pseudo("region"), "x")), None),
        ("A", None),
        (Unknown("later"), None),
    ],
)
def test_whose_name_a_link_carries(link: object, key: str | None) -> None:
    assert key_of(link) == key


def test_what_a_link_leads_to() -> None:
    db = database()
    plan = plan_of(db)
    scene = Scene(plan, plan.primary, date(2026, 11, 20))
    assert linked(Attr("Database", "arn"), scene) is db
    assert linked(Ref("Other"), scene) is None
    assert linked("Database", scene) is None
