"""`FakeModels`: one server that stands for OpenAI and for Ollama, and plays a script.

    with FakeModels("Hello.") as server:
        client = openai.OpenAI(base_url=server.openai_url, api_key="any")

It runs in a thread of its own. Requests are checked as the real servers check them, and kept in
`requests`.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from kumeo_runtime.testing.fake_models.http import HttpServer
from kumeo_runtime.testing.fake_models.playing import Heard, Playing
from kumeo_runtime.testing.fake_models.script import Reply, Script, saying


def _nothing(heard: Heard) -> None:
    """Take no note of a request."""


class FakeModels:
    """Plays a script, or answers in order, on a port of this computer."""

    def __init__(
        self,
        script: Script | str | Reply,
        *more: str | Reply,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        on_request: Callable[[Heard], None] = _nothing,
    ) -> None:
        """Take a script; or answers, of which the last one is given for ever."""
        self.script = script if isinstance(script, Script) else saying(script, *more)
        self.port = port
        self._playing = Playing(self.script, clock, on_request)
        self._http = HttpServer(self._playing.answer)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def requests(self) -> list[Heard]:
        """The requests for answers so far."""
        return self._playing.heard

    @property
    def url(self) -> str:
        """Its address, also that of Ollama."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        """The base address of OpenAI's interface."""
        return f"{self.url}/v1"

    @property
    def unused(self) -> Sequence[int]:
        """The numbers of the rules that have not answered."""
        return self._playing.unused

    def __enter__(self) -> "FakeModels":
        """Start. Raises: OSError when the port is taken."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all connections."""
        self.stop()

    def start(self) -> None:
        """Listen. Raises: OSError when the port is taken."""
        try:
            self.port = self._loop.run_until_complete(self._http.start("127.0.0.1", self.port))
        except OSError:
            self._loop.close()
            raise
        self._thread.start()

    def stop(self) -> None:
        """End all connections."""
        asyncio.run_coroutine_threadsafe(self._http.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
