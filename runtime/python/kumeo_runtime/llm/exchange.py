"""`HttpExchange`: one engine on its server; it asks a question and gives the reply."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from kumeo_runtime.agents.resources import AgentError, Resources, Secret
from kumeo_runtime.llm.api import ModelFault, Question, Reply
from kumeo_runtime.llm.capabilities import Capabilities, capabilities_of
from kumeo_runtime.llm.client import ModelClient
from kumeo_runtime.llm.decisions import PATH, decision_body, decision_reply
from kumeo_runtime.llm.limiter import limiter_of
from kumeo_runtime.llm.ollama import OllamaWire
from kumeo_runtime.llm.openai import OpenAiWire
from kumeo_runtime.llm.providers import Kind, Provider
from kumeo_runtime.llm.usage import Price, price_of
from kumeo_runtime.llm.wire import Wire, parsed

WIRES: Mapping[Kind, Wire] = {"openai": OpenAiWire(), "ollama": OllamaWire()}
_DEFAULTS = {"openai": "https://api.openai.com/v1", "ollama": "http://127.0.0.1:11434"}


class HttpExchange:
    """One engine on its server."""

    def __init__(self, client: ModelClient, wire: Wire, can: Capabilities) -> None:
        self._client = client
        self._wire = wire
        self.can = can

    @property
    def price(self) -> Price | None:
        """What tokens cost, where somebody says it."""
        return price_of(self.can.price)

    async def ask(self, question: Question, *, key: str, deadline: float) -> Reply:
        """Return the answer. Raises: ModelFault.

        key: of idempotency, equal for a question that is asked again after a crash. deadline: on
        the clock of the event loop.
        """
        if question.tools and not self.can.tools:
            raise ModelFault("invalid-request", f"the model `{question.model}` calls no tools")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        if question.stream:
            reply, first = await self._streamed(question, key, deadline)
            return replace(reply, seconds=loop.time() - begun, first_s=first - begun)
        reply = await self._asked(question, key, deadline)
        return replace(reply, seconds=loop.time() - begun)

    async def _asked(self, question: Question, key: str, deadline: float) -> Reply:
        spec = question.decision
        if spec is not None and self.can.decisions and not question.tools:
            body = decision_body(question, spec)
            return decision_reply(parsed(await self._client.whole(PATH, body, key, deadline)), spec)
        body = self._wire.body(question, self.can)
        return self._wire.reply(
            parsed(await self._client.whole(self._wire.path, body, key, deadline))
        )

    async def _streamed(self, question: Question, key: str, deadline: float) -> tuple[Reply, float]:
        """Return a reply that comes in pieces, and when the first one came."""
        body = self._wire.body(question, self.can)
        stream, first = self._wire.stream(), 0.0
        async with aclosing(self._client.lines(self._wire.path, body, key, deadline)) as lines:
            async for line in lines:
                first = first or asyncio.get_running_loop().time()
                stream.line(line)
                if stream.is_complete:
                    break
        return stream.reply(), first or asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()


def exchange_of(
    engine: str, providers: Sequence[Provider], resources: Resources, agent: str
) -> HttpExchange:
    """Return the exchange of an engine such as `ollama/llama3`. Raises: AgentError."""
    name, _, model = engine.partition("/")
    if not model:
        message = f"the engine `{engine}` names no provider"
        raise AgentError("engine-unknown", message, "write for instance `ollama/llama3`")
    provider = next((each for each in providers if each.name == name), None)
    kind: Kind = (provider and provider.kind) or ("ollama" if name == "ollama" else "openai")
    url, key = endpoint_of(name, provider, resources)
    limits = (provider.max_concurrent, provider.requests_per_minute) if provider else (None, None)
    can = capabilities_of(engine, kind, provider, resources.environ)
    client = ModelClient(url, key, limiter_of(url, *limits), {"X-Kumeo-Agent": _header(agent)})
    return HttpExchange(client, WIRES[kind], can)


def endpoint_of(
    name: str, provider: Provider | None, resources: Resources
) -> tuple[str, str | None]:
    """Return the address and the key of a provider: the environment, its block, what is usual.

    The environment wins, so that a file runs on another server by configuration alone.
    Raises: AgentError when nothing says where it is, or a secret is not set.
    """
    variable = "".join(c if c.isalnum() else "_" for c in name.upper())
    environ = resources.environ
    url = environ.get(f"KUMEO_{variable}_URL") or _text(provider and provider.url, resources)
    url = url or _DEFAULTS.get(name)
    if url is None:
        message = f"nothing says where the models of `{name}` are"
        raise AgentError("engine-unknown", message, f"set KUMEO_{variable}_URL to their address")
    key = environ.get(f"KUMEO_{variable}_KEY") or _text(provider and provider.key, resources)
    return url, key or environ.get(f"{variable}_API_KEY")


def _text(setting: str | Secret | None, resources: Resources) -> str | None:
    return None if setting is None else resources.text_of(setting)


def _header(text: str) -> str:
    """Return a name as a header may hold it."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)
