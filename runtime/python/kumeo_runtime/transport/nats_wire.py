"""Bytes of the NATS protocol that the hot path reads and writes."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from kumeo_runtime.transport.api import CREATE, Accepted, Headers, Outcome, Refused

_LINE = b"NATS/1.0\r\n"
EXPECT = "Nats-Expected-Last-Subject-Sequence"
_TOLD = frozenset(
    {EXPECT, "Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit", "Nats-Pin-Id"}
)
_CREATE_BLOCK = b"NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 0\r\n\r\n"
_EXPECT_LINE = EXPECT.encode() + b": "
_PIN_LINE = b"Nats-Pin-Id: "
_WRONG_SEQUENCE = 10071
_FULL = frozenset({10002, 10023, 10028, 10047, 10077, 10120, 10122})
_TOO_LARGE = frozenset({10054, 10097})
_DUPLICATE_IN_BATCH = 10201


class ApiError(msgspec.Struct):
    """An error as JetStream reports it."""

    code: int
    err_code: int = 0
    description: str = ""


class PubAck(msgspec.Struct):
    """The answer to a publish."""

    stream: str = ""
    seq: int = 0
    duplicate: bool = False
    error: ApiError | None = None


_decode_ack = msgspec.json.Decoder(PubAck).decode


class RawHeaders(Mapping[str, str]):
    """Headers of a message; the block is taken apart when somebody looks."""

    __slots__ = ("_block", "_parsed")

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._parsed: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._parsed is None:
            self._parsed = parse_headers(self._block)
        return self._parsed

    def get(self, key: str, default: Any = None) -> Any:
        """Return a header, without the detour over an exception that `Mapping` takes."""
        return self._all().get(key, default)

    def __getitem__(self, key: str) -> str:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def parse_headers(block: bytes) -> dict[str, str]:
    """Return the headers of a block; what we told the store is not part of a message."""
    found: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").split("\r\n")[1:]:
        key, colon, value = line.partition(":")
        if colon and key not in _TOLD:
            found[key] = value.strip()
    return found


def headers_of(block: bytes) -> Headers | None:
    """Return the headers of a delivery, or None when only we have set one."""
    if not block or block == _CREATE_BLOCK:
        return None
    return RawHeaders(block)


def header_block(headers: Headers | None, expect: int | None) -> bytes:
    """Return the block to send; empty when there is nothing to say."""
    if not headers:
        if expect is None:
            return b""
        return _CREATE_BLOCK if expect == CREATE else _LINE + _EXPECT_LINE + b"%d\r\n\r\n" % expect
    lines = [f"{key}: {one_line(value)}\r\n" for key, value in headers.items()]
    if expect is not None:
        lines.append(f"{EXPECT}: {expect}\r\n")
    return _LINE + "".join(lines).encode() + b"\r\n"


def one_line(value: str) -> str:
    """Return a header value that cannot end its line."""
    if "\r" in value or "\n" in value:
        return value.replace("\r", " ").replace("\n", " ")
    return value


def pin_of(block: bytes) -> bytes:
    """Return the id by which the store knows the pull that it serves, or nothing."""
    _, _, rest = block.partition(_PIN_LINE)
    return rest.partition(b"\r\n")[0]


def parse_ack_token(reply: bytes) -> tuple[int, int, int]:
    """Return attempt, sequence and time of storing that the reply subject of a delivery says.

    It is `$JS.ACK.STREAM.CONSUMER.…`, or the newer form with domain and account.
    """
    t = reply.split(b".")
    if len(t) < 11:
        return int(t[4]), int(t[5]), int(t[7]) // 1000
    return int(t[6]), int(t[7]), int(t[9]) // 1000


class Status(NamedTuple):
    """A status message of a pull: code, text and what was not delivered."""

    code: int
    text: str
    messages: int | None
    bytes: int


def parse_status(block: bytes) -> Status:
    """Read `NATS/1.0 408 Request Timeout` and its headers."""
    first, _, _ = block.partition(b"\r\n")
    code, _, text = first[9:].partition(b" ")
    headers = parse_headers(block)
    left = headers.get("Nats-Pending-Messages")
    return Status(
        int(code) if code.isdigit() else 0,
        text.decode("utf-8", "replace"),
        int(left) if left is not None else None,
        int(headers.get("Nats-Pending-Bytes", "0")),
    )


def outcome_of(payload: bytes, block: bytes, expect: int | None) -> Outcome:
    """Return what an answer to a publish means."""
    if not payload:
        text = parse_status(block).text if block else "empty answer"
        return Refused("unavailable", text or "no stream takes this subject")
    try:
        ack = _decode_ack(payload)
    except msgspec.DecodeError as error:
        return Refused("unavailable", f"the answer is not a PubAck: {error}")
    if ack.error is None:
        return Accepted(ack.stream, ack.seq, ack.duplicate)
    return _refusal(ack, ack.error, expect)


def _refusal(ack: PubAck, error: ApiError, expect: int | None) -> Outcome:
    text, code = error.description, error.err_code
    if code == _WRONG_SEQUENCE:
        last = text.rpartition(": ")[2]
        if expect == CREATE and last.isdigit():
            return Accepted(ack.stream, int(last), duplicate=True)
        return Refused("conflict", text)
    if code == _DUPLICATE_IN_BATCH:
        return Refused("conflict", text)
    if code in _FULL:
        return Refused("full", text)
    if code in _TOO_LARGE:
        return Refused("too-large", text)
    return Refused("invalid" if 400 <= error.code < 500 else "unavailable", text)
