"""A small HTTP/1.1 server that can also misbehave: reset, cut and drip.

Whole bodies have a length; streams are chunked. A handler that raises `ResetError` while it gives
pieces resets the connection.
"""

import asyncio
import socket
import struct
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

_LARGEST = 64 << 20
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class ResetError(Exception):
    """The connection ends with a reset."""


class Headers(Mapping[str, str]):
    """Headers of a request; names are found whatever their case."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in pairs.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came."""

    method: str
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response: a whole body, or pieces of one."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    pieces: AsyncIterator[bytes] | None = None
    length: int | None = None
    """How long the pieces claim to be together; None: they are chunked."""


Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]


class HttpServer:
    """Serves a handler on one port."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port. Raises: OSError."""
        self._server = await asyncio.start_server(self._accept, host, port, backlog=512)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection has a task"
        self._connections.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except ResetError:
            _reset(writer)
        except (OSError, IncompleteReadError, LimitOverrunError, ValueError):
            pass  # the client has gone, or does not speak HTTP
        except asyncio.CancelledError:
            pass  # the server stops
        finally:
            self._connections.discard(task)
            writer.close()

    async def _exchange(self, reader: StreamReader, writer: StreamWriter) -> bool:
        """Answer one request; return whether another may follow."""
        request = await _read(reader)
        response = await self._handler(request)
        await _write(writer, response)
        return request.headers.get("connection", "").lower() != "close"


async def _read(reader: StreamReader) -> HttpRequest:
    """Return the next request. Raises: IncompleteReadError, ValueError."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    pairs = (line.split(":", 1) for line in head[1:] if line)
    headers = Headers({name.strip(): value.strip() for name, value in pairs})
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(_size(headers.get("content-length", "0"), 10))
    return HttpRequest(method, urlsplit(target).path, headers, body)


async def _read_chunks(reader: StreamReader) -> bytes:
    body = bytearray()
    while size := _size((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return bytes(body)


def _size(text: str | bytes, base: int) -> int:
    size = int(text, base)
    if not 0 <= size <= _LARGEST:
        raise ValueError("the body is too large")
    return size


async def _write(writer: StreamWriter, response: HttpResponse) -> None:
    status = f"{response.status} {_reason(response.status)}"
    headers = dict(response.headers)
    is_chunked = response.pieces is not None and response.length is None
    if is_chunked:
        headers["Transfer-Encoding"] = "chunked"
    else:
        whole = len(response.body) if response.length is None else response.length
        headers["Content-Length"] = str(whole)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + response.body)
    if response.pieces is not None:
        async for piece in response.pieces:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)
            await writer.drain()
    if is_chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _reset(writer: StreamWriter) -> None:
    """Make the other side see a reset, not an end."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    writer.transport.abort()
