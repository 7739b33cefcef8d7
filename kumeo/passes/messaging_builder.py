"""Services while they are built from stages: handlers, steps, edges, and the names of fields.

Stages are taken in program order, so whoever sends to a stage is built before it. What it sends
tells which arguments may be failures, and what they are called.
"""

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from xdsl.ir import Block, Operation, Region, SSAValue

from kumeo.analysis.stages import StageGraph
from kumeo.analysis.units import Units, units_of
from kumeo.dialects.agent import INLINE, PARK, AgentOp, Edge, GotoOp, StageEnd, StageOp
from kumeo.dialects.base import at
from kumeo.dialects.data import GetOp
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.messaging import EdgeOp, Field, HandlerOp, ServiceOp, StepOp
from kumeo.dialects.syntax import symbol_array
from kumeo.passes.place_services import free_label, label_of

_NAME_DEPTH = 4
_RESERVED = frozenset({"meta"})
"""What the body of a message holds besides its values."""

Channel = tuple[StageOp, str | None]
"""How a stage is entered: in a service, or by its edge."""


@dataclass
class MessagingBuilder:
    """Turns the stages of one workflow into services and edges. The stages stay as they are."""

    graph: StageGraph
    units: Units = field(init=False)
    homes: dict[StageOp, str] = field(init=False)
    """The service of each stage that messages or events enter."""
    services: dict[str, ServiceOp] = field(default_factory=dict[str, ServiceOp])
    edges: dict[StageOp, EdgeOp] = field(default_factory=dict[StageOp, EdgeOp])
    on_error: dict[StageOp, str | None] = field(default_factory=dict[StageOp, str | None])
    sent: dict[Channel, list[Sequence[SSAValue]]] = field(
        default_factory=dict[Channel, list[Sequence[SSAValue]]]
    )
    step_names: dict[StageOp, str] = field(default_factory=dict[StageOp, str])

    def __post_init__(self) -> None:
        self.units = units_of(self.graph)
        self.homes = homes_of(self.units)
        for root in self.units.members:
            language = None if root.language is None else root.language.data
            home = self.homes[root]
            if home not in self.services:
                self.services[home] = at(ServiceOp(home, language=language), root.location)

    def build(self) -> None:
        """Fill the services."""
        for stage in self.graph.order:
            entering = self.graph.entering[stage]
            before = entering[0].stage if entering else None
            known = stage.on_error_name if before is None else self.on_error[before]
            self.on_error[stage] = known
            if stage in self.homes:
                self._add_root(stage)
            for host in self._inline_hosts(stage):
                self._add_step(stage, host)

    def _inline_hosts(self, stage: StageOp) -> list[str]:
        """Return the services that enter the stage inline."""
        ways = [way for way in self.graph.entering[stage] if way.edge.mode == INLINE]
        roots = {root: None for way in ways for root in self.units.roots[way.stage]}
        return list(dict.fromkeys(self.homes[root] for root in roots))

    def _add_root(self, stage: StageOp) -> None:
        home = self.homes[stage]
        edge = None if stage.is_entry else self._make_edge(stage)
        failing = [False] if edge is None else [f.may_fail for f in edge.fields]
        reads = stage.source_names if edge is None else (edge.symbol,)
        is_entered_inline = home in self._inline_hosts(stage)
        region = self._forward(stage) if is_entered_inline else copy_of(stage)
        names = [None] * len(failing) if edge is None else [f.name for f in edge.fields]
        handler = HandlerOp(stage.symbol, reads, region, failing, self.on_error[stage])
        _name_arguments(region.block, names)
        if stage.batch_size is not None and stage.batch_wait is not None:
            size, wait = stage.batch_size.value.data, stage.batch_wait.value.data
            handler.put(consumer={"batch_max": size, "batch_wait_us": wait})
        self._add(handler, stage, home)

    def _forward(self, stage: StageOp) -> Region:
        """Return a body that goes on in the step of the stage."""
        block = Block(arg_types=stage.body.block.arg_types)
        edge = Edge(INLINE, stage.symbol, tuple(block.args))
        block.add_op(at(GotoOp(edge), stage.location))
        return Region(block)

    def _add_step(self, stage: StageOp, host: str) -> None:
        failing = may_fail(self.sent[stage, host])
        step = StepOp(self._step_name(stage), copy_of(stage), failing)
        names = [_name_of(value, 0) for value in self.sent[stage, host][0]]
        _name_arguments(step.body.block, names)
        self._add(step, stage, host)

    def _add(self, body: HandlerOp | StepOp, stage: StageOp, host: str) -> None:
        """Put a body into its service, and note what it sends."""
        self.services[host].body.block.add_op(at(body, stage.location))
        end = body.body.block.last_op
        assert isinstance(end, StageEnd), "the verifier checks how stages end"
        names: list[str] = []
        for edge in end.edges:
            if edge.target is None:
                continue
            target = self.graph.stages[edge.target]
            is_inline = edge.mode == INLINE
            self.sent.setdefault((target, host if is_inline else None), []).append(edge.values)
            names.append(self._step_name(target) if is_inline else edge.target)
        end.targets = symbol_array(names)

    def _step_name(self, stage: StageOp) -> str:
        """Return the name of the step of a stage: its own, unless the edge has that."""
        if stage not in self.homes:
            return stage.symbol
        if stage not in self.step_names:
            stem = f"{stage.symbol}.step"
            names = chain([stem], (f"{stem}.{number}" for number in count(2)))
            self.step_names[stage] = next(n for n in names if n not in self.graph.stages)
        return self.step_names[stage]

    def _make_edge(self, stage: StageOp) -> EdgeOp:
        sent = self.sent[stage, None]
        failing = may_fail(sent)
        arguments = stage.body.block.args
        hints = [
            argument.name_hint or _name_of(value, 0)
            for argument, value in zip(arguments, sent[0], strict=True)
        ]
        fields = [
            Field(name, argument.type, flag)
            for name, argument, flag in zip(field_names(hints), arguments, failing, strict=True)
        ]
        modes = {way.edge.mode for way in self.graph.entering[stage]}
        edge = EdgeOp(stage.symbol, "parked" if PARK in modes else "message", fields)
        self.edges[stage] = at(edge, stage.location)
        return edge


