"""Bytes that are, or are not, a source text."""

from kumeo.diagnostics import Point
from kumeo.frontend.errors.syntax import NotUtf8
from kumeo.frontend.parser import read_source


def fault_of(data: bytes) -> NotUtf8:
    source, (diagnostic,) = read_source("a.kumeo", data)
    assert source is None
    assert isinstance(diagnostic, NotUtf8)
    return diagnostic


def test_read_source_drops_the_byte_order_mark() -> None:
    source, diagnostics = read_source("a.kumeo", b"\xef\xbb\xbfenum A { b }")
    assert diagnostics == ()
    assert source is not None
    assert source.text == "enum A { b }"


def test_read_source_latin_1_names_the_byte() -> None:
    fault = fault_of("enum\n A { größe }".encode("latin-1"))
    assert fault.offset == 12
    assert fault.place == Point("a.kumeo", 2, 8)


def test_read_source_nul_byte_is_no_text() -> None:
    assert fault_of(b"\xef\xbb\xbfab\0c").offset == 5
