"""The shape checker itself: it has to be able to say no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest


@pytest.fixture
def key_shape() -> Any:
    return botocore.session.Session().get_service_model("kms").operation_model("DescribeKey").output_shape


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"KeyId": "a"}, ""),
        ({"KeyId": 7}, "not string"),
        ({}, "KeyId is required"),
        ({"KeyId": "a", "Nonsense": 1}, "Nonsense is no member"),
        ({"KeyId": "a", "Enabled": "yes"}, "not boolean"),
        ({"KeyId": "a", "KeyState": "Fine"}, "none of"),
        ({"KeyId": "a", "CreationDate": "2026-11-21"}, "not timestamp"),
        ({"KeyId": "a", "CreationDate": datetime(2026, 11, 21)}, "without an offset"),
        ({"KeyId": "a", "CreationDate": datetime(2026, 11, 21, tzinfo=UTC)}, ""),
        ({"KeyId": "a", "EncryptionAlgorithms": "x"}, "not a list"),
    ],
)
def test_each_fault_is_named(
    shape_faults: Callable[..., list[str]], key_shape: Any, metadata: dict[str, Any], told: str
) -> None:
    found = "; ".join(shape_faults({"KeyMetadata": metadata}, key_shape))
    assert (told in found) if told else not found


def test_an_operation_without_an_answer_answers_nothing(shape_faults: Callable[..., list[str]]) -> None:
    assert shape_faults({}, None) == []
    assert shape_faults({"A": 1}, None)