def homes_of(units: Units) -> dict[StageOp, str]:
    """Return the service of each stage that a token enters from outside: as placed, or its own."""
    taken = {root.service.data: None for root in units.members if root.service is not None}
    return {
        root: free_label(label_of(root.symbol), taken)
        if root.service is None
        else root.service.data
        for root in units.members
    }


def copy_of(stage: StageOp) -> Region:
    """Return a copy of the body of a stage."""
    region = Region()
    stage.body.clone_into(region)
    return region


def may_fail(sent: Sequence[Sequence[SSAValue]]) -> list[bool]:
    """Return for each place whether one of those who send may send a failure there."""
    return [not all(map(never_fails, values)) for values in zip(*sent, strict=True)]


def field_names(hints: Sequence[str]) -> list[str]:
    """Return different identifiers, after hints."""
    taken = set(_RESERVED)
    found: list[str] = []
    for hint in hints:
        stem = identifier(hint)
        names = [stem, *(f"{stem}_{number}" for number in range(2, len(hints) + 3))]
        found.append(next(name for name in names if name not in taken))
        taken.add(found[-1])
    return found


def identifier(text: str) -> str:
    """Return a text as an identifier that is no keyword of Python.

    >>> identifier("run.Fraud-score"), identifier("2nd"), identifier("class")
    ('run_Fraud_score', 'value_2nd', 'class_')
    """
    name = re.sub(r"[^A-Za-z0-9_]", "_", text).strip("_")
    name = name if name[:1].isalpha() else f"value_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _name_of(value: SSAValue, depth: int) -> str:
    """Return what a value may be called: its name, its agent, or the field that it was."""
    owner = value.owner
    if value.name_hint is not None:
        return value.name_hint
    if isinstance(owner, AgentOp):
        return owner.agent_id
    if isinstance(owner, GetOp) and depth < _NAME_DEPTH:
        return f"{_name_of(owner.base, depth + 1)}_{owner.field.data}"
    return owner.name.partition(".")[2] if isinstance(owner, Operation) else "value"


def _name_arguments(block: Block, names: Sequence[str | None]) -> None:
    """Name the arguments that have no name."""
    for argument, name in zip(block.args, names, strict=True):
        if argument.name_hint is None and name is not None:
            argument.name_hint = identifier(name)
