"""Subjects and headers as NATS reads them: wildcards, durations, schedules."""

from datetime import UTC, datetime

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def matches(pattern: str, subject: str) -> bool:
    """Return whether a filter (`*` one token, `>` the rest) takes a subject."""
    if pattern == subject or pattern == ">":
        return True
    if "*" not in pattern and ">" not in pattern:
        return False
    want, have = pattern.split("."), subject.split(".")
    if want[-1] == ">":
        want.pop()
        have, rest = have[: len(want)], len(have) - len(want)
        if rest < 1:
            return False
    return len(want) == len(have) and all(w in ("*", h) for w, h in zip(want, have, strict=True))


def matches_any(patterns: tuple[str, ...], subject: str) -> bool:
    """Return whether one of the filters takes a subject; no filter takes every subject."""
    return not patterns or any(matches(pattern, subject) for pattern in patterns)


def overlaps(left: str, right: str) -> bool:
    """Return whether some subject is taken by both filters."""
    a, b = left.split("."), right.split(".")
    for x, y in zip(a, b, strict=False):
        if ">" in (x, y):
            return True
        if x != y and "*" not in (x, y):
            return False
    return len(a) == len(b)


def duration_s(text: str) -> float | None:
    """Return the seconds of `90`, `1m30s` or `250ms`; None when it is neither."""
    if text.isdigit():
        return float(text)
    total, number, unit = 0.0, "", ""
    for char in text + "0":
        if unit and (char.isdigit() or char == "."):
            if unit not in _UNITS or not number:
                return None
            total, number, unit = total + float(number) * _UNITS[unit], "", ""
        if char.isdigit() or char == ".":
            number += char
        else:
            unit += char
    return total if number == "0" and total > 0 else None


def moment_us(text: str) -> int | None:
    """Return the microseconds since 1970 of an RFC 3339 time; None when it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        return None
    past = when.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def moment_text(us: int) -> str:
    """Return microseconds since 1970 as RFC 3339 text in UTC."""
    seconds, rest = divmod(us, 1_000_000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06d}Z"
