"""What a run carries from op to op and from event to event.

A `Session` lives as long as one run, an `Activation` as long as one event in one body. They own all
that changes during a run: results, journal, aggregate state, and positions in the mock answers.

The journal holds the outcome of every attempt by event, site, path and attempt. When an event is
delivered again, its attempts are not made again: they are read from the journal, and its
configuration is that of the first time. This is how an aggregate applies each event once.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation

from kumeo.analysis.places import point_of
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.messaging import HandlerOp
from kumeo.dialects.workflow import ConfigOp, Declaration, SubworkflowOp, WorkflowOp
from kumeo.dialects.workflow.declarations import Endpoint
from kumeo.interp.aggregate import Aggregate
from kumeo.interp.effects import Effects
from kumeo.interp.errors import InvalidOverride, UnknownOverride
from kumeo.interp.evaluate import Frame, Program, Routine, Rules, Scope, Step, drive
from kumeo.interp.results import Reported, Run, Traced
from kumeo.interp.stages import Body, next_stage
from kumeo.interp.values import Failure, Value
from kumeo.interp.wire import from_json, shown
from kumeo.interp.world import CallKey, Event, World


@dataclass
class Session:
    """One run of one workflow."""

    module: ModuleOp
    workflow: WorkflowOp
    world: World
    rules: Rules
    run: Run = field(default_factory=Run)
    journal: dict[CallKey, Value] = field(default_factory=dict[CallKey, Value])
    asked: dict[str, int] = field(default_factory=dict[str, int])
    """How many mock answers each agent has used."""
    aggregates: dict[str, Aggregate] = field(default_factory=dict[str, Aggregate])
    """The state of each aggregate, by site."""
    config: dict[str, Value] = field(default_factory=dict[str, Value])
    """The configuration values in force."""
    carried: dict[str, dict[str, Value]] = field(default_factory=dict[str, dict[str, Value]])
    """The configuration that each event found when it first came, by event id."""
    cache: dict[Any, Any] = field(default_factory=dict[Any, Any])
    """Whatever an agent wants to make once per run: an ONNX session, a network."""
    _programs: dict[Block, Program] = field(default_factory=dict[Block, Program])

    @cached_property
    def symbols(self) -> dict[str, Operation]:
        """The declarations of the workflow and of the module, by name; the workflow's go first."""
        found: dict[str, Operation] = {}
        for op in (*self.workflow.body.block.ops, *self.module.ops):
            if isinstance(op, Declaration):
                found.setdefault(op.symbol, op)
        return found

    @cached_property
    def effects(self) -> Effects:
        """Which ops act, directly or in what they run."""
        return Effects(self.symbols)

    def program(self, block: Block) -> Program:
        """Return the program of an isolated body, made once."""
        if block not in self._programs:
            self._programs[block] = Program(block, self)
        return self._programs[block]

    def kind_of(self, name: str) -> str:
        """Return the kind of a model or context, such as `onnx`."""
        op = self.symbols.get(name)
        return op.kind.data if isinstance(op, Endpoint) else ""

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return `make()`, made once per key."""
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def start_config(self) -> None:
        """Set every configuration entry to its value at the start."""
        for name, entry in self._entries().items():
            self.config[name] = from_attribute(entry.value, entry.type)
        for name, value in self.world.config.items():
            self._set_config(name, value)

    def config_at(self, event: Event) -> dict[str, Value]:
        """Return the configuration for an event: when it comes again, that of the first time."""
        if event.id not in self.carried:
            self._change_config(event)
            self.carried[event.id] = dict(self.config)
        return self.carried[event.id]

    def _change_config(self, event: Event) -> None:
        """Apply what changes with this event; only dynamic entries change."""
        entries = self._entries()
        for name, value in self.world.config_changes.get(event.id, {}).items():
            if name not in entries or entries[name].is_dynamic:
                self._set_config(name, value)

    def _entries(self) -> dict[str, ConfigOp]:
        return {n: op for n, op in self.symbols.items() if isinstance(op, ConfigOp)}

    def _set_config(self, name: str, value: Any) -> None:
        entry = self._entries().get(name)
        if entry is None:
            known = tuple(self._entries())
            self.run.diagnostics.append(UnknownOverride(point_of(self.workflow), name, known))
            return
        try:
            self.config[name] = from_json(value, entry.type)
        except DataFailure as failure:
            problem = InvalidOverride(point_of(entry), name, failure.message)
            self.run.diagnostics.append(problem)

    def traced(self, op: Operation, step: Step, results: tuple[int, ...]) -> Step:
        """Return a step that also keeps the results of `op`, if the world asks for all values."""
        if self.world.trace != "all" or not results:
            return step
        types = [result.type for result in op.results]

        def keep(frame: Frame) -> None:
            for value, kind in zip(frame.read(results), types, strict=True):
                self.keep(op, op.name, frame, value, kind)

        def traced(frame: Frame) -> Routine | None:
            asked = step(frame)
            return keep(frame) if asked is None else _then(asked, lambda: keep(frame))

        return traced

    def keep(self, op: Operation, name: str, frame: Frame, value: Value, kind: Attribute) -> None:
        """Add a value to the trace."""
        event = frame.activation.event.id
        entry = Traced(name, frame.path, op.location, shown(value, kind), event)
        self.run.trace.append(entry)


def _then(routine: Routine, last: Callable[[], None]) -> Generator[Routine, None, None]:
    yield routine
    last()


@dataclass
class Activation:
    """One event in one activation body."""

    session: Session
    event: Event
    body: Body
    now_us: int
    config: dict[str, Value]

    def run(self, payload: Value) -> None:
        """Run the body, stage by stage, and report the first failure that was observed."""
        scope = Scope()
        following: tuple[Block, list[Value]] | None = self.body.body.block, [payload]
        while following is not None:
            program = self.session.program(following[0])
            frame = Frame(program.registers(), self, scope)
            frame.write(program.main.arguments, following[1])
            drive(program.main.run(frame))
            following = next_stage(program, frame)
        if scope.first is not None:
            self.report(scope.first)

    def arrive(self, handler: HandlerOp, with_event: bool) -> None:
        """Go on in another handler; the event is known there only if the message carries it."""
        self.body = handler
        if not with_event:
            self.event = replace(self.event, payload=None)

    def report(self, failure: Failure) -> None:
        """Send a failure to the `on_error` target, or to the dead letters."""
        target = self.body.on_error_name
        self.session.run.reports.append(Reported(target, failure, self.event))


def subworkflow(session: Session, name: str) -> Program:
    """Return the program of a subworkflow."""
    op = session.symbols[name]
    assert isinstance(op, SubworkflowOp), "the verifier checks what a call names"
    return session.program(op.body.block)


def file_of(session: Session, name: str) -> str:
    """Return the path of a model or context; an unknown symbol has none."""
    op = session.symbols.get(name)
    return op.address.data if isinstance(op, Endpoint) else ""
