"""What the matrix breaks: a server, processes that are started again, connections that are cut."""

import asyncio
import contextlib
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kumeo_runtime.embedded.binary import find_binary

HERE = Path(__file__).parent
Process = asyncio.subprocess.Process


def end_by_cleaning_up() -> None:
    """Let SIGTERM act as Ctrl-C does, so that no process stays behind."""
    signal.signal(signal.SIGTERM, _interrupted)


def _interrupted(*_: object) -> None:
    signal.raise_signal(signal.SIGINT)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Supervised:
    """A process that is started again whenever it ends."""

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = 0
    """When there is one: started only after this port answers."""
    starts: int = 0
    codes: dict[int, int] = field(default_factory=dict[int, int])
    """How often it ended with which exit code."""
    process: Process | None = None
    pause_s: float = 0.2
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """Run it until `stop`."""
        self._task = asyncio.ensure_future(self._supervise())

    async def _supervise(self) -> None:
        while True:
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    *self.command,
                    cwd=HERE,
                    env={**os.environ, **self.environment},
                    stdout=log,
                    stderr=log,
                )
            self.starts += 1
            code = await self.process.wait()
            self.codes[code] = self.codes.get(code, 0) + 1
            await asyncio.sleep(self.pause_s)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def freeze(self, seconds: float) -> None:
        """Stop it for a while, without its knowledge."""
        frozen = self.process
        self.signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        if frozen is self.process:
            self.signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        if self.process is not None:
            await self.process.wait()


def server(folder: Path, port: int, *more: str) -> Supervised:
    """Return a server that keeps its store when it is killed."""
    command = [str(find_binary()), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)]
    return Supervised("server", [*command, *more], folder.with_suffix(".log"))


def worker(name: str, package: Path, port: int, role: str, log: Path, model: str) -> Supervised:
    """Return a worker or a janitor; `model` is where language models answer."""
    command = [sys.executable, str(HERE / "worker.py"), str(package), f"nats://127.0.0.1:{port}"]
    environment = {"KUMEO_OLLAMA_URL": model}
    return Supervised(name, [*command, role], log / f"{name}.log", environment)


async def until_listening(port: int, seconds: float = 15.0) -> None:
    """Return when somebody answers on a port."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens on {port}"
            await asyncio.sleep(0.02)


class Proxy:
    """A way to the server that can be cut."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.cuts = 0
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._open |= {writer, far_writer}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.ensure_future(self._copy(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(sink)
            sink.close()

    def cut(self) -> None:
        """Break every connection; what is on its way is lost."""
        self.cuts += 1
        for writer in tuple(self._open):
            sock = writer.get_extra_info("socket")
            if sock is not None:
                with contextlib.suppress(OSError):
                    off = struct.pack("ii", 1, 0)
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
            writer.transport.abort()

    async def stop(self) -> None:
        """Stop listening and end what is open."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
