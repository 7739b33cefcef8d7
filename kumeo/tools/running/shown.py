"""Values, moments and durations as people read them in a terminal."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from kumeo_runtime.values import json_enc_hook

WIDTH = 100
ID_SHOWN = 12
"""Characters of an id in a list; a command takes any beginning that is the only one."""


def moment(micros: int) -> str:
    """Return a moment to the millisecond, in UTC.

    >>> moment(1_500)
    '1970-01-01 00:00:00.001'
    """
    text = datetime.fromtimestamp(micros / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text[:-3]


def duration(micros: int) -> str:
    """Return a duration with the unit that suits it.

    >>> [duration(us) for us in (900, 1_500, 2_500_000, 90_000_000, 7_200_000_000)]
    ['0.9 ms', '1.5 ms', '2.5 s', '1 min 30 s', '2 h 0 min']
    """
    if micros < 1_000_000:
        return f"{micros / 1000:.1f} ms"
    if micros < 60_000_000:
        return f"{micros / 1e6:.1f} s"
    seconds = micros // 1_000_000
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def as_json(value: Any) -> str:
    """Return plain data as JSON on one line."""
    plain = msgspec.to_builtins(value, str_keys=True, enc_hook=json_enc_hook)
    return json.dumps(plain, ensure_ascii=False, default=str)


def payload(data: bytes) -> str:
    """Return a payload on one line, whatever it holds."""
    try:
        return json.dumps(json.loads(data), ensure_ascii=False)
    except ValueError:
        return repr(data.decode("utf-8", "backslashreplace"))


def cut(text: str, width: int = WIDTH) -> str:
    """Return a text that is no wider than `width`."""
    return text if len(text) <= width else text[: width - 1] + "…"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows below their titles; the last column is as wide as it needs."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head) - 1)]
    lines = [
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]])
        for row in (head, *rows)
    ]
    return "".join(line.rstrip() + "\n" for line in lines)
