"""`UserCode`: a function or class of the user as an agent. `BaseAgent`: the base of such classes.

    def score(amount: float) -> float: ...                 # python("rules:score")

    class Scorer(BaseAgent):                               # python("rules:Scorer")
        async def on_start(self, resources): ...
        async def on_event(self, amount: float) -> float: ...
        async def on_stop(self): ...

What comes back is checked against the type of the result. An exception is a failed attempt.
"""

import asyncio
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any, Literal, TypeAlias, TypeVar, cast

import msgspec

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.decoding import from_json
from kumeo_runtime.values import Failure, Fault, json_enc_hook

T = TypeVar("T")
Effects: TypeAlias = Literal["pure", "read", "acts"]


class BaseAgent:
    """An agent written as a class; one object serves all events of a process."""

    async def on_start(self, resources: Resources) -> None:
        """Open what is needed, before the first event."""

    async def on_event(self, *args: Any, **kwargs: Any) -> Any:
        """Return the result for one event."""
        raise TypeError(f"{type(self).__name__} has no `on_event`")

    async def on_stop(self) -> None:
        """Close it, after the last event."""


class UserCode(AwaitedAgent[T]):
    """A call of `module:name`. Inputs are given in order, by place."""

    def __init__(
        self,
        *,
        site: str,
        target: str,
        result: Any,
        effects: Effects = "acts",
        threads: bool = False,
        id: str = "",
        policy: Policy | None = None,
        acts: bool | None = None,
        inputs: Sequence[str] = (),
    ) -> None:
        is_acting = effects == "acts" if acts is None else acts
        super().__init__(
            site=site, id=id, result=result, policy=policy, acts=is_acting, inputs=inputs
        )
        self.target = target
        self.journaled = effects != "pure"
        self.threads = threads
        """Whether a function that is not a coroutine runs beside the event loop."""
        self._function: Callable[..., Any] | None = None
        self._object: BaseAgent | None = None

    async def start(self, resources: Resources) -> None:
        """Import the code, and start it if it is a class. Raises: AgentError."""
        found = self._imported(str(resources.root))
        if isinstance(found, type):
            if not issubclass(found, BaseAgent):
                message = f"`{self.target}` is a class, but no agent"
                raise AgentError(
                    "user-code", message, "derive it from `kumeo_runtime.agents.BaseAgent`"
                )
            self._object = found()
            await self._object.on_start(resources)
            found = self._object.on_event
        self._function = found

    async def stop(self) -> None:
        """Stop an agent that is a class."""
        if self._object is not None:
            await self._object.on_stop()

    def _imported(self, folder: str) -> Any:
        module, _, name = self.target.partition(":")
        if folder not in sys.path:
            sys.path.append(folder)
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            message = f"the code `{self.target}` cannot be imported: {error}"
            fix = f"put `{module.replace('.', '/')}.py` beside the workflow, or install it"
            raise AgentError("user-code", message, fix) from None
        if not callable(found):
            message = f"`{self.target}` cannot be called"
            raise AgentError("user-code", message, "name a function, or a class of agents")
        return found

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Call the code. Raises: Fault with code `attempt-failed` or `invalid-answer`."""
        function = self._function
        if function is None:
            raise Fault("attempt-failed", f"`{self.target}` is not started")
        try:
            found = await self._called(function, tuple(inputs.values()))
        except TimeoutError:
            raise
        except Exception as error:
            raise Fault("attempt-failed", f"{type(error).__name__}: {error}") from error
        return self._checked(found)

    async def _called(self, function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        if inspect.iscoroutinefunction(function):
            return await function(*values)
        if self.threads:
            return await asyncio.to_thread(function, *values)
        found = function(*values)
        return await found if inspect.isawaitable(found) else found

    def _checked(self, found: Any) -> T:
        """Return what came back as the type of the result. Raises: Fault."""
        if isinstance(found, Failure):
            raise Fault(found.code, found.message)
        try:
            data = msgspec.to_builtins(_plain(found), enc_hook=json_enc_hook)
        except (TypeError, ValueError, RecursionError) as error:
            raise Fault("invalid-answer", f"agent `{self.id}`: {error}") from None
        value = from_json(data, self.result)
        if isinstance(value, Failure):
            raise Fault("invalid-answer", f"agent `{self.id}`: {value.message}")
        return cast(T, value)


def _plain(found: Any) -> Any:
    """Return models of pydantic and dataclasses as plain data."""
    dump: Any = getattr(found, "model_dump", None)
    if callable(dump):
        return dump()
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else found
