"""Logical ids, and the word that was meant."""

from __future__ import annotations

from mainstay.core.naming import logical_id, nearest


def test_logical_ids_are_letters_and_digits() -> None:
    assert logical_id("private", "subnet", 1) == "PrivateSubnet1"
    assert logical_id("free-storage alarm", "sg-0a1b") == "FreeStorageAlarmSg0a1b"
    assert logical_id("", "--") == ""


def test_the_nearest_word_is_near() -> None:
    assert nearest("storrage", ["storage", "network"]) == "storage"
    assert nearest("zebra", ["storage", "network"]) is None
