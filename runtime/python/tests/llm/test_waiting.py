"""How long is waited before a request is sent again."""

import pytest
from kumeo_runtime.llm.waiting import ASKED_MAX_S, PAUSE_MAX_S, PAUSE_S, asked_s, pause_s

NOON = "Mon, 23 Nov 2026 12:00:00 GMT"
LATER = "Mon, 23 Nov 2026 12:00:07 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "7", "retry-after-ms": "20"}, 0.02),
        ({"Retry-After": LATER, "Date": NOON}, 7.0),
        ({"Retry-After": NOON, "Date": LATER}, 0.0),
        ({"Retry-After": "Mon, 23 Nov 2026 14:00:07 +0200", "Date": NOON}, 7.0),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "Mon, 99 Nov 2026 12:00:07 GMT"}, None),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2300"}, None),
        ({"Retry-After": f"Mon, 23 Nov 2026 12:00:07 +{'9' * 20}"}, None),
        ({"Retry-After": "7", "Date": "Fri, 31 Dec 9999 23:59:59 -2300"}, 7.0),
    ],
)
def test_pause_that_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_s(headers) == seconds


def test_pause_longer_than_anybody_waits_is_none() -> None:
    assert pause_s({"Retry-After": f"{ASKED_MAX_S:g}"}, 0) == ASKED_MAX_S
    assert pause_s({"Retry-After": f"{ASKED_MAX_S + 1:g}"}, 0) is None


@pytest.mark.parametrize("sent", [0, 1, 2, 50])
def test_pause_of_a_silent_server_grows_to_a_limit(sent: int) -> None:
    most = min(PAUSE_S * 2**sent, PAUSE_MAX_S)
    for headers in (None, {}):
        found = pause_s(headers, sent)
        assert found is not None
        assert 0.75 * most <= found <= most
