"""`LanguageModel`: asks a language model; the answer has the type of the result.

The model is told the schema of the answer. What it says is checked here in full, and one that does
not fit is asked for again, with the reason. `llm.conversation` says in which order things happen.
Sending again after a fault of the network is another matter (`llm.client`), and attempts of the
agent are a third (`base`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.values import Fault

if TYPE_CHECKING:
    from kumeo_runtime.llm.conversation import Setup, SpendingCall
    from kumeo_runtime.llm.providers import Provider
    from kumeo_runtime.llm.tools import Tool

T = TypeVar("T")
TIMEOUT_S = 300.0
"""How long an attempt may take when the agent has no limit of its own."""
MARGIN, MARGIN_MAX_S = 0.05, 0.25
"""What is left of the time of an attempt to record that it is over."""


class LanguageModel(AwaitedAgent[T]):
    """A question to a model such as `ollama/llama3`, or to the first of several that answers."""

    def __init__(
        self,
        *,
        site: str,
        engine: str,
        result: Any,
        settings: Mapping[str, Any] | None = None,
        tools: Sequence["Tool"] = (),
        providers: Sequence["Provider"] = (),
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts)
        self.settings = dict(settings or {})
        self.engines: tuple[str, ...] = tuple(self.settings.get("engines") or (engine,))
        self.provider, _, self.model = self.engines[0].partition("/")
        self.tools = tuple(tools)
        self.providers = tuple(providers)
        self._setup: Setup | None = None

    async def start(self, resources: Resources) -> None:
        """Prepare connections; none is made yet. Raises: AgentError."""
        from kumeo_runtime.llm.setting_up import set_up

        if self.settings.get("cache") and any(tool.agent.acts for tool in self.tools):
            message = f"agent `{self.id}`: an answer from the cache would not call its tools"
            raise AgentError("setting-unsupported", message, "leave out `cache`")
        for tool in self.tools:
            await tool.agent.start(resources)
        self._setup = set_up(self, resources)

    async def stop(self) -> None:
        """Close connections."""
        if self._setup is None:
            return
        for link in self._setup.links:
            await link.exchange.close()
        for tool in self.tools:
            await tool.agent.stop()

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Make one attempt. Raises: Fault."""
        from kumeo_runtime.llm.conversation import Conversation
        from kumeo_runtime.llm.tape import Tape

        if self._setup is None:
            raise Fault("attempt-failed", f"agent `{self.id}` is not started")
        end = asyncio.get_running_loop().time() + self._seconds()
        attempt, _ = await self._recorded(act, path)
        tape = Tape(act, self.site, path, attempt)
        await tape.rewind()
        spending = cast("SpendingCall", act)
        conversation = Conversation(self._setup, spending, path, tape, end)
        return cast(T, await conversation.answer(_opening(inputs)))

    def _seconds(self) -> float:
        limit = self.policy.timeout_s
        if limit is None:
            return TIMEOUT_S
        return limit - min(limit * MARGIN, MARGIN_MAX_S)


def _opening(inputs: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    system = inputs.get("system")
    user = {"role": "user", "content": inputs["prompt"]}
    return (user,) if system is None else ({"role": "system", "content": system}, user)
