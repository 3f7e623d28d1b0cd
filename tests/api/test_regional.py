"""Answers of several regions: one document, one exit code."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.api._regional import Regional


@dataclass(frozen=True)
class Said:
    region: str
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        return {"region": self.region}


def test_one_region_is_told_as_ever() -> None:
    one = Regional((Said("a", 3),))
    assert one.as_json() == {"region": "a"}
    assert (one.primary, one.exit_code) == (Said("a", 3), 3)


def test_other_regions_stand_in_the_document_of_the_primary() -> None:
    both = Regional((Said("a"), Said("b", 1)))
    assert both.as_json() == {"region": "a", "other_regions": [{"region": "b"}]}
    assert (both.primary, both.exit_code) == (Said("a"), 1)
    assert Regional((Said("a", 1), Said("b", 3))).exit_code == 1
