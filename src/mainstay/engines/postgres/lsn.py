"""Positions in the write-ahead log, and the names of its files."""

from __future__ import annotations

from typing import Final, Self

from mainstay.core.errors import InputRefused

# Fixed when a cluster is initialised; our template keeps initdb's default.
SEGMENT_BYTES: Final = 16 * 1024 * 1024
SEGMENTS_PER_FILE_ID: Final = 0x1_0000_0000 // SEGMENT_BYTES


class Lsn(int):
    """A byte position in the write-ahead log, shown as PostgreSQL shows it (`0/5000148`)."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From PostgreSQL's text form; anything else is InputRefused."""
        high, slash, low = text.partition("/")
        try:
            return cls((int(high, 16) << 32) | int(low, 16)) if slash else cls(int(text))
        except ValueError as error:
            raise InputRefused(
                "log position not understood",
                detail=f"'{text}' is not a position in a write-ahead log.",
                hint="it is written as two hexadecimal numbers: 0/5000148",
            ) from error

    def __str__(self) -> str:
        return f"{self >> 32:X}/{self & 0xFFFF_FFFF:X}"

    def __repr__(self) -> str:
        return f"Lsn('{self}')"

    @property
    def segment(self) -> int:
        """The number of the segment that holds the byte at this position."""
        return int(self) // SEGMENT_BYTES


def segment_name(timeline: int, segment: int) -> str:
    """The file name of a segment: timeline, then the number in two parts (`000000010000000000000005`)."""
    return f"{timeline:08X}{segment // SEGMENTS_PER_FILE_ID:08X}{segment % SEGMENTS_PER_FILE_ID:08X}"


def parse_segment_name(name: str) -> tuple[int, int] | None:
    """Timeline and segment number of a file name, `.partial` or not; None for any other name."""
    stem = name.removesuffix(".partial")
    if len(stem) != 24 or not set(stem) <= set("0123456789ABCDEF"):
        return None
    return int(stem[:8], 16), int(stem[8:16], 16) * SEGMENTS_PER_FILE_ID + int(stem[16:], 16)
