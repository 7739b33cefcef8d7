"""What runs in the process of an agent: imports the code, answers calls, ends with the worker.

Messages come through one pipe and go through another, so that code may print what it likes. A
thread reads; when the pipe ends, because the worker is gone, the process ends at once, whatever the
code is doing.
"""

import asyncio
import inspect
import os
import resource
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.agents.user_code import BaseAgent, checked_class
from kumeo_runtime.isolation.own_code import imported, is_cancelled, plain
from kumeo_runtime.isolation.packing import HEADER, packed, unpacked
from kumeo_runtime.isolation.places import told
from kumeo_runtime.values import Failure


def main(read_fd: int, write_fd: int) -> None:
    """Serve one agent until the worker says stop."""
    os.set_inheritable(read_fd, False)
    os.set_inheritable(write_fd, False)
    asyncio.run(Child(read_fd, write_fd).serve())


class Child:
    """The agent in its process."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._folder = ""
        self._function: Callable[..., Any] | None = None
        self._object: BaseAgent | None = None
        self._running: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Answer messages in the order in which they come."""
        queue: asyncio.Queue[list[Any]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop, queue), daemon=True).start()
        while True:
            match await queue.get():
                case ["start", plan]:
                    if not await self._start(plan):
                        return
                case ["call", number, values]:
                    self._running[number] = asyncio.create_task(self._call(number, values))
                case ["cancel", number]:
                    if task := self._running.get(number):
                        task.cancel()
                case _:
                    await self._stop()
                    return

    def _listen(self, loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[list[Any]]) -> None:
        """Pass on messages, from a thread of its own."""
        while True:
            body = self._received(int.from_bytes(self._received(HEADER), "big"))
            loop.call_soon_threadsafe(queue.put_nowait, unpacked(body))

    def _received(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            part = os.read(self._read_fd, size)
            if not part:
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _send(self, *message: Any) -> None:
        body = memoryview(packed(message))
        while body:
            body = body[os.write(self._write_fd, body) :]

    # -- the agent

    async def _start(self, plan: Mapping[str, Any]) -> bool:
        self._folder = plan["root"]
        try:
            await self._open(plan)
        except AgentError as error:
            self._send("failed", str(error))
        except Exception as error:
            self._send("failed", told(error, self._folder))
        else:
            self._send("ready", inspect.iscoroutinefunction(self._function))
            return True
        return False

    async def _open(self, plan: Mapping[str, Any]) -> None:
        if plan["memory_max"]:
            resource.setrlimit(resource.RLIMIT_AS, (plan["memory_max"], plan["memory_max"]))
        found = imported(plan["target"], self._folder)
        if isinstance(found, type):
            agent = self._object = checked_class(found, plan["target"])()
            package, root = Path(plan["package"]), Path(self._folder)
            await agent.on_start(Resources(package, plan["artifacts"], root))
            found = agent.on_event
        self._function = found

    async def _stop(self) -> None:
        for task in self._running.values():
            task.cancel()
        if self._object is not None:
            await self._object.on_stop()

    # -- calls

    async def _call(self, number: int, values: list[Any]) -> None:
        try:
            message = await self._answer(values)
        except asyncio.CancelledError as error:
            message = ("fault", "attempt-failed", told(error, self._folder))
            if is_cancelled():
                message = ("fault", "timeout", "there was no answer in time")
        del self._running[number]
        kind, *content = message
        try:
            self._send(kind, number, *content)
        except (TypeError, ValueError, OverflowError) as error:
            self._send("fault", number, "invalid-answer", str(error))

    async def _answer(self, values: list[Any]) -> tuple[Any, ...]:
        try:
            found: Any = self._function(*values) if self._function else None
            if inspect.isawaitable(found):
                found = await found
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # whatever it is: somebody waits for an answer
            return ("fault", "attempt-failed", told(error, self._folder))
        if isinstance(found, Failure):
            return ("fault", found.code, found.message)
        try:
            return ("done", plain(found))
        except (TypeError, ValueError, RecursionError) as error:
            return ("fault", "invalid-answer", str(error))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
