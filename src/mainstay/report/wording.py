"""How a page says numbers: short, with their unit, and the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds(value: float | None) -> str:
    """A duration for a reader: `83 ms`, `4.2 s`, `1 min 40 s`, `2 h 5 min`."""
    if value is None:
        return "not measured"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 59.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return _pair(whole, 60, "min", "s")
    if whole < 2 * 86_400:
        return _pair(whole // 60, 60, "h", "min")
    return _pair(whole // 3600, 24, "d", "h")


def span(least: int, most: int) -> str:
    """A range of seconds, rounded outwards as a forecast is exact: `1 to 2 min`, `0.3 to 2.1 h`."""
    if most <= 2 * 3600:
        return f"{least // 60} to {-(-most // 60)} min"
    return f"{least * 10 // 3600 / 10:.1f} to {-(-most * 10 // 3600) / 10:.1f} h"


def _pair(value: int, factor: int, great: str, small: str) -> str:
    high, low = divmod(value, factor)
    return f"{high} {great} {low} {small}" if low else f"{high} {great}"


def moment(text: str | None) -> str:
    """An evidence time for a reader, to the millisecond: `2026-11-20 14:05:00.123 UTC`."""
    if not text:
        return "not chosen"
    return _parsed(text).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


def offset(text: str, origin: str) -> str:
    """How far a time lies from another, with its sign: `+1.2 s`."""
    apart = (_parsed(text) - _parsed(origin)).total_seconds()
    return f"{'+' if apart >= 0 else '−'}{seconds(abs(apart))}"


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
