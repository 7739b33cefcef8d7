"""Questions to a fake server through the real client, for tests."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

from kumeo_runtime.agents import Resources
from kumeo_runtime.llm.api import ModelFault, Question, Reply
from kumeo_runtime.llm.exchange import exchange_of
from kumeo_runtime.llm.providers import Provider
from kumeo_runtime.testing.fake_models import FakeModels

QUESTION = Question("m", ({"role": "user", "content": "How high?"},))


def environ_of(server: FakeModels, **more: str) -> dict[str, str]:
    """Return the environment that leads to a server."""
    return {"KUMEO_OPENAI_URL": server.openai_url, "KUMEO_OLLAMA_URL": server.url, **more}


async def ask(
    environ: Mapping[str, str],
    engine: str = "openai/m",
    providers: tuple[Provider, ...] = (),
    question: Question = QUESTION,
    seconds: float = 20.0,
) -> Reply:
    """Ask once. Raises: ModelFault."""
    exchange = exchange_of(engine, providers, Resources(environ=environ), "judge")
    try:
        deadline = asyncio.get_running_loop().time() + seconds
        model = engine.partition("/")[2]
        return await exchange.ask(replace(question, model=model), key="k", deadline=deadline)
    finally:
        await exchange.close()


async def fault_of(asked: Coroutine[Any, Any, Reply]) -> ModelFault:
    """Return why a question has no answer."""
    try:
        reply = await asked
    except ModelFault as fault:
        return fault
    raise AssertionError(f"there is an answer: {reply.text[:80]}")


def failed(server: FakeModels, **more: Any) -> ModelFault:
    """Ask a server and return why there is no answer."""
    return asyncio.run(fault_of(ask(environ_of(server), **more)))
