"""The connection: nats-py connects, authenticates and reconnects; the hot path is ours.

Two places reach into nats-py (ADR 0008): the parser of the client is replaced, so that a message
is a plain call instead of a coroutine, a queue and a task; and bytes are written to its socket
once a turn of the loop. Subscriptions of ours have sids that begin with `k` and are made again
after a reconnect; bytes that were not sent when the connection broke are dropped, never replayed.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import nats.errors
from nats.aio.client import Client
from nats.protocol.parser import Parser

_WRITE_BYTES = 32 << 10
OnMessage: TypeAlias = Callable[[bytes, bytes, bytes, bytes], None]
"""Called with subject, reply, header block and payload."""


class FastParser(Parser):
    """Hands messages of our subscriptions over at once; leaves the rest to nats-py."""

    def __init__(self, client: Client, handlers: dict[bytes, OnMessage]) -> None:
        self._handlers = handlers
        self._rest = b""
        super().__init__(client)  # pyright: ignore[reportUnknownMemberType]

    def reset(self) -> None:
        """Forget half a message."""
        self._rest = b""
        super().reset()

    async def parse(self, data: bytes = b"") -> None:
        """Read one chunk of the socket."""
        buf = self._rest + data if self._rest else bytes(data)
        pos, end = 0, len(buf)
        find = buf.find
        while (eol := find(b"\r\n", pos)) >= 0:
            first = buf[pos]
            if first not in (72, 77):  # neither HMSG nor MSG
                await super().parse(buf[pos : eol + 2])
                pos = eol + 2
                continue
            args = buf[pos:eol].split(b" ")
            stop = eol + 2 + int(args[-1])
            if stop + 2 > end:
                break
            has_headers = first == 72
            middle = eol + 2 + int(args[-2]) if has_headers else eol + 2
            reply = args[3] if len(args) == (6 if has_headers else 5) else b""
            handler = self._handlers.get(args[2])
            if handler is not None:
                self._call(handler, args[1], reply, buf[eol + 2 : middle], buf[middle:stop])
            elif not args[2].startswith(b"k"):
                await self.nc._process_msg(  # pyright: ignore
                    int(args[2]), args[1], reply, buf[middle:stop], buf[eol + 2 : middle]
                )
            pos = stop + 2
        self._rest = buf[pos:] if pos < end else b""

    def _call(self, handler: OnMessage, *args: bytes) -> None:
        """Call a handler; what it raises is reported and does not end the reading."""
        try:
            handler(*args)
        except Exception as error:
            context = {"message": "a message callback failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)


class Link:
    """Subscriptions, sending and requests on one nats-py client."""

    def __init__(self) -> None:
        self.client = Client()
        self.inbox = b""
        self.is_ready = False
        self._handlers: dict[bytes, OnMessage] = {}
        self._subjects: dict[bytes, bytes] = {}
        self._out: list[bytes] = []
        self._out_size = 0
        self._last_sid = 0
        self._loop: asyncio.AbstractEventLoop = cast(asyncio.AbstractEventLoop, None)
        self.client._ps = FastParser(self.client, self._handlers)  # pyright: ignore

    def start(self, inbox_prefix: str) -> None:
        """Begin to use a connection that has just been made."""
        self._loop = asyncio.get_running_loop()
        self.inbox = f"{inbox_prefix}.{os.urandom(9).hex()}".encode()
        self.is_ready = True

    def lost(self) -> None:
        """Take note that the connection is gone."""
        self.is_ready = False
        self._out, self._out_size = [], 0

    def regained(self) -> None:
        """Subscribe again on the new connection."""
        self.is_ready = True
        for sid, subject in self._subjects.items():
            self.send(b"SUB %b %b\r\n" % (subject, sid))

    @property
    def is_connected(self) -> bool:
        """Whether bytes written now reach a server."""
        return self.is_ready and self.client.is_connected

    # -- subscriptions
    def subscribe(self, subject: bytes, on_message: OnMessage) -> bytes:
        """Return the sid of a new subscription."""
        self._last_sid += 1
        sid = b"k%d" % self._last_sid
        self._handlers[sid] = on_message
        self._subjects[sid] = subject
        self.send(b"SUB %b %b\r\n" % (subject, sid))
        return sid

    async def unsubscribe(self, sid: bytes) -> None:
        """End a subscription; what was on the way is handed over first."""
        self._subjects.pop(sid, None)
        self.send(b"UNSUB %b\r\n" % sid)
        await self.flush()
        self._handlers.pop(sid, None)

    # -- sending
    def send(self, data: bytes) -> None:
        """Write with everything else of this turn of the loop, or when much has gathered.

        A turn may handle hundreds of messages; the server works meanwhile on what it has.
        """
        if not self._out:
            self._loop.call_soon(self.write_out)
        self._out.append(data)
        self._out_size += len(data)
        if self._out_size > _WRITE_BYTES:
            self.write_out()

    def publish(
        self, subject: bytes, payload: bytes, reply: bytes = b"", block: bytes = b""
    ) -> None:
        """Send one message; `block` holds its headers, ready made."""
        size = len(payload)
        if block:
            head = len(block)
            self.send(
                b"HPUB %b %b %d %d\r\n%b%b\r\n"
                % (subject, reply, head, head + size, block, payload)
            )
        else:
            self.send(b"PUB %b %b %d\r\n%b\r\n" % (subject, reply, size, payload))

    def write_out(self) -> None:
        """Hand the bytes to the socket; without a connection they are dropped."""
        data, self._out, self._out_size = self._out, [], 0
        if data and self.is_connected:
            transport = cast(Any, self.client)._transport
            transport.write(b"".join(data))

    async def flush(self, timeout_s: float = 5.0) -> None:
        """Return when the server has read everything, or the connection is lost."""
        self.write_out()
        if not self.is_connected:
            return
        with contextlib.suppress(nats.errors.Error):  # the connection was lost meanwhile
            await self.client.flush(timeout=cast(int, timeout_s))
