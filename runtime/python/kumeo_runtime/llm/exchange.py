"""`HttpExchange`: one engine on its server; it asks a question and gives the reply."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.llm.api import ModelFault, Question, Reply
from kumeo_runtime.llm.capabilities import Capabilities, capabilities_of
from kumeo_runtime.llm.decisions import PATH, decision_body, decision_reply
from kumeo_runtime.llm.ollama import OllamaWire
from kumeo_runtime.llm.openai import OpenAiWire
from kumeo_runtime.llm.providers import Kind, Provider
from kumeo_runtime.llm.usage import Price, price_of
from kumeo_runtime.llm.wire import Wire, parsed

log = logging.getLogger("kumeo.llm")
WIRES: Mapping[Kind, Wire] = {"openai": OpenAiWire(), "ollama": OllamaWire()}
AGENT = "X-Kumeo-Agent"
"""The header that names the agent to a server on this computer."""


class HttpExchange:
    """One engine on its server."""

    def __init__(self, client: Any, wire: Wire, can: Capabilities) -> None:
        self._client = client
        self._wire = wire
        self.can = can

    @property
    def server(self) -> str:
        """The address of the server."""
        return self._client.server.url

    @property
    def price(self) -> Price | None:
        """What tokens cost, where somebody says it."""
        return price_of(self.can.price)

    @property
    def decision_price(self) -> Price | None:
        """What tokens of decisions cost, where somebody says it."""
        return price_of(self.can.decision_price) if self.can.decisions else self.price

    async def ask(self, question: Question, *, key: str, deadline: float) -> Reply:
        """Return the answer. Raises: ModelFault.

        key: of idempotency, equal for a question that is asked again after a crash. deadline: on
        the clock of the event loop.
        """
        if question.tools and not self.can.tools:
            problem = f"the model `{question.model}` calls no tools"
            raise ModelFault("invalid-request", problem, may_cost=False)
        from kumeo_runtime.llm.client import Request

        path, body = self._request(question)
        request = Request(path, msgspec.json.encode(body), key, deadline)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            reply, first = await self._answer(question, request)
        except ModelFault as fault:
            raise self._told(fault, request) from None
        first_s = None if first is None else first - begun
        return replace(reply, seconds=loop.time() - begun, first_s=first_s, lost=request.lost)

    def _told(self, fault: ModelFault, request: Any) -> ModelFault:
        """Return a fault with what its question may cost, and without the key."""
        lost = request.lost + (1 if request.is_out and fault.usage is None else 0)
        message = self._client.hidden(fault.message)
        return ModelFault(fault.code, message, fault.usage, may_cost=request.may_cost, lost=lost)

    def _decides(self, question: Question) -> bool:
        return question.decision is not None and self.can.decisions and not question.tools

    def _request(self, question: Question) -> tuple[str, Any]:
        if question.decision is not None and self._decides(question):
            return PATH, decision_body(question, question.decision)
        return self._wire.path, self._wire.body(question, self.can)

    async def _answer(self, question: Question, request: Any) -> tuple[Reply, float | None]:
        """Return the reply, and when the first piece of a stream came."""
        if question.decision is not None and self._decides(question):
            body = parsed(await self._client.whole(request))
            return decision_reply(body, question.decision), None
        if question.stream:
            return await self._streamed(request)
        return self._wire.reply(parsed(await self._client.whole(request))), None

    async def _streamed(self, request: Any) -> tuple[Reply, float | None]:
        stream, clock = self._wire.stream(), asyncio.get_running_loop().time
        first: float | None = None

        def take(line: bytes) -> bool:
            nonlocal first
            first = first or clock()
            stream.line(line)
            return stream.is_complete

        await self._client.stream(request, take)
        return stream.reply(), first

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()


def exchange_of(
    engine: str,
    providers: Sequence[Provider],
    resources: Resources,
    agent: str,
    settings: Mapping[str, Any] | None = None,
) -> HttpExchange:
    """Return the exchange of an engine such as `ollama/llama3`. Raises: AgentError.

    agent: the name that a server on this computer is told. settings: of the agent; what the engine
    refuses of them is logged.
    """
    name, _, model = engine.partition("/")
    if not model:
        message = f"the engine `{engine}` names no provider"
        raise AgentError("engine-unknown", message, "write for instance `ollama/llama3`")
    from kumeo_runtime.llm.addresses import server_of
    from kumeo_runtime.llm.client import ModelClient
    from kumeo_runtime.llm.limiter import limiter_of

    provider = next((each for each in providers if each.name == name), None)
    kind: Kind = (provider and provider.kind) or ("ollama" if name == "ollama" else "openai")
    server = server_of(name, provider, resources)
    limits = (provider.max_concurrent, provider.requests_per_minute) if provider else (None, None)
    can = capabilities_of(engine, kind, provider, resources.environ)
    for setting in can.without:
        if (settings or {}).get(setting) is not None:
            log.warning("agent %s: `%s` refuses `%s`, it is not sent", agent, engine, setting)
    headers = {AGENT: _header(agent)} if server.is_local else {}
    return HttpExchange(
        ModelClient(server, limiter_of(server.url, *limits), headers), WIRES[kind], can
    )


def _header(text: str) -> str:
    """Return a name as a header may hold it."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)
