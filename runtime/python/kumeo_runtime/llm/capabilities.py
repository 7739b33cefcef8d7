"""What models and servers can do: a table of data, which users override.

Entries are found by protocol, then by the pattern of the model, such as `gpt-*`. Later ones win,
key by key: the table of the runtime, the file that `KUMEO_MODELS` names, the `provider` block.

    {"providers": {"vllm": {"strict": false}},
     "models": {"openai/o*": {"max_tokens": "max_completion_tokens", "without": ["temperature"]}}}
"""

import math
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.llm.api import Question
from kumeo_runtime.llm.providers import Provider

VARIABLE = "KUMEO_MODELS"
_BUILT_IN = Path(__file__).with_name("capabilities.json")


class Capabilities(Struct, frozen=True, forbid_unknown_fields=True):
    """What one model on one server can do."""

    schema: Literal["native", "json", "none"] = "native"
    """How it takes the schema of an answer; `json`: in words, with JSON as the format."""
    strict: bool = True
    """Whether it takes `strict: true`, and the portable form of a schema with it."""
    tools: bool = True
    schema_with_tools: bool = True
    """Whether it can call tools while it has to keep to a schema; if not, it is told in words."""
    decisions: bool = False
    """Whether it has `/v1/decisions`."""
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    stream_usage: bool = True
    """Whether a stream may be asked to tell its usage."""
    without: tuple[str, ...] = ()
    """Settings that it refuses; they are not sent, and the log says so."""
    price: dict[str, float] | None = None
    """US dollars for a million tokens: `input`, `output` and maybe `cached`."""
    decision_price: dict[str, float] | None = None
    """The same for `/v1/decisions`."""

    def form_of(self, question: Question) -> Literal["native", "json", "none"]:
        """Return how a question tells the schema of its answer."""
        if question.tools and self.schema != "none" and not self.schema_with_tools:
            return "none"
        return self.schema


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    as_of: str = ""
    providers: dict[str, dict[str, Any]] = {}
    models: dict[str, dict[str, Any]] = {}


def capabilities_of(
    engine: str, kind: str, provider: Provider | None, environ: Mapping[str, str]
) -> Capabilities:
    """Return what an engine can do.

    kind: its protocol. Raises: AgentError when an entry is none.
    """
    merged: dict[str, Any] = {}
    for source, entries in _entries(engine, kind, provider, environ):
        merged |= entries
        try:
            found = msgspec.convert(merged, Capabilities)
        except msgspec.ValidationError as error:
            message = f"{source} says of `{engine}`: {error}"
            fix = f"the names are {', '.join(Capabilities.__struct_fields__)}"
            raise AgentError("invalid-setting", message, fix) from None
        if not (_is_price(found.price) and _is_price(found.decision_price)):
            message = f"{source} gives `{engine}` a price that is none"
            raise AgentError("invalid-setting", message, "write { input: 2.5, output: 10.0 }")
    return msgspec.convert(merged, Capabilities)


def _is_price(given: Mapping[str, float] | None) -> bool:
    """Say whether a budget can count with a price: one below zero would never be used up."""
    if given is None:
        return True
    is_whole = {"input", "output"} <= set(given) <= {"input", "output", "cached"}
    return is_whole and all(0.0 <= value < math.inf for value in given.values())


def _entries(
    engine: str, kind: str, provider: Provider | None, environ: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    name, _, model = engine.partition("/")
    files = [str(_BUILT_IN), *([environ[VARIABLE]] if environ.get(VARIABLE) else [])]
    for path in files:
        table = _table(path)
        for key in dict.fromkeys((kind, name)):
            yield f"the file {path}", table.providers.get(key, {})
        for pattern, entries in table.models.items():
            if fnmatchcase(engine, pattern):
                yield f"the file {path}", entries
    if provider is None:
        return
    for pattern, entries in provider.capabilities.items():
        if fnmatchcase(model, pattern):
            yield f"the provider `{name}`", entries
    for pattern, price in provider.prices.items():
        if fnmatchcase(model, pattern):
            yield f"the provider `{name}`", {"price": dict(price)}


@lru_cache(maxsize=16)
def _table(path: str) -> _Table:
    """Return a table. Raises: AgentError."""
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=_Table)
    except OSError as error:
        reason = error.strerror or str(error)
    except msgspec.DecodeError as error:
        reason = str(error)
    message = f"the table of models in {path} cannot be read: {reason}"
    raise AgentError("invalid-setting", message, f"correct it, or do not set {VARIABLE}") from None
