"""Files, streams and splitting: how text comes into a tool and leaves it."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from kumeo.diagnostics import Diagnostic, Source, nearest

Stdin = str | Callable[[], str]
"""Standard input: its text, or a function that reads it when it is wanted."""

SEPARATOR = "// -----"
_NOT_PLAIN = (b"\0", b"\r", b"\xef\xbb\xbf")
"""A zero byte, a carriage return and the byte order mark."""
STDIN_NAME = "<stdin>"


class Input(NamedTuple):
    """A file that was read; `format` is its kind: `kumeo` or `mlir`."""

    source: Source
    format: str


def read_input(
    path: str, input_format: str | None, stdin: Stdin
) -> tuple[Input | None, tuple[Diagnostic, ...]]:
    """Return the text of a file or of standard input (`-`), or why it cannot be read."""
    kind = input_format or ("kumeo" if path.endswith(".kumeo") else "mlir")
    try:
        data = _stdin_bytes(stdin) if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        return None, (_cannot_read(path, error),)
    shown = STDIN_NAME if path == "-" else path
    source, found = decode(shown, data)
    return (None if source is None else Input(source, kind)), found


def decode(path: str, data: bytes) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """Return a source text. Plain UTF-8 is read here; what else there is, by the frontend."""
    if not any(mark in data for mark in _NOT_PLAIN):
        try:
            return Source(path, data.decode("utf-8")), ()
        except UnicodeDecodeError:
            pass
    from kumeo.frontend.parser import read_source

    return read_source(path, data)


def split(source: Source) -> Iterator[Source]:
    """Yield the parts between lines `// -----`; blank lines in front keep line numbers right."""
    lines = source.text.split("\n")
    start = 0
    cuts = [i for i, line in enumerate(lines) if line.startswith(SEPARATOR)]
    for stop in (*cuts, len(lines)):
        yield Source(source.path, "\n" * start + "\n".join(lines[start:stop]) + "\n")
        start = stop + 1


def write_file(path: str, text: str) -> tuple[Diagnostic, ...]:
    """Write a text file; return why it cannot be written."""
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        return (_cannot_write(path, error),)
    return ()


def make_folder(path: str) -> tuple[Diagnostic, ...]:
    """Make a folder and those above it; return why it cannot be made."""
    try:
        os.makedirs(path, exist_ok=True)
    except (OSError, ValueError) as error:
        return (_cannot_write(path, error),)
    return ()


def scratch_path(prefix: str, suffix: str, text: str) -> str:
    """Return the path of a temporary file whose name depends on the text alone."""
    import tempfile
    from hashlib import blake2b

    digest = blake2b(text.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return os.path.join(tempfile.gettempdir(), f"{prefix}-{digest}{suffix}")


def wants_color(stream: TextIO) -> bool:
    """Return whether messages on this stream may be coloured."""
    return stream.isatty() and "NO_COLOR" not in os.environ


def read_stdin() -> str:
    """Return the bytes of the real standard input as text; bytes that are not UTF-8 survive."""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def reason_of(error: Exception) -> str:
    """Return the reason of a failed file operation in lower case."""
    text = error.strerror if isinstance(error, OSError) else str(error)
    return (text or type(error).__name__).lower()


def _stdin_bytes(stdin: Stdin) -> bytes:
    text = stdin if isinstance(stdin, str) else stdin()
    return text.encode("utf-8", "surrogateescape")


def _cannot_read(path: str, error: Exception) -> Diagnostic:
    # Imported late, as everywhere in the tools: a run without messages starts faster.
    from kumeo.tools.errors import CannotRead

    return CannotRead(None, path, reason_of(error), nearest_file(path))


def _cannot_write(path: str, error: Exception) -> Diagnostic:
    from kumeo.tools.errors import CannotWrite

    return CannotWrite(None, path, reason_of(error))


def nearest_file(path: str) -> str | None:
    """Return the file in the same folder with the nearest name."""
    folder, name = os.path.split(path)
    try:
        close = nearest(name, os.listdir(folder or "."))
    except (OSError, ValueError):
        return None
    return None if close in (None, name) else os.path.join(folder, close)
