"""One call of a language model against the fake server, and what the server heard."""

import asyncio
from typing import Any, Literal

from kumeo_runtime.agents import LanguageModel, Resources
from kumeo_runtime.llm.providers import Provider
from kumeo_runtime.testing.calls import MemoryCall, MemoryState
from kumeo_runtime.testing.fake_models import Counts, FakeModels, Fault, Reply, Rule, Script
from kumeo_runtime.values import Failure, Record

LEVELS = Literal["low", "high"]
USED = Counts(100, 10)
CHAIN = {"engines": ["openai/a", "ollama/b"]}
GONE = Reply(fault=Fault(status=404, message="no such model"))
PRICES = {"a": {"input": 1.0, "output": 10.0}}


class Verdict(Record):
    """What the model is asked for."""

    level: LEVELS


def high(**more: Any) -> Reply:
    """Return an answer that fits."""
    return Reply(json={"level": "high"}, usage=USED, **more)


class Asked:
    """One call of an agent and what the server heard."""

    def __init__(
        self,
        script: Any,
        settings: dict[str, Any] | None = None,
        *,
        acts: list[MemoryCall] | None = None,
        engine: str = "openai/a",
        result: Any = Verdict,
        prices: Any = None,
        capabilities: Any = None,
        environ: dict[str, str] | None = None,
        **options: Any,
    ) -> None:
        provider = Provider("openai", prices=prices or {}, capabilities=capabilities or {})
        with FakeModels(script) as server:
            urls = {"KUMEO_OLLAMA_URL": server.url, "KUMEO_OPENAI_URL": server.openai_url}
            self.agent: LanguageModel[Any] = LanguageModel(
                site="judge",
                engine=engine,
                result=result,
                settings=settings,
                providers=(provider,),
                **options,
            )
            resources = Resources(environ={**urls, **(environ or {})})
            self.found = asyncio.run(self._calls(resources, acts or [MemoryCall()]))
            self.requests = server.requests

    async def _calls(self, resources: Resources, acts: list[MemoryCall]) -> Any:
        await self.agent.start(resources)
        try:
            found = [await self.agent(act, prompt="How high?") for act in acts]
        finally:
            await self.agent.stop()
        return found[0] if len(found) == 1 else found

    @property
    def models(self) -> list[str]:
        """The models that were asked, in order."""
        return [each.body["model"] for each in self.requests]

    @property
    def code(self) -> str:
        """The code of the failure."""
        assert isinstance(self.found, Failure), self.found
        return self.found.code


def said(*answers: Any) -> Script:
    """Return a script that gives answers in order, the last one for ever."""
    return Script(rules=[Rule(list(answers))])


def per_model(a: Any, b: Any) -> Script:
    """Return a script with one answer for each of two models."""
    return Script(rules=[Rule([a], model="a"), Rule([b], model="b")])


def events(count: int) -> list[MemoryCall]:
    """Return activations."""
    return [MemoryCall(f"e{n}") for n in range(count)]


def sharing(count: int) -> list[MemoryCall]:
    """Return activations that share the store."""
    state = MemoryState(MemoryCall().journal)
    return [MemoryCall(f"e{n}", state=state) for n in range(count)]
