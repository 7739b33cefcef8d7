"""How a response leaves: whole, in pieces, and with the fault that a script asks for."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from email.utils import formatdate

from kumeo_runtime.testing.fake_models.http import HttpResponse, ResetError
from kumeo_runtime.testing.fake_models.script import Fault

_PARTS = 10
"""Into how many pieces a whole body is cut when a fault needs pieces."""


def headers_of(fault: Fault, now: float, content_type: str) -> dict[str, str]:
    """Return the headers of a response; its date is that of the server's clock."""
    clock = now + fault.clock_skew_s
    headers = {"Content-Type": content_type, "Date": formatdate(clock, usegmt=True)}
    if fault.retry_after_s is not None:
        headers["Retry-After"] = f"{fault.retry_after_s:g}"
    if fault.retry_date_s is not None:
        headers["Retry-After"] = formatdate(clock + fault.retry_date_s, usegmt=True)
    return {**headers, **fault.headers}


def sent_whole(body: bytes, fault: Fault, headers: Mapping[str, str]) -> HttpResponse:
    """Return a response with one body; a fault may drip it, cut it short or reset it."""
    if fault.drip_s == 0.0 and fault.cut_after is None and fault.reset_after is None:
        return HttpResponse(fault.status, body, headers)
    size = max(1, -(-len(body) // _PARTS))
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    length = len(b"".join(parts[: fault.cut_after]))
    return HttpResponse(fault.status, b"", headers, _pieces(parts, fault, b""), length)


def sent_stream(
    parts: Sequence[bytes], fault: Fault, headers: Mapping[str, str], error: bytes
) -> HttpResponse:
    """Return a response that streams; `error` is what says that the server fails."""
    return HttpResponse(fault.status, b"", headers, _pieces(parts, fault, error))


async def _pieces(parts: Sequence[bytes], fault: Fault, error: bytes) -> AsyncIterator[bytes]:
    """Give the pieces. Raises: ResetError."""
    for number, part in enumerate(parts):
        if number == fault.reset_after:
            raise ResetError
        if number == fault.cut_after:
            return
        if number == fault.error_after:
            yield error
            return
        yield part
        if fault.drip_s:
            await asyncio.sleep(fault.drip_s)
