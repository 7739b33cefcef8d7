"""`llm-overhead`: what a call of a language model costs beyond the time of the server.

A fake server in a process of its own answers after about 200 ms and says how long each request
took, from its last byte in to the last byte out. 100 callers ask it all the time; they begin, and
the server answers, at different moments, so they do not march in step. The overhead of a call is
its time minus the server's. The same callers ask by hand with aiohttp, httpx2 and httpx, and with
the official client, in the same run.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeAlias

import aiohttp
import httpx
import httpx2
from kumeo_runtime.agents import LanguageModel, Resources
from kumeo_runtime.agents.json_schema import schema_of
from kumeo_runtime.service import tune_interpreter
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.testing.fake_models import REQUESTS
from kumeo_runtime.values import Record

from benchmarks.tables import Cell, Options, Table

CALLERS, CALLS_EACH, WARM_EACH = 100, 12, 2
SERVER_S = 0.2
GOAL_MS = 2.0
PROMPT = "Which level has this mail? " + "Our machine makes a noise again since this morning. " * 20
Ask: TypeAlias = Callable[[str], Awaitable[None]]
"""Asks one question under a key."""


class Level(Record):
    """The answer."""

    level: Literal["low", "high"]
    why: str


ANSWER = {"level": "high", "why": "The machine does not work."}
SPREAD = [SERVER_S + step / 1000 for step in (0, 37, -21, 11, -43, 29, -7, 47, -31, 3, -25)]
SCRIPT = {"rules": [{"answers": [{"json": ANSWER, "wait_s": s} for s in SPREAD], "then": "again"}]}
BODY = {
    "model": "m",
    "messages": [{"role": "user", "content": PROMPT}],
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": schema_of(Level)},
    },
}


def measure(options: Options) -> Table:
    """Return percentiles in milliseconds; the best of several runs, by p50."""
    tune_interpreter()
    runs: dict[str, list[tuple[float, ...]]] = {name: [] for name in CLIENTS}
    for _ in range(options.best_of):
        for name, client in CLIENTS.items():
            with running_server() as url:
                runs[name].append(asyncio.run(_measured(client, url)))
    rows: list[list[Cell]] = [[name, *min(found), GOAL_MS] for name, found in runs.items()]
    title = (
        f"llm-overhead: {CALLERS} callers, {CALLERS * CALLS_EACH:,} calls, server "
        f"{SERVER_S * 1000:.0f} ms, best of {options.best_of}"
    )
    columns = ["client", "p50 ms", "p90", "p99", "max", "CPU ms per call", "goal p50"]
    libraries = ("aiohttp", "httpx2", "httpx", "openai", "msgspec")
    note = ", ".join(f"{name} {version(name)}" for name in libraries)
    return Table(title, columns, rows, [f"{note}; client and server in a process each"])


@contextmanager
def running_server() -> Generator[str]:
    """Give the address of a fake server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "answers.json")
        script.write_text(json.dumps(SCRIPT), "utf-8")
        tool = (sys.executable, "-c", "from kumeo.tools.kumeo import main; main()")
        command = (*tool, "fake-models", str(script), "--quiet")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None, "a pipe was asked for"
            lines = dict(process.stdout.readline().strip().split("=") for _ in range(2))
            yield lines["export KUMEO_OLLAMA_URL"]
            process.terminate()


