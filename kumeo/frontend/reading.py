"""Bytes to sources: the checks that stand before the lexer."""

from os import PathLike, fspath

from kumeo.diagnostics import Diagnostic, Point, Source
from kumeo.frontend.errors.syntax import NotUtf8

_BOM = b"\xef\xbb\xbf"


def read_source(
    path: str | PathLike[str], data: bytes
) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """Return the text of a file's bytes; None with a diagnostic when it is not UTF-8 text.

    A byte order mark at the start is dropped. Line ends stay as they are.
    """
    name = fspath(path)
    body = data.removeprefix(_BOM)
    skipped = len(data) - len(body)
    zero = body.find(b"\0")
    if zero >= 0:
        return None, (_fault(name, body, zero, skipped, "a NUL byte"),)
    try:
        return Source(name, body.decode("utf-8")), ()
    except UnicodeDecodeError as error:
        reason = f"byte 0x{body[error.start]:02x} does not fit"
        return None, (_fault(name, body, error.start, skipped, reason),)


def _fault(name: str, body: bytes, offset: int, skipped: int, reason: str) -> NotUtf8:
    before = body[:offset]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return NotUtf8(Point(name, line, column), offset + skipped, reason)
