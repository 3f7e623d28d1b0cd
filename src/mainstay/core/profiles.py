"""Profiles: what is required of a design, by what it is for. They change what is demanded, never what is true."""

from __future__ import annotations

from typing import Final

PROFILES: Final = ("prod", "dev", "ransomware")
