"""What code prints: lines of the log, with a bound, so that printing much does no harm."""

import asyncio
import logging
from typing import Final

LINE_MAX: Final = 4096
"""Longest part of a line that is logged."""
LINES_MAX: Final = 1000
"""Most lines of a stream in a minute."""
MINUTE_S: Final = 60.0
_CHUNK: Final = 65_536
log = logging.getLogger("kumeo.code")


async def log_lines(agent: str, stream: str, reader: asyncio.StreamReader) -> None:
    """Log what comes from a stream until it ends."""
    output = Output(agent, stream)
    while chunk := await reader.read(_CHUNK):
        output.take(chunk)
    output.end()


class Output:
    """The lines of one stream."""

    def __init__(self, agent: str, stream: str) -> None:
        self._agent = agent
        self._stream = stream
        self._level = logging.INFO if stream == "stdout" else logging.WARNING
        self._rest = b""
        self._lines = 0
        self._left_out = 0
        self._until = 0.0

    def take(self, chunk: bytes) -> None:
        """Log the lines that a piece of output ends."""
        *lines, rest = chunk.split(b"\n")
        if lines:
            self._line(self._rest + lines[0])
            for line in lines[1:]:
                self._line(line)
            self._rest = b""
        # The end of a line that is too long is not kept.
        self._rest = (self._rest + rest)[: LINE_MAX + 1]

    def end(self) -> None:
        """Log what is left."""
        if self._rest:
            self._line(self._rest)
        self._tell_left_out()

    def _line(self, line: bytes) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._until:
            self._tell_left_out()
            self._until, self._lines = now + MINUTE_S, 0
        self._lines += 1
        if self._lines > LINES_MAX:
            self._left_out += 1
            return
        text = line[:LINE_MAX].decode("utf-8", "replace").rstrip("\r")
        self._log(text + ("…" if len(line) > LINE_MAX else ""))

    def _tell_left_out(self) -> None:
        if self._left_out:
            self._log(f"{self._left_out} more lines are left out")
            self._left_out = 0

    def _log(self, text: str) -> None:
        log.log(self._level, "%s: %s: %s", self._agent, self._stream, text)
