from __future__ import annotations

import pytest

from mainstay.report import wording


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not measured"),
        (0, "0 ms"),
        (0.0831, "83 ms"),
        (0.9994, "999 ms"),
        (0.9995, "1.0 s"),
        (59.94, "59.9 s"),
        (59.95, "1 min"),
        (100, "1 min 40 s"),
        (3599.4, "59 min 59 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (2 * 86_400, "2 d"),
        (2 * 86_400 + 3600, "2 d 1 h"),
    ],
)
def test_durations(value: float | None, words: str) -> None:
    assert wording.seconds(value) == words


def test_moments() -> None:
    assert wording.moment("2026-11-20T14:05:00.123456Z") == "2026-11-20 14:05:00.123 UTC"
    assert wording.moment(None) == "not chosen"
    assert wording.offset("2026-11-20T14:05:01Z", "2026-11-20T14:05:00Z") == "+1.0 s"
    assert wording.offset("2026-11-20T14:05:00Z", "2026-11-20T14:06:40Z") == "−1 min 40 s"
