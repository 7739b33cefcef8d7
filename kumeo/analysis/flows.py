"""Where data of an event goes: what is unchecked, what is personal, and what decides.

A value carries marks: `unchecked` (a source without a schema), `outside` (from a source at all),
`model` (an answer to a prompt with something from outside), and the personal fields in it. A value
has the marks of all that it is made of; a branch has the marks of its condition. A mark remembers
one value that it came from, so a path can be told. One pass in program order is enough: bodies have
no cycles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.analysis.privacy import is_personal, personal_paths
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.waiting import waits_for_people
from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp, AggregateOp, ExternOp, LlmOp, ProcessOp
from kumeo.dialects.data.types import (
    BytesType,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordType,
    StrType,
)
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import (
    CallOp,
    ControlOp,
    ForeachOp,
    IfOp,
    MatchOp,
    OnOp,
    ReturnOp,
    SourceOp,
    SubworkflowOp,
    TryOp,
)

UNCHECKED, OUTSIDE, MODEL = "unchecked", "outside", "model"
FIELDS_MAX = 8
"""Personal fields that one value remembers."""


class Options(NamedTuple):
    """What an author declares about trust, by name."""

    trusted_sources: frozenset[str] = frozenset()
    validators: frozenset[str] = frozenset()
    """Agents whose results count as checked."""
    privileged_targets: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    """More names of personal fields."""
    public: frozenset[str] = frozenset()
    """Names of fields that are not personal here."""
    inside: frozenset[str] = frozenset()
    """More providers that run inside."""


class Step(NamedTuple):
    """How a mark came to a value: a name for people, and the step before."""

    name: str
    before: "Step | None" = None


Marks = Mapping[str, Step]
NO_MARKS: Marks = {}


class Traits(NamedTuple):
    """The marks of a value, and the personal fields in it as paths below it."""

    marks: Marks = NO_MARKS
    personal: frozenset[str] = frozenset()


class Sink(NamedTuple):
    """An agent, emit or other op with what comes to it."""

    op: Operation
    inputs: Traits
    control: Marks
    """The marks of the conditions under which it runs; empty below a decision of a person."""
    is_approved: bool


@dataclass
class Flows:
    """The traits of every value, and the ops of bodies as sinks in program order."""

    index: SymbolIndex
    options: Options
    traits: dict[SSAValue, Traits] = field(default_factory=dict[SSAValue, Traits])
    sinks: list[Sink] = field(default_factory=list[Sink])
    approved: set[SSAValue] = field(default_factory=set[SSAValue])
    """Values that follow from what a person decided."""

    def of(self, value: SSAValue) -> Traits:
        """Return the traits of a value."""
        return self.traits.get(value, Traits())

    def body(self, op: OnOp | SubworkflowOp) -> None:
        """Follow the data of one body."""
        for argument in op.body.block.args:
            name = argument.name_hint or "source"
            personal = personal_paths(argument.type, self.options.personal, self.options.public)
            marks = self._arriving(op, Step(name), argument.type)
            self.traits[argument] = Traits(marks, frozenset(sorted(personal)[:FIELDS_MAX]))
        self.block(op.body.block, NO_MARKS, False)

    def _arriving(self, op: OnOp | SubworkflowOp, step: Step, type: Attribute) -> Marks:
        """Return the marks of an event; arguments of a subworkflow are judged by their callers."""
        if isinstance(op, SubworkflowOp):
            return {OUTSIDE: step}
        sources = (self.index.resolve(op, name) for name in op.source_names)
        if all(isinstance(s, SourceOp) and self._is_trusted(s) for s in sources):
            return NO_MARKS
        marks = {OUTSIDE: step}
        return marks | {UNCHECKED: step} if isinstance(type, JsonType) else marks

    def _is_trusted(self, source: SourceOp) -> bool:
        setting = source.settings.data.get("trusted")
        is_declared = setting is not None and from_setting(setting) is True
        return is_declared or source.symbol in self.options.trusted_sources

    def block(self, block: Block, control: Marks, is_approved: bool) -> None:
        """Follow the data of a block that runs under conditions with some marks."""
        for op in block.ops:
            self.op(op, control, is_approved)

    def op(self, op: Operation, control: Marks, is_approved: bool) -> None:
        """Follow the data of one op."""
        if isinstance(op, data.DataOp):
            self.computed(op)
            return
        inputs = _joined(self.of(value) for value in op.operands)
        if any(value in self.approved for value in op.operands):
            self.approved.update(op.results)
        self.sinks.append(Sink(op, inputs, control, is_approved))
        if isinstance(op, ControlOp):
            self.control(op, inputs, control, is_approved)
        elif isinstance(op, AgentOp):
            self.agent(op, inputs, control, is_approved)
        elif isinstance(op, CallOp):
            self.called(op, inputs)

    def computed(self, op: data.DataOp) -> None:
        """Give a computed value the marks of its operands."""
        found = _joined(self.of(value) for value in op.operands)
        if any(value in self.approved for value in op.operands):
            self.approved.add(op.result)
        if isinstance(op, data.ListRegionOp):
            self.traits[op.item] = self.of(op.items)
            self.block(op.body.block, NO_MARKS, False)
            last = op.body.block.last_op
            inner = _joined(self.of(value) for value in (last.operands if last else ()))
            found = _joined([found, inner])
        marks = found.marks
        if isinstance(op, data.CastOp) and isinstance(op.value.type, JsonType):
            marks = {k: v for k, v in marks.items() if k != UNCHECKED}
        self.traits[op.result] = Traits(marks, self.personal_of(op, found.personal))

    def personal_of(self, op: data.DataOp, before: frozenset[str]) -> frozenset[str]:
        """Return the personal fields in a computed value; a number or a test tells none."""
        if not _holds_text(op.result.type):
            return frozenset()
        if isinstance(op, data.GetOp):
            name = op.field.data
            if is_personal(name, self.options.personal, self.options.public):
                return frozenset([name])
            below = {p.removeprefix(f"{name}.") for p in before if p.startswith(f"{name}.")}
            return frozenset(below)
        return before

    def control(self, op: ControlOp, inputs: Traits, control: Marks, is_approved: bool) -> None:
        """Follow the branches; what a person decided approves all that depends on it."""
        decides = isinstance(op, IfOp | MatchOp)
        approved = is_approved or (decides and any(v in self.approved for v in op.operands))
        inner = {**control, **inputs.marks} if decides else control
        if isinstance(op, ForeachOp):
            self.traits[op.item] = inputs
        if isinstance(op, TryOp):
            self.traits[op.error] = Traits()
        for region in op.regions:
            for block in region.blocks:
                self.block(block, inner, approved)
        for place, result in enumerate(op.outputs):
            yielded = [_yielded(b, place) for region in op.regions for b in region.blocks]
            values = [value for value in yielded if value is not None]
            found = _joined(self.of(value) for value in values)
            marks = {**inner, **found.marks} if decides else found.marks
            self.traits[result] = Traits(marks, found.personal)
            if any(value in self.approved for value in values):
                self.approved.add(result)

    def agent(self, op: AgentOp, inputs: Traits, control: Marks, is_approved: bool) -> None:
        """Give the result of an agent its marks, and follow its regions."""
        if isinstance(op, ProcessOp):
            for argument, value in zip(op.body.block.args, op.inputs, strict=True):
                self.traits[argument] = self.of(value)
                if value in self.approved:
                    self.approved.add(argument)
            self.block(op.body.block, NO_MARKS, False)
            value = _yielded(op.body.block, 0)
            self.traits[op.result] = Traits() if value is None else self.of(value)
        else:
            self.traits[op.result] = self.answer(op, inputs)
        if waits_for_people(op):
            self.approved.add(op.result)
        if op.fallback is not None and op.fallback.blocks:
            self.block(op.fallback.block, control, is_approved)

    def answer(self, op: AgentOp, inputs: Traits) -> Traits:
        """Return the traits of what an agent answers."""
        if waits_for_people(op) or op.agent_id in self.options.validators:
            return Traits()
        marks = {k: Step(op.agent_id, step) for k, step in inputs.marks.items()}
        if isinstance(op, LlmOp):
            # The answer has a type, and it has no personal fields by itself.
            origin = marks.get(OUTSIDE) or marks.get(UNCHECKED) or self.told(op)
            marks.pop(UNCHECKED, None)
            return Traits(marks | ({MODEL: origin} if origin else {}))
        keeps = op.effect_facts().deterministic or isinstance(op, AggregateOp)
        marks.pop(UNCHECKED, None)
        return Traits(marks, inputs.personal if keeps else frozenset())

    def tools(self, op: LlmOp) -> list[ExternOp]:
        """Return the functions that a model may call."""
        found = [self.index.resolve(op, name) for name in op.tool_names]
        return [tool for tool in found if isinstance(tool, ExternOp)]

    def told(self, op: LlmOp, besides: str = "") -> Step | None:
        """Return the first tool that tells a model something from outside, as a step, or None."""
        tools = [t for t in self.tools(op) if t.symbol != besides and t.effects.data != "pure"]
        return Step(tools[0].symbol) if tools else None

    def called(self, op: CallOp, inputs: Traits) -> None:
        """Give the results of a subworkflow the marks of its arguments and of what it returns."""
        callee = self.index.resolve(op, op.callee_name)
        last = callee.body.block.last_op if isinstance(callee, SubworkflowOp) else None
        returned = last.operands if isinstance(last, ReturnOp) else ()
        for place, result in enumerate(op.outputs):
            inner = self.of(returned[place]) if place < len(returned) else Traits()
            marks = {**inputs.marks, **{k: v for k, v in inner.marks.items() if k == MODEL}}
            self.traits[result] = Traits(marks, inner.personal)
            if place < len(returned) and returned[place] in self.approved:
                self.approved.add(result)


def path_of(step: Step) -> str:
    """Return the steps of a mark: `source -> judge`."""
    names: list[str] = []
    current: Step | None = step
    while current is not None:
        names.append(f"`{current.name}`")
        current = current.before
    return " -> ".join(names[::-1])


def _joined(found: Iterable[Traits]) -> Traits:
    marks: dict[str, Step] = {}
    personal: frozenset[str] = frozenset()
    for traits in found:
        for mark, step in traits.marks.items():
            marks.setdefault(mark, step)
        personal |= traits.personal
    if len(personal) > FIELDS_MAX:
        personal = frozenset(sorted(personal)[:FIELDS_MAX])
    return Traits(marks, personal)


def _yielded(block: Block, place: int) -> SSAValue | None:
    last = block.last_op
    return None if last is None or place >= len(last.operands) else last.operands[place]


def _holds_text(type: Attribute) -> bool:
    match type:
        case OptionType(inner=inner) | ListType(item=inner) | MapType(value=inner):
            return _holds_text(inner)
        case RecordType():
            return any(_holds_text(part) for part in type.types)
        case _:
            return isinstance(type, StrType | JsonType | BytesType)