async def _measured(client: Callable[[str], AsyncGenerator[Ask]], url: str) -> tuple[float, ...]:
    """Return the percentiles of the overhead of all calls but the first ones of each caller."""
    taken: dict[str, float] = {}
    async with asynccontextmanager(client)(url) as ask:

        async def caller(number: int, count: int, name: str) -> None:
            await asyncio.sleep(SERVER_S * number / CALLERS)
            for call in range(count):
                key = f"{name}-{number}-{call}"
                begun = time.perf_counter()
                await ask(key)
                taken[key] = time.perf_counter() - begun

        await asyncio.gather(*(caller(n, WARM_EACH, "warm") for n in range(CALLERS)))
        taken.clear()
        cpu = time.process_time()
        await asyncio.gather(*(caller(n, CALLS_EACH, "call") for n in range(CALLERS)))
        cpu = time.process_time() - cpu
    served = await _served(url)
    assert len(served) == CALLERS * (WARM_EACH + CALLS_EACH), "one request for each call"
    times = sorted((taken[key] - served[key]) * 1000 for key in taken)
    parts = (times[len(times) * percent // 100] for percent in (50, 90, 99))
    return (*parts, times[-1], cpu * 1000 / len(times))


async def _served(url: str) -> dict[str, float]:
    """Return the seconds of the server by the key of the caller; agents add a number."""
    async with httpx.AsyncClient() as client:
        found = (await client.get(f"{url}{REQUESTS}")).json()
    keys = (heard["headers"]["idempotency-key"].rsplit("-", 1)[0] for heard in found)
    return dict(zip(keys, (heard["seconds"] for heard in found), strict=True))


class KeyedCall(MemoryCall):
    """An activation whose id is the key of its question."""

    def child_id(self, site: str, path: tuple[int, ...] = ()) -> str:
        """Return the id of the activation."""
        return self.id


def agent(engine: str, **settings: Any) -> Callable[[str], AsyncGenerator[Ask]]:
    """Return a client that is an agent of Kumeo."""

    async def client(url: str) -> AsyncGenerator[Ask]:
        model: LanguageModel[Any] = LanguageModel(
            site="level", engine=engine, result=Level, settings=settings
        )
        urls = {"KUMEO_OPENAI_URL": f"{url}/v1", "KUMEO_OLLAMA_URL": url}
        await model.start(Resources(environ=urls))

        async def ask(key: str) -> None:
            found = await model(KeyedCall(key), prompt=PROMPT)
            assert isinstance(found, Level), found

        yield ask
        await model.stop()

    return client


def by(library: Any) -> Callable[[str], AsyncGenerator[Ask]]:
    """Ask by hand with httpx or httpx2."""

    async def client(url: str) -> AsyncGenerator[Ask]:
        async with library.AsyncClient(base_url=url, timeout=30.0) as client:

            async def ask(key: str) -> None:
                headers = {"Idempotency-Key": f"{key}-0"}
                found = await client.post("/v1/chat/completions", json=BODY, headers=headers)
                _check(found.json()["choices"][0]["message"]["content"])

            yield ask

    return client


async def by_aiohttp(url: str) -> AsyncGenerator[Ask]:
    """Ask by hand with aiohttp."""
    connector = aiohttp.TCPConnector(limit=2 * CALLERS)
    async with aiohttp.ClientSession(connector=connector) as client:

        async def ask(key: str) -> None:
            headers = {"Idempotency-Key": f"{key}-0"}
            path = f"{url}/v1/chat/completions"
            async with client.post(path, json=BODY, headers=headers) as found:
                _check((await found.json())["choices"][0]["message"]["content"])

        yield ask


async def by_openai(url: str) -> AsyncGenerator[Ask]:
    """Ask by the official client of OpenAI."""
    from openai import AsyncOpenAI

    body: Any = BODY
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="k") as client:
        create: Any = client.chat.completions.create

        async def ask(key: str) -> None:
            headers = {"Idempotency-Key": f"{key}-0"}
            found: Any = await create(**body, extra_headers=headers)
            _check(found.choices[0].message.content)

        yield ask


def _check(content: Any) -> None:
    assert json.loads(content) == ANSWER, content


CLIENTS: dict[str, Callable[[str], AsyncGenerator[Ask]]] = {
    "agent, OpenAI": agent("openai/m"),
    "agent, OpenAI, streamed": agent("openai/m", stream=True),
    "agent, Ollama": agent("ollama/m"),
    "aiohttp by hand": by_aiohttp,
    "httpx2 by hand": by(httpx2),
    "httpx by hand": by(httpx),
    "official openai client": by_openai,
}
"""What is compared."""
