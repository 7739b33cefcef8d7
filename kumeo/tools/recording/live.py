"""A live run of one test: the real agents answer, and what they answer is kept.

The package of the workflow runs on a store in memory, so nothing is published and no source or
target is opened. Agents that the test mocks answer with the mocks; people only answer so. The clock
is that of every test. Events go in one after the other, which gives the answers the order in which
the interpreter asks for them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from kumeo_runtime.agents.base import Agent, AwaitedAgent, Call
from kumeo_runtime.agents.database import Database
from kumeo_runtime.agents.knowledge_base import KnowledgeBase
from kumeo_runtime.agents.language_model import LanguageModel
from kumeo_runtime.agents.review import VALUE, Review
from kumeo_runtime.agents.user_code import UserCode
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.decoding import from_json
from kumeo_runtime.engine.engine import Engine
from kumeo_runtime.engine.flow import all_inputs
from kumeo_runtime.parked import Answer
from kumeo_runtime.service import agents_of, check_secrets, resources_of
from kumeo_runtime.spec import Workflow
from kumeo_runtime.tasks.audit import Step
from kumeo_runtime.tasks.state import TaskState
from kumeo_runtime.tasks.store import TaskStore
from kumeo_runtime.transport.memory import MemoryServer, MemoryTransport
from kumeo_runtime.values import Failure, Fault
from kumeo_runtime.writing import to_json

from kumeo.frontend.elaborate.cases import WorkflowTest
from kumeo.tools.running.host import count_waiting
from kumeo.tools.verdicts import NOW_US

_LOOK_S = 0.02
OUTSIDE = (LanguageModel, KnowledgeBase, Database, UserCode)
"""Agents that the interpreter cannot run: their answers are recorded."""
Answers = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Trouble:
    """An agent that gave no answer, and why."""

    agent: str
    code: str
    message: str


@dataclass
class Recording:
    """What agents said in a run."""

    said: dict[str, list[tuple[int, tuple[int, ...], Any]]] = field(
        default_factory=dict[str, list[tuple[int, tuple[int, ...], Any]]]
    )
    """For each agent the number of the event, the iteration path, and the answer as JSON."""
    troubles: dict[str, Trouble] = field(default_factory=dict[str, Trouble])
    """The last failure of each agent whose attempts all failed so far."""

    def answers(self) -> dict[str, list[Any]]:
        """Return the answers by agent, in the order in which the interpreter asks for them."""
        order = {name: sorted(said, key=lambda each: each[:2]) for name, said in self.said.items()}
        return {name: [answer for *_, answer in said] for name, said in sorted(order.items())}


def name_of(agent: Agent[Any]) -> str:
    """Return the id that the author wrote."""
    return agent.id.rpartition("/")[2]


async def record(
    workflow: Workflow, package: Path, root: Path, test: WorkflowTest, *, again: bool = False
) -> Recording:
    """Run a test live. Raises: EngineError, AgentError, TransportError.

    again: whether agents answer for which the test has mocks. People never do.
    """
    check_secrets(workflow)
    server = MemoryServer(epoch_us=NOW_US)
    transport = MemoryTransport(server)
    settings = Settings(nats_url="memory://", config=dict(test.config))
    recording = Recording()
    agents = agents_of(workflow.services)
    people = {name_of(agent) for agent in agents if isinstance(agent, Review)}
    left = {n: iter(a) for n, a in test.mocks.items() if n in people or not again}
    for agent in agents:
        if isinstance(agent, OUTSIDE):
            _listen(agent, left, recording)
    resources = resources_of(workflow, package, root, settings)
    engine = Engine(workflow, workflow.services, transport, settings, clock=server, seed=1)
    client = RuntimeClient(workflow, settings, transport=transport, clock=server)
    started: list[Agent[Any]] = []
    try:
        for agent in agents:
            await agent.start(resources)
            started.append(agent)
        await client.connect()
        await engine.start()
        for number, event in enumerate(test.given, 1):
            source = test.source or workflow.sources[0].name
            await client.publish(source, event, id=f"event-{number}")
            await _Rest(engine, client, left, recording).wait()
    finally:
        if engine.condition not in ("new", "stopped"):
            await engine.stop()
        for agent in started:
            await agent.stop()
    return recording


def _listen(agent: AwaitedAgent[Any], left: Mapping[str, Any], recording: Recording) -> None:
    """Make an agent keep what it answers, or answer with the mocks of the test."""
    name, live = name_of(agent), agent.work

    async def work(act: Call, path: tuple[int, ...], inputs: Mapping[str, Any]) -> Any:
        try:
            value = await live(act, path, inputs)
        except Fault as fault:
            recording.troubles[name] = Trouble(name, fault.code, fault.message)
            raise
        except asyncio.CancelledError:
            recording.troubles[name] = Trouble(name, "timeout", "there was no answer in time")
            raise
        number = int(cast(Any, act).meta.event.removeprefix("event-"))
        recording.said.setdefault(name, []).append((number, path, to_json(value, agent.result)))
        recording.troubles.pop(name, None)
        return value

    async def played(act: Call, path: tuple[int, ...], inputs: Mapping[str, Any]) -> Any:
        return _played(next(left[name], None), agent)

    agent.work = played if name in left else work


def _played(answer: Any, agent: AwaitedAgent[Any]) -> Any:
    """Return a mock as a value. Raises: Fault."""
    if isinstance(answer, dict) and "fail" in answer:
        entries = cast(dict[str, str], answer)
        raise Fault(entries.get("code", "attempt-failed"), entries["fail"])
    value = from_json(answer, agent.result)
    if isinstance(value, Failure):
        raise Fault(value.code, value.message)
    return value


@dataclass(frozen=True)
class _Rest:
    """Waits until nothing is under way; people answer with the mocks meanwhile."""

    engine: Engine
    client: RuntimeClient
    left: Mapping[str, Any]
    recording: Recording

    async def wait(self) -> None:
        shared = self.engine.shared
        inputs = all_inputs(shared.workflow, shared.names, shared.source_streams)
        while await count_waiting(shared, inputs) or await self._decided():
            if self.engine.condition != "running":
                await self.engine.wait()
            await asyncio.sleep(_LOOK_S)

    async def _decided(self) -> bool:
        """Answer the tasks that wait; return whether one was answered."""
        if not any(edge.is_parked for edge in self.engine.shared.workflow.edges):
            return False
        sites = {each.site: each for each in agents_of(self.engine.shared.workflow.services)}
        found = False
        for task in await self.client.tasks():
            name = name_of(sites[task.task.site])
            answer = next(self.left.get(name, iter(())), None)
            if answer is None:
                self.recording.troubles[name] = Trouble(name, "no-mock", "a person has to answer")
                continue
            await self._close(task.id, answer)
            found = True
        return found

    async def _close(self, task: str, mock: Mapping[str, Any]) -> None:
        """End a task with a mock: a decision, or a failure."""
        store = TaskStore(self.client.shared)
        found = await store.find(task)
        if found is None:
            return
        state, seq = found
        answer = _answer_of(mock, state, self.client.shared.clock.now_us())
        step = Step("decided", answer.by, answer.at, state.label, via="test")
        status = "decided" if answer.failure is None else "timeout"
        await store.close(state, seq, answer, status, step)


def _answer_of(mock: Mapping[str, Any], state: TaskState, now_us: int) -> Answer:
    if "fail" in mock:
        failure = Failure(mock.get("code", "attempt-failed"), mock["fail"], state.task.site)
        return Answer(at=now_us, failure=failure)
    is_edited = state.task.has_edit and VALUE in mock
    taken = ("decision", "by", "at", *((VALUE,) if is_edited else ()))
    form = {name: value for name, value in mock.items() if name not in taken}
    return Answer(
        mock["decision"],
        mock.get("by", "somebody"),
        now_us,
        form or None,
        is_edited=is_edited,
        value=mock[VALUE] if is_edited else None,
    )
