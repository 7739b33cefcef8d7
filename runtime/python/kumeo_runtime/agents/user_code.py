"""`UserCode`: a function or class of the user as an agent. `BaseAgent`: the base of such classes.

    def score(amount: float) -> float: ...                 # python("rules:score")

    class Scorer(BaseAgent):                               # python("rules:Scorer")
        async def on_start(self, resources): ...
        async def on_event(self, amount: float) -> float: ...
        async def on_stop(self): ...

What comes back is checked against the type of the result. An exception is a failed attempt.

With `isolate=True` the code runs in a process of its own: see `kumeo_runtime.isolation`.
"""

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Literal, TypeAlias, TypeVar, cast

from kumeo_runtime.agents.base import AwaitedAgent, Call, Path, Policy
from kumeo_runtime.agents.resources import AgentError, Resources
from kumeo_runtime.decoding import from_json
from kumeo_runtime.isolation import OwnProcess, Plan
from kumeo_runtime.isolation.own_code import imported, is_cancelled, outcome, plain
from kumeo_runtime.isolation.places import told
from kumeo_runtime.values import Failure, Fault

log = logging.getLogger("kumeo.code")
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
        isolate: bool = False,
        memory_mb: int | None = None,
        variables: Sequence[str] = (),
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
        self.isolate = isolate
        """Whether the code runs in a process of its own."""
        self.memory_mb = memory_mb
        """Most memory of that process; None is what `KUMEO_CODE_MEMORY_MB` says."""
        self.variables = tuple(variables)
        """Variables that it gets, besides those that `KUMEO_CODE_VARIABLES` names."""
        self.process: OwnProcess | None = None
        self._root = ""
        self._function: Callable[..., Any] | None = None
        self._object: BaseAgent | None = None

    async def start(self, resources: Resources) -> None:
        """Import the code, and start it if it is a class. Raises: AgentError."""
        self._root = str(resources.root)
        if self.isolate:
            self.process = OwnProcess(self._plan(resources))
            return
        try:
            self._function = await self._opened(resources)
        except AgentError:
            raise
        except (Exception, SystemExit) as error:
            message = f"the code `{self.target}` cannot be started: {told(error, self._root)}"
            fix = "correct it: modules are imported, and `on_start` is called, before all events"
            raise AgentError("user-code", message, fix) from error

    async def _opened(self, resources: Resources) -> Callable[..., Any]:
        found = imported(self.target, self._root)
        if not isinstance(found, type):
            return found
        made = checked_class(found, self.target)()
        await made.on_start(resources)
        self._object = made
        return made.on_event

    async def stop(self) -> None:
        """Stop an agent that is a class, and the process."""
        if self._object is not None:
            await self._closed(self._object)
        if self.process is not None:
            await self.process.stop()

    async def _closed(self, opened: BaseAgent) -> None:
        try:
            await opened.on_stop()
        except (Exception, SystemExit) as error:
            log.error("agent %s: `on_stop` fails: %s", self.id, told(error, self._root))

    def _plan(self, resources: Resources) -> Plan:
        module = self.target.partition(":")[0].partition(".")[0]
        # The code itself is imported in its process, at the first call.
        if not (resources.root / module).is_dir() and not _is_file(resources, module):
            message = f"the code `{self.target}` cannot be imported: there is no `{module}`"
            fix = f"put `{module}.py` beside the workflow, or install it"
            raise AgentError("user-code", message, fix)
        named = resources.environ.get("KUMEO_CODE_VARIABLES", "").split(",")
        memory_mb = self.memory_mb or _memory_mb(resources)
        return Plan(
            agent=self.id,
            target=self.target,
            root=self._root,
            package=str(resources.package),
            artifacts=resources.artifacts,
            environ=resources.environ,
            variables=(*self.variables, *(name.strip() for name in named if name.strip())),
            memory_max=memory_mb * 2**20,
        )

    async def work(self, act: Call, path: Path, inputs: Mapping[str, Any]) -> T:
        """Call the code. Raises: Fault with code `attempt-failed` or `invalid-answer`."""
        values = tuple(inputs.values())
        if self.process is not None:
            return self._typed(await self.process.call(values))
        function = self._function
        if function is None:
            raise Fault("attempt-failed", f"`{self.target}` is not started")
        try:
            found = await self._called(function, values)
        except asyncio.CancelledError as error:
            if is_cancelled():
                raise
            raise Fault("attempt-failed", told(error, self._root)) from error
        except (Exception, SystemExit) as error:
            # `sys.exit()` ends an attempt, not the worker with all its other events.
            raise Fault("attempt-failed", told(error, self._root)) from error
        return self._checked(found)

    async def _called(self, function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        if inspect.iscoroutinefunction(function):
            return await function(*values)
        if self.threads:
            found, error = await asyncio.to_thread(outcome, function, values)
            if error is not None:
                raise error
            return found
        found = function(*values)
        return await found if inspect.isawaitable(found) else found

    def _checked(self, found: Any) -> T:
        """Return what came back as the type of the result. Raises: Fault."""
        if isinstance(found, Failure):
            raise Fault(found.code, found.message)
        try:
            data = plain(found)
        except (TypeError, ValueError, RecursionError) as error:
            raise Fault("invalid-answer", f"agent `{self.id}`: {error}") from None
        return self._typed(data)

    def _typed(self, data: Any) -> T:
        value = from_json(data, self.result)
        if isinstance(value, Failure):
            raise Fault("invalid-answer", f"agent `{self.id}`: {value.message}")
        return cast(T, value)


def checked_class(found: type, target: str) -> type[BaseAgent]:
    """Return a class of agents. Raises: AgentError when it is another one."""
    if issubclass(found, BaseAgent):
        return found
    message = f"`{target}` is a class, but no agent"
    raise AgentError("user-code", message, "derive it from `kumeo_runtime.agents.BaseAgent`")


def _is_file(resources: Resources, module: str) -> bool:
    return (resources.root / f"{module}.py").is_file() or find_spec(module) is not None


def _memory_mb(resources: Resources) -> int:
    given = resources.environ.get("KUMEO_CODE_MEMORY_MB", "0")
    if given.isdecimal():
        return int(given)
    message = f"`KUMEO_CODE_MEMORY_MB` is `{given}`, which is no number of megabytes"
    raise AgentError("user-code", message, "set it to a number, or leave it out")
