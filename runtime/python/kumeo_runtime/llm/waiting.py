"""How long to wait before a request is sent again, as the server asks for it."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PAUSE_S, PAUSE_MAX_S = 0.5, 8.0
"""The first pause, and the longest one, when the server does not ask for any."""
ASKED_MAX_S = 120.0
"""A server that asks for more is not waited for."""


def pause_s(headers: Mapping[str, str] | None, sent: int) -> float | None:
    """Return the seconds before the next request; None when the server asks for too many.

    headers: of the response, None when there was none. sent: requests before this one.
    """
    wanted = None if headers is None else asked_s(headers)
    if wanted is None:
        return min(PAUSE_S * 2.0**sent, PAUSE_MAX_S) * random.uniform(0.75, 1.0)
    return wanted if wanted <= ASKED_MAX_S else None


def asked_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks for: `retry-after-ms`, else `Retry-After`.

    A date is taken against the clock of the server, which its `Date` tells, not against ours.
    """
    exact = _number(headers.get("retry-after-ms"))
    if exact is not None:
        return exact / 1000.0
    text = headers.get("Retry-After")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return seconds
    until = _moment(text)
    if until is None:
        return None
    now = _moment(headers.get("Date") or "") or datetime.now(UTC)
    return max((until - now).total_seconds(), 0.0)


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if 0.0 <= found < float("inf") else None


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (LookupError, OverflowError, TypeError, ValueError):
        return None
