"""Bytes of the protocol: acknowledgement tokens, headers, statuses, answers."""

import pytest
from kumeo_runtime.transport.api import CREATE, Accepted, Refused
from kumeo_runtime.transport.nats_wire import (
    header_block,
    headers_of,
    outcome_of,
    parse_ack_token,
    parse_status,
)
from kumeo_runtime.transport.subjects import duration_s, matches, moment_text, moment_us, overlaps


@pytest.mark.parametrize(
    "reply",
    [
        b"$JS.ACK.S.c.2.17.9.1700000000123456789.4",
        b"$JS.ACK.hub.ACCHASH.S.c.2.17.9.1700000000123456789.4",
        b"$JS.ACK._.ACCHASH.S.c.2.17.9.1700000000123456789.4.rnd",
    ],
)
def test_ack_token_of_both_versions_says_the_same(reply: bytes) -> None:
    assert parse_ack_token(reply) == (2, 17, 1700000000123456)


def test_header_block_value_with_line_end_stays_one_line() -> None:
    block = header_block({"A": "x\r\nNats-Msg-Id: y"}, None)
    assert block == b"NATS/1.0\r\nA: x  Nats-Msg-Id: y\r\n\r\n"


def test_headers_of_create_only_message_is_none() -> None:
    assert headers_of(header_block(None, CREATE)) is None


def test_headers_of_message_drops_what_the_store_was_told() -> None:
    headers = headers_of(header_block({"Kumeo-Id": "k", "Nats-Batch-Id": "b"}, 7))
    assert dict(headers or {}) == {"Kumeo-Id": "k"}


def test_status_says_what_was_not_delivered() -> None:
    block = (
        b"NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 3\r\nNats-Pending-Bytes: 9\r\n\r\n"
    )
    assert parse_status(block) == (408, "Request Timeout", 3, 9)


def error(code: int, err_code: int, text: str) -> bytes:
    return b'{"error":{"code":%d,"err_code":%d,"description":"%b"}}' % (
        code,
        err_code,
        text.encode(),
    )


WRONG = error(400, 10071, "wrong last sequence: 5")


@pytest.mark.parametrize(
    ("payload", "expect", "outcome"),
    [
        (b'{"stream":"S","seq":3}', None, Accepted("S", 3)),
        (b'{"stream":"S","domain":"d","seq":3,"duplicate":true}', None, Accepted("S", 3, True)),
        (WRONG, CREATE, Accepted("", 5, True)),
        (WRONG, 4, Refused("conflict", "wrong last sequence: 5")),
        (
            error(400, 10071, "wrong last sequence"),
            CREATE,
            Refused("conflict", "wrong last sequence"),
        ),
        (
            error(503, 10077, "maximum bytes exceeded"),
            None,
            Refused("full", "maximum bytes exceeded"),
        ),
        (error(400, 10054, "too big"), None, Refused("too-large", "too big")),
        (error(400, 10201, "duplicate"), None, Refused("conflict", "duplicate")),
        (error(400, 10166, "no TTL"), None, Refused("invalid", "no TTL")),
        (error(503, 10008, "no leader"), None, Refused("unavailable", "no leader")),
    ],
)
def test_answer_means(payload: bytes, expect: int | None, outcome: object) -> None:
    assert outcome_of(payload, b"", expect) == outcome


def test_answer_of_nobody_is_unavailable() -> None:
    outcome = outcome_of(b"", b"NATS/1.0 503\r\n\r\n", None)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "unavailable"


@pytest.mark.parametrize(
    ("pattern", "subject", "is_taken"),
    [
        ("a.*.c", "a.b.c", True),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "a", True),
        ("a.b", "a.b", True),
        ("a.b", "a.c", False),
    ],
)
def test_subject_matches(pattern: str, subject: str, is_taken: bool) -> None:
    assert matches(pattern, subject) is is_taken


def test_filters_overlap_only_when_a_subject_has_both() -> None:
    assert overlaps("a.*.c", "a.b.>")
    assert not overlaps("a.*", "a.b.c")
    assert not overlaps("a.b", "a.c")


def test_durations_are_read_as_the_server_reads_them() -> None:
    assert [duration_s(t) for t in ("90", "1m30s", "250ms", "soon", "5")] == [90, 90, 0.25, None, 5]


def test_moments_survive_text() -> None:
    assert moment_us(moment_text(1_700_000_000_123_456)) == 1_700_000_000_123_456
    assert moment_us("2026-01-01T00:00:00.123456789Z") == 1_767_225_600_123_456
