"""The process of one agent, seen from the worker: started lazily, killed when it does not answer.

    process = OwnProcess(plan)
    data = await process.call(values)     # Fault when the code fails, or the process ends
    await process.stop()

A function that is no coroutine takes one call at a time. A call that is cancelled, as by its time
limit, takes the process with it; the next call starts another one. Calls of coroutines are
cancelled one by one, and the process is killed when one does not end.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from kumeo_runtime.isolation.output import log_lines
from kumeo_runtime.isolation.packing import HEADER, MESSAGE_MAX, packed, unpacked
from kumeo_runtime.values import Fault

START_S: Final = 60.0
"""Longest time until a process is ready."""
CANCEL_S: Final = 1.0
"""How long a coroutine may take to end when it is cancelled."""
STOP_S: Final = 5.0
"""How long a process may take to end when it is told to."""
PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV")
"""Variables that every process gets; nothing else of the environment is passed on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a process runs, and what it may have."""

    agent: str
    target: str
    root: str
    package: str = ""
    artifacts: Mapping[str, str] = field(default_factory=dict[str, str])
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    """The environment of the worker."""
    variables: tuple[str, ...] = ()
    """Names of variables that the code gets."""
    memory_max: int = 0
    """Most bytes of address space; 0 is no limit."""

    def environment(self) -> dict[str, str]:
        """Return the environment of the process."""
        names = (*PASSED_ON, *self.variables)
        given = {name: self.environ[name] for name in names if name in self.environ}
        folders = [path for path in sys.path if path]
        return {**given, "PYTHONPATH": os.pathsep.join(folders), "PYTHONUTF8": "1"}


class OwnProcess:
    """The process of one agent."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._running: Running | None = None
        self._starting = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self.starts = 0
        """How many processes there were."""

    @property
    def pid(self) -> int | None:
        """The id of the process, if there is one."""
        return self._running.pid if self._running and not self._running.has_ended else None

    async def call(self, values: tuple[Any, ...]) -> Any:
        """Return what the code returns, as JSON data. Raises: Fault."""
        running = await self._ready()
        async with nullcontext() if running.is_async else self._turn:
            running = await self._ready()
            return await running.ask(values)

    async def stop(self) -> None:
        """End the process; `on_stop` of an agent that is a class is called in it."""
        running, self._running = self._running, None
        if running is not None:
            await running.stop()
        await asyncio.gather(*self._closing)

    async def _ready(self) -> "Running":
        async with self._starting:
            if self._running is not None and self._running.has_ended:
                self._close(self._running)
                self._running = None
            if self._running is None:
                self.starts += 1
                self._running = await self._started()
            return self._running

    async def _started(self) -> "Running":
        """Return a process that is ready. Raises: Fault."""
        agent = self._plan.agent
        running = await Running.of(self._plan)
        try:
            async with asyncio.timeout(START_S):
                await running.start()
        except TimeoutError:
            self._close(running)
            message = f"the process of agent `{agent}` was not ready within {START_S:g} seconds"
            raise Fault("attempt-failed", message) from None
        except BaseException:
            self._close(running)
            raise
        return running

    def _close(self, running: "Running") -> None:
        running.kill()
        task = asyncio.create_task(running.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class Running:
    """One process with its pipes."""

    def __init__(
        self,
        plan: Plan,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        transport: asyncio.ReadTransport,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._plan = plan
        self._process = process
        self._reader = reader
        self._transport = transport
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._started: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.is_async = False
        self.has_ended = False
        self.pid = process.pid
        self._tasks = [asyncio.create_task(self._watch())]
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
            if stream is not None:
                self._tasks.append(asyncio.create_task(log_lines(plan.agent, name, stream)))

    @classmethod
    async def of(cls, plan: Plan) -> "Running":
        """Start a process."""
        for_child, to_child = os.pipe()
        from_child, of_child = os.pipe()
        command = ["-u", "-P", "-m", "kumeo_runtime.isolation.child", str(for_child), str(of_child)]
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                cwd=plan.root,
                env=plan.environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(for_child, of_child),
                start_new_session=True,
            )
        except OSError as error:
            os.close(to_child)
            os.close(from_child)
            raise Fault("attempt-failed", f"no process can be started: {error}") from None
        finally:
            os.close(for_child)
            os.close(of_child)
        reader, transport = await _reader(from_child)
        return cls(plan, process, reader, transport, await _writer(to_child))

    async def start(self) -> None:
        """Let the process import the code. Raises: Fault."""
        plan = self._plan
        self._send(
            "start",
            {
                "target": plan.target,
                "root": plan.root,
                "package": plan.package,
                "artifacts": dict(plan.artifacts),
                "memory_max": plan.memory_max,
            },
        )
        self.is_async = await self._started

    async def ask(self, values: tuple[Any, ...]) -> Any:
        """Return the answer to one call. Raises: Fault."""
        if self.has_ended:
            raise Fault("attempt-failed", f"the process of agent `{self._plan.agent}` has ended")
        self._number += 1
        number = self._number
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._send("call", number, values)
            await self._writer.drain()
            return await future
        except asyncio.CancelledError:
            self._give_up(number)
            raise
        except ConnectionError:
            return await future  # the end of the process is its outcome

    def kill(self) -> None:
        """End the process and those that it has started."""
        if not self.has_ended:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Let the process end; kill it when it does not."""
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(STOP_S):
                self._send("stop")
                await self._writer.drain()
                await asyncio.shield(self._tasks[0])
        self.kill()
        await self.close()

    async def close(self) -> None:
        """Wait until nothing is left of a process that has ended."""
        await asyncio.gather(*self._tasks)

    def _send(self, *message: Any) -> None:
        try:
            self._writer.write(packed(message))
        except (TypeError, ValueError, OverflowError) as error:
            text = f"agent `{self._plan.agent}`: an input cannot be sent: {error}"
            raise Fault("attempt-failed", text) from None

    def _give_up(self, number: int) -> None:
        """Cancel a call that nobody waits for any more."""
        if not self.is_async:
            self.kill()
            return
        self._waiting[number] = asyncio.get_running_loop().create_future()
        with suppress(ConnectionError):
            self._send("cancel", number)
        self._tasks.append(asyncio.create_task(self._kill_unless_done(number)))

    async def _kill_unless_done(self, number: int) -> None:
        await asyncio.sleep(CANCEL_S)
        if number in self._waiting:
            self.kill()

    # -- what the process says

    async def _watch(self) -> None:
        """Pass on answers until the process ends; whoever waits then is told how it ended."""
        try:
            while True:
                size = int.from_bytes(await self._reader.readexactly(HEADER), "big")
                if size > MESSAGE_MAX:
                    break
                self._take(unpacked(await self._reader.readexactly(size)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the process has ended, or closed its pipe
        except (ValueError, TypeError, KeyError):
            pass  # the code wrote into the pipe: nothing that follows can be trusted
        code = await self._ended()
        self._transport.close()
        self._writer.close()
        self.has_ended = True
        fault = Fault("attempt-failed", f"the process of agent `{self._plan.agent}` {_how(code)}")
        for future in (self._started, *self._waiting.values()):
            _settle(future, fault)

    async def _ended(self) -> int:
        """Return the exit code; what the process has started ends, too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CANCEL_S):
                await self._process.wait()
        self.kill()
        return await self._process.wait()

    def _take(self, message: Any) -> None:
        match message:
            case ["ready", bool(is_async)]:
                _settle(self._started, is_async)
            case ["failed", str(text)]:
                _settle(self._started, Fault("attempt-failed", text))
            case ["done", int(number), data]:
                self._settle(number, data)
            case ["fault", int(number), str(code), str(text)]:
                is_ours = code == "invalid-answer"
                place = f"agent `{self._plan.agent}`: " if is_ours else ""
                self._settle(number, Fault(code, place + text))
            case _:
                raise ValueError("no message of a process")

    def _settle(self, number: int, outcome: Any) -> None:
        future = self._waiting.pop(number, None)
        if future is not None:
            _settle(future, outcome)


def _settle(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, Fault):
        future.set_exception(outcome)
        future.exception()  # nobody may be waiting
    else:
        future.set_result(outcome)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
    return f"was killed by {name}"


async def _reader(fd: int) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(fd, "rb", buffering=0)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_read_pipe(lambda: protocol, pipe)
    return reader, transport


async def _writer(fd: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(fd, "wb", buffering=0)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipe)
    return asyncio.StreamWriter(transport, protocol, None, loop)
