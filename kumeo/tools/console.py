"""The streams of one run of `kumeo`, and how diagnostics and colours get onto them."""

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal, TextIO

from kumeo.diagnostics import Diagnostic, in_order, render_one
from kumeo.tools.io import Stdin, read_stdin

DONE, REJECTED, WRONG_USAGE = 0, 1, 2
"""Exit codes."""

ColorChoice = Literal["auto", "always", "never"]
_STYLES = {"red": "31", "green": "32", "bold": "1", "dim": "2", "yellow": "33"}


@dataclass
class Console:
    """Where a command reads and writes. Commands touch no other stream."""

    stdin: Stdin
    stdout: TextIO
    stderr: TextIO
    color: ColorChoice = "auto"

    def write(self, text: str) -> None:
        """Write to the output."""
        self.stdout.write(text)

    def show(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write diagnostics to the error stream, in order of position."""
        self._render(diagnostics, self.stderr)

    def tell(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write diagnostics to the output, for a command whose result they are."""
        self._render(diagnostics, self.stdout)

    def style(self, text: str, style: str) -> str:
        """Return the text in a colour or weight, if the output wants colours."""
        if not self.wants_color(self.stdout):
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"

    def wants_color(self, stream: TextIO) -> bool:
        """Return whether a stream gets colours."""
        if self.color == "auto":
            return stream.isatty() and "NO_COLOR" not in os.environ
        return self.color == "always"

    def progress(self, text: str) -> None:
        """Show what is being done on a terminal; an empty text clears the line."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\x1b[2K{text}")
            self.stderr.flush()

    def stdin_bytes(self) -> BinaryIO:
        """Return standard input as a stream of bytes, for what may never end."""
        if self.stdin is read_stdin:
            return sys.stdin.buffer
        text = self.stdin if isinstance(self.stdin, str) else self.stdin()
        return io.BytesIO(text.encode("utf-8", "surrogateescape"))

    def stdout_bytes(self) -> BinaryIO:
        """Return the output as a stream of bytes."""
        buffer: BinaryIO | None = getattr(self.stdout, "buffer", None)
        return TextAsBytes(self.stdout) if buffer is None else buffer

    def _render(self, diagnostics: Sequence[Diagnostic], stream: TextIO) -> None:
        color = self.wants_color(stream)
        for diagnostic in in_order(diagnostics):
            stream.write(render_one(diagnostic, color=color) + "\n")


class TextAsBytes(io.BytesIO):
    """Bytes that go to a stream of text when they are flushed."""

    def __init__(self, text: TextIO) -> None:
        super().__init__()
        self._text = text

    def flush(self) -> None:
        """Hand over what was written."""
        self._text.write(self.getvalue().decode("utf-8", "replace"))
        self.seek(0)
        self.truncate()
        self._text.flush()
