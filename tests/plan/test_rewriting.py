"""Some values of a plan changed, and nothing else touched."""

from __future__ import annotations

from typing import Any

from mainstay.plan.plan import Output, RegionPlan
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.resources import DbInstance, Role, SecurityGroup
from mainstay.plan.resources.network import RulePeer
from mainstay.plan.rewriting import rewritten
from mainstay.plan.values import Attr, If, Param, Part, Ref, join

REGION = RegionPlan(
    region="",
    resources=(
        SecurityGroup(
            key="Group",
            description="d",
            ingress=(RulePeer(protocol="tcp", group=Ref("Other")), RulePeer(protocol="tcp", cidr="a")),
        ),
        Role(key="Role", trust=Policy((Statement(resources=(join("a", Param("Old"), "b"),)),))),
        DbInstance(key="Db", port=If("C", Param("Old"), None), tags={"a.b": Param("Old")}),
    ),
    outputs=(Output(name="Out", value=Part(Attr("Db", "arn"), ":", 6)),),
)


def test_every_value_is_seen_with_its_path_and_its_parts_before_it() -> None:
    seen: list[tuple[str, Any]] = []

    def look(value: Any, path: str) -> Any:
        seen.append((path, value))
        return value

    assert rewritten(REGION, look) is REGION
    found = [(path, value) for path, value in seen if not isinstance(value, str | bool)]
    assert found == [
        ("resources.0.ingress.0.group", Ref("Other")),
        ("resources.1.trust.statements.0.resources.0", Param("Old")),
        ("resources.1.trust.statements.0.resources.0", join("a", Param("Old"), "b")),
        ("resources.2.port", Param("Old")),
        ("resources.2.port", If("C", Param("Old"), None)),
        ("resources.2.tags.a.b", Param("Old")),
        ("outputs.0.value", Part(Attr("Db", "arn"), ":", 6)),
    ]


def test_what_changes_is_put_back_in_its_normal_form() -> None:
    again = rewritten(REGION, lambda value, _: "x" if value == Param("Old") else value)
    db, role = again["Db"], again["Role"]
    assert isinstance(db, DbInstance)
    assert isinstance(role, Role)
    assert (db.port, db.tags) == (If("C", "x", None), {"a.b": "x"})
    assert role.trust.statements[0].resources == ("axb",)


def test_the_name_of_a_condition_is_no_value() -> None:
    chosen = DbInstance(key="Db", engine=If("Old", "Old", None))
    again = rewritten(chosen, lambda value, _: "new" if value == "Old" else value)
    assert again.engine == If("Old", "new", None)


def test_what_does_not_change_is_the_same_object() -> None:
    assert rewritten(REGION, lambda value, _: value) is REGION
    again = rewritten(REGION, lambda value, _: "x" if value == "d" else value)
    assert again["Db"] is REGION["Db"]
    assert again["Group"] is not REGION["Group"]


def test_an_element_may_become_nothing_or_several_and_a_name_nothing() -> None:
    listed = DbInstance(key="Db", log_exports=("a", "b", "c"), tags={"k": "a", "l": "c"})
    becomes: dict[Any, Any] = {"a": None, "b": ("x", "y")}
    again = rewritten(listed, lambda value, _: becomes.get(value, value) if isinstance(value, str) else value)
    assert (again.log_exports, again.tags) == (("x", "y", "c"), {"l": "c"})
