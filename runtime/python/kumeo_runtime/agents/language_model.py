"""`LanguageModel`: asks a language model; the answer has the type of the result.

The model is told the schema of the answer. What it says is checked here in full, and one that does
not fit is asked for again, with the reason. Sending again after a fault of the network is another
matter (`llm_http`), and attempts of the agent are a third (`base`).
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.json_schema import is_strict, schema_of
from kumeo_runtime.agents.llm_wire import Message, Question, Reply, wire_of
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.observe.usage import note_usage
from kumeo_runtime.shapes import fields_of, shape_of
from kumeo_runtime.values import Failure, Fault, json_decoder

if TYPE_CHECKING:
    from kumeo_runtime.agents.llm_http import ModelClient

T = TypeVar("T")
NOT_YET = {
    "tools": "models cannot call tools yet",
    "max_price": "prices are not known yet, so a limit cannot be kept",
}
"""Settings that would promise what is not done: better no start than a broken promise."""
_FENCE = re.compile(r"\A\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


class LanguageModel(AwaitedAgent[T]):
    """A question to a model such as `ollama/llama3` or `openai/gpt-4o-mini`."""

    def __init__(
        self,
        *,
        site: str,
        engine: str,
        result: Any,
        settings: Mapping[str, Any] | None = None,
        id: str = "",
        policy: Policy | None = None,
        acts: bool = False,
    ) -> None:
        super().__init__(site=site, id=id, result=result, policy=policy, acts=acts)
        self.engine = engine
        self.provider, _, self.model = engine.partition("/")
        self.settings = dict(settings or {})
        self.reasks: int = self.settings.get("reask", 1)
        self._wire = wire_of(self.provider)
        self._form = AnswerForm(result)
        self._client: ModelClient | None = None

    async def start(self, resources: Resources) -> None:
        """Prepare connections; none is made yet. Raises: AgentError."""
        if not self.model:
            message = f"the engine `{self.engine}` names no provider"
            raise AgentError("engine-unknown", message, "write for instance `ollama/llama3`")
        for setting, problem in NOT_YET.items():
            if self.settings.get(setting):
                message = f"agent `{self.id}`: {problem}"
                raise AgentError("setting-unsupported", message, f"leave out `{setting}`")
        from kumeo_runtime.agents.llm_http import ModelClient, endpoint_of

        self._client = ModelClient(endpoint_of(self.provider, resources.environ))

    async def stop(self) -> None:
        """Close connections."""
        if self._client is not None:
            await self._client.close()

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Ask, and ask again for an answer that does not fit. Raises: Fault."""
        messages = _opening(inputs)
        key = act.child_id(self.site, path)
        failure = Failure("invalid-answer", "")
        for number in range(self.reasks + 1):
            reply = await self._ask(messages, f"{key}-{number}")
            answer = self._form.read(reply.text)
            if not isinstance(answer, Failure):
                return cast(T, answer)
            failure = answer
            messages = (*messages, *_correction(reply, failure))
        raise Fault("invalid-answer", f"agent `{self.id}`: {failure.message}")

    async def _ask(self, messages: tuple[Message, ...], key: str) -> Reply:
        client, form = self._client, self._form
        if client is None:
            raise Fault("attempt-failed", f"agent `{self.id}` is not started")
        question = Question(self.model, messages, form.schema, form.is_strict, self.settings)
        body = await client.post(self._wire.path, self._wire.body(question), key)
        reply = self._wire.reply(body)
        self.counters.tokens_in += reply.tokens_in
        self.counters.tokens_out += reply.tokens_out
        note_usage(reply.tokens_in, reply.tokens_out)
        return reply


def _opening(inputs: Mapping[str, Any]) -> tuple[Message, ...]:
    system = inputs.get("system")
    user: Message = {"role": "user", "content": inputs["prompt"]}
    return (user,) if system is None else ({"role": "system", "content": system}, user)


def _correction(reply: Reply, failure: Failure) -> tuple[Message, ...]:
    text = (
        f"This answer cannot be used: {failure.message}. "
        "Answer once more, only with JSON that fits the schema."
    )
    return {"role": "assistant", "content": reply.text}, {"role": "user", "content": text}


class AnswerForm:
    """How a model gives a value of a type: free text, a record, or a record around the value."""

    def __init__(self, result: Any) -> None:
        shape = shape_of(result)
        fields = fields_of(result) if shape.kind == "record" else ()
        self._is_text = result is str
        is_lone_text = [(f.json_name, f.type) for f in fields] == [("text", str)]
        self._text_record: Any = result if is_lone_text else None
        self._is_wrapped = shape.kind != "record"
        self.is_strict = is_strict(result)
        is_free = self._is_text or is_lone_text
        inner = None if is_free else schema_of(result)
        self.schema = inner if not self._is_wrapped or is_free else _wrapped(inner)
        self._decode = json_decoder(dict[str, result] if self._is_wrapped else result).decode

    def read(self, text: str) -> Any:
        """Return the value in an answer, or why it has none."""
        if self._is_text:
            return text
        if self._text_record is not None:
            return self._text_record(text=text)
        fenced = _FENCE.match(text)
        found = self._decode((fenced[1] if fenced else text).encode("utf-8", "replace"))
        if isinstance(found, Failure) or not self._is_wrapped:
            return found
        if "value" not in found:
            return Failure("wrong-type", 'the field "value" is missing')
        return found["value"]


def _wrapped(inner: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"value": inner},
        "required": ["value"],
        "additionalProperties": False,
    }
