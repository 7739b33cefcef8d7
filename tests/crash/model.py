"""A language model that costs: it counts every call, and those that were not needed.

A prompt that ends in `late` fails the first time.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable

ALREADY = Callable[[str], Awaitable[bool]]


def level_of(n: int) -> int:
    """Return what the model says about an event."""
    return n % 7


class PaidModel:
    """Speaks enough of Ollama's chat over HTTP."""

    def __init__(self, port: int, is_recorded: ALREADY) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.calls: Counter[str] = Counter()
        """Calls by prompt."""
        self.needless: list[str] = []
        """Prompts that came although the journal held their answer."""
        self._port = port
        self._is_recorded = is_recorded
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                body = json.loads(await reader.readexactly(length))
                prompt = body["messages"][-1]["content"]
                answer = await self._answer(prompt)
                is_early = prompt.endswith("late") and self.calls[prompt] == 1
                status = b"418 Not now" if is_early else b"200 OK"
                writer.write(
                    b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _answer(self, prompt: str) -> bytes:
        self.calls[prompt] += 1
        if self.calls[prompt] > 1 and await self._is_recorded(prompt):
            self.needless.append(prompt)
        await asyncio.sleep(0.02)
        content = json.dumps({"level": level_of(int(prompt.split()[0]))})
        message = {"role": "assistant", "content": content}
        return json.dumps({"message": message, "done": True}).encode()

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
