"""Walks the bodies of a module and knows at each op which events come there.

    class Look(Observer):
        def at_if(self, op, state, yes, no): ...

    walk_module(module, Look(...))

What is known about a value of an agent: the type, the outcomes that a decision can have, and ranges
that the kind of agent promises. Agents are looked at once each, so the time is linear.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.analysis.domains.agents import agent_domain, is_free_agent
from kumeo.analysis.domains.regions import EVERYTHING, State, domain_in, restrict, split
from kumeo.analysis.domains.terms import Terms
from kumeo.analysis.domains.transfer import result_domain
from kumeo.analysis.domains.values import Domain, Names, exactly, join, top_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.dialects.agent import AgentOp, DecideOp, ProcessOp
from kumeo.dialects.data import DataOp
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.workflow import (
    ConfigOp,
    EmitOp,
    ForeachOp,
    IfOp,
    MatchOp,
    NowOp,
    OnOp,
    ReadConfigOp,
    SubworkflowOp,
    TryOp,
    WorkflowOp,
)


class Observer:
    """Sees the ops of a body in program order; a state is empty where nothing comes."""

    terms: Terms

    def at_body(self, op: OnOp | SubworkflowOp, terms: Terms) -> None:
        """See the start of a body."""
        self.terms = terms

    def at_data(self, op: DataOp, state: State) -> None:
        """See a `data` op after it got its term."""

    def at_agent(self, op: AgentOp, state: State) -> None:
        """See an agent before its result is known."""

    def at_decide(self, op: DecideOp, state: State) -> Domain | None:
        """See a decision; return what its outcome can be, or None."""
        return None

    def at_if(self, op: IfOp, state: State, yes: State, no: State) -> None:
        """See an `if` and the states of its branches."""

    def at_match(self, op: MatchOp, state: State, cases: Sequence[State], rest: State) -> None:
        """See a `match` and the states of its cases and of its default."""

    def at_foreach(self, op: ForeachOp, state: State) -> None:
        """See a `for` before its body."""

    def at_emit(self, op: EmitOp, state: State) -> None:
        """See an emit."""


@dataclass
class _Walker:
    index: SymbolIndex
    observer: Observer
    assume_config: bool
    terms: Terms = field(default_factory=Terms)

    def body(self, op: OnOp | SubworkflowOp) -> None:
        self.terms = Terms()
        self.observer.at_body(op, self.terms)
        is_event = isinstance(op, OnOp)
        for argument in op.body.block.args:
            self.terms.fresh(argument, name=argument.name_hint or "source", free=is_event)
        self.block(op.body.block, EVERYTHING)

    def block(self, block: Block, state: State) -> None:
        for op in block.ops:
            self.op(op, state)

    def op(self, op: Operation, state: State) -> None:
        match op:
            case DataOp() if not op.regions:
                self.terms.computed(op, result_domain)
                self.observer.at_data(op, state)
            case AgentOp():
                self.agent(op, state)
            case IfOp():
                self.branch(op, state)
            case MatchOp():
                self.match(op, state)
            case ForeachOp() | TryOp():
                self.inside(op, state)
            case EmitOp():
                self.observer.at_emit(op, state)
            case ReadConfigOp():
                self.config(op)
            case NowOp():
                self.terms.shared("now", op.result, top_of(op.result.type), "now()")
            case _:
                self.unknown(op)

    def unknown(self, op: Operation) -> None:
        for result in op.results:
            self.terms.fresh(result, name=result.name_hint or "")

    def config(self, op: ReadConfigOp) -> None:
        domain = top_of(op.result.type)
        declared = self.index.resolve(op, op.config_name)
        if self.assume_config and isinstance(declared, ConfigOp) and not declared.is_dynamic:
            domain = exactly(from_attribute(declared.value, declared.type), declared.type)
        name = f"config.{op.config_name}"
        self.terms.shared(name, op.result, domain, name)

    def agent(self, op: AgentOp, state: State) -> None:
        self.observer.at_agent(op, state)
        if isinstance(op, ProcessOp):
            value = self.process(op, state)
            if value is not None and op.fallback is None:
                self.terms.alias(op.result, self.terms.of(value))
                return
            self.terms.fresh(op.result, name=op.agent_id)
            return
        outcome = self.observer.at_decide(op, state) if isinstance(op, DecideOp) else None
        domain = agent_domain(op, outcome)
        fallback = self.fallback(op, state)
        if fallback is not None:
            domain = join(domain, fallback)
        self.terms.fresh(op.result, domain, name=op.agent_id, free=is_free_agent(op))

    def process(self, op: ProcessOp, state: State) -> SSAValue | None:
        for argument, value in zip(op.body.block.args, op.inputs, strict=True):
            self.terms.alias(argument, self.terms.of(value))
        self.block(op.body.block, state)
        self.fallback(op, state)
        return _yielded(op.body, 0)

    def fallback(self, op: AgentOp, state: State) -> Domain | None:
        if op.fallback is None or not op.fallback.blocks:
            return None
        self.block(op.fallback.block, state)
        value = _yielded(op.fallback, 0)
        return None if value is None else domain_in(self.terms, state, self.terms.of(value))

    def branch(self, op: IfOp, state: State) -> None:
        condition = self.terms.of(op.condition)
        yes, no = split(self.terms, state, condition)
        self.observer.at_if(op, state, yes, no)
        self.block(op.then_region.block, yes)
        self.block(op.else_region.block, no)
        for place, result in enumerate(op.outputs):
            sides = [(op.then_region, yes), (op.else_region, no)]
            number = self.terms.fresh(
                result, self.joined(result.type, sides, place), name=result.name_hint or ""
            )
            values = [_yielded(region, place) for region, _ in sides]
            if values[0] is not None and values[1] is not None:
                chosen, other = self.terms.of(values[0]), self.terms.of(values[1])
                self.terms.choices[number] = (condition, chosen, other)

    def match(self, op: MatchOp, state: State) -> None:
        subject = self.terms.of(op.subject)
        top = top_of(op.subject.type)
        cases: list[State] = []
        for values in op.case_values:
            domain: Domain | None = None
            for value in values:
                one = exactly(from_attribute(value, op.subject.type), op.subject.type)
                domain = one if domain is None else join(domain, one)
            cases.append(restrict(self.terms, state, subject, domain or top))
        rest = restrict(self.terms, state, subject, _others(op, top))
        self.observer.at_match(op, state, cases, rest)
        sides = list(zip(op.case_regions, cases, strict=True))
        if op.default_region is not None:
            sides.append((op.default_region, rest))
        for region, inner in sides:
            self.block(region.block, inner)
        for place, result in enumerate(op.outputs):
            self.terms.fresh(
                result, self.joined(result.type, sides, place), name=result.name_hint or ""
            )

    def joined(
        self, type: Attribute, sides: Sequence[tuple[Region, State]], place: int
    ) -> Domain | None:
        """Return what a result can be, over the branches that something reaches."""
        result: Domain | None = None
        for region, state in sides:
            value = _yielded(region, place)
            if value is None or not state:
                continue
            found = domain_in(self.terms, state, self.terms.of(value)) or top_of(type)
            result = found if result is None else join(result, found)
        return result

    def inside(self, op: ForeachOp | TryOp, state: State) -> None:
        if isinstance(op, ForeachOp):
            self.observer.at_foreach(op, state)
            free = self.terms.terms[self.terms.of(op.items)].is_free
            self.terms.fresh(op.item, name=op.item.name_hint or "item", free=free)
        for region in op.regions:
            self.block(region.block, state)
        self.unknown(op)


def _others(op: MatchOp, top: Domain) -> Domain:
    """Return what no case of a match names."""
    if isinstance(top, Names):
        named = {from_attribute(v, op.subject.type) for values in op.case_values for v in values}
        return Names(top.values - named, top.order)
    return top


def _yielded(region: Region, place: int) -> SSAValue | None:
    last = region.block.last_op
    if last is None or place >= len(last.operands):
        return None
    return last.operands[place]


def walk_module(module: ModuleOp, observer: Observer, *, assume_config: bool = False) -> None:
    """Walk every body of a module."""
    walker = _Walker(SymbolIndex(module), observer, assume_config)
    for op in bodies_of(module):
        walker.body(op)


def bodies_of(module: ModuleOp) -> list[OnOp | SubworkflowOp]:
    """Return the bodies of a module in program order."""
    found: list[OnOp | SubworkflowOp] = []
    for op in module.ops:
        if isinstance(op, SubworkflowOp):
            found.append(op)
        elif isinstance(op, WorkflowOp):
            found += [inner for inner in op.body.block.ops if isinstance(inner, OnOp)]
    return found
