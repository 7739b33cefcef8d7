"""`bills_of`: what one event can cost at worst, by workflow.

An agent costs its estimate for each attempt. Branches cost what the dearest one does, a `for` its
body times the longest list, a fallback comes on top of all attempts, a handler on top of the body.
Latency is the longest chain of agents that read each other: what does not read each other may run
at the same time. Each number keeps the lines that it is the sum of.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from kumeo.analysis.domains.bounds import list_bounds
from kumeo.analysis.domains.walk import bodies_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.waiting import agent_us, attempts_of, questions_of, setting_of
from kumeo.dialects.agent import AgentOp, AggregateOp, LlmOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import (
    CallOp,
    ForeachOp,
    IfOp,
    MatchOp,
    OnOp,
    SubworkflowOp,
    TryOp,
    WorkflowOp,
)

SUMS = ("calls", "tokens", "price_usd")
LATENCY = "latency"
METRICS = (*SUMS, LATENCY)


class Line(NamedTuple):
    """One part of a sum: which agent, how much, and why so often."""

    agent: str
    amount: float
    why: str


class Moment(NamedTuple):
    """A time after the start of the activation, and the agents that led to it."""

    us: float
    chain: "Chain | None" = None


class Chain(NamedTuple):
    """The last agent of a chain, and what came before."""

    line: Line
    before: "Chain | None"


@dataclass
class Bill:
    """The worst case of a piece of program."""

    amounts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0.0))
    lines: dict[str, list[Line]] = field(default_factory=lambda: {name: [] for name in SUMS})
    latency: Moment = field(default_factory=lambda: Moment(0.0))
    busy_us: float = 0.0
    """The time of all agents, one after the other."""
    unbounded: list[ForeachOp] = field(default_factory=list[ForeachOp])
    """Loops that cost something and over whose lists nothing is known."""

    def add(self, other: "Bill") -> None:
        """Add the sums of another bill; times are chained by the caller."""
        for name in SUMS:
            self.amounts[name] += other.amounts[name]
            self.lines[name] += other.lines[name]
        self.busy_us += other.busy_us
        self.unbounded += other.unbounded

    def amount(self, metric: str) -> float:
        """Return a number of the bill; latency in microseconds."""
        return self.latency.us if metric == LATENCY else self.amounts[metric]

    def parts(self, metric: str) -> list[Line]:
        """Return what a number is the sum of, the largest part first."""
        if metric != LATENCY:
            return sorted(self.lines[metric], key=lambda line: -line.amount)
        found: list[Line] = []
        chain = self.latency.chain
        while chain is not None:
            found.append(chain.line)
            chain = chain.before
        return found[::-1]


def worst_of(bills: Sequence[Bill]) -> Bill:
    """Return a bill that is in each number as high as the highest of several."""
    result = Bill()
    for name in SUMS:
        highest = max(bills, key=lambda bill: bill.amounts[name], default=result)
        result.amounts[name], result.lines[name] = highest.amounts[name], highest.lines[name]
    result.busy_us = max((bill.busy_us for bill in bills), default=0.0)
    result.unbounded = [op for bill in bills for op in bill.unbounded]
    return result


def repeated(bill: Bill, times: float, why: str) -> Bill:
    """Return the bill of a body that runs several times."""
    result = Bill(busy_us=_product(times, bill.busy_us), unbounded=bill.unbounded)
    for name in SUMS:
        result.amounts[name] = _product(times, bill.amounts[name])
        result.lines[name] = [
            Line(line.agent, _product(times, line.amount), f"{line.why} × {why}")
            for line in bill.lines[name]
        ]
    return result


def _product(times: float, amount: float) -> float:
    return 0.0 if amount == 0 else times * amount


def budget_of(op: WorkflowOp) -> dict[str, float]:
    """Return the numbers of the section `budget`; latency in microseconds."""
    entries: Mapping[str, Attribute] = {} if op.budget is None else op.budget.data
    values = {name: from_setting(value) for name, value in entries.items()}
    return {k: v for k, v in values.items() if isinstance(v, int | float)}


def bills_of(module: ModuleOp) -> list[tuple[WorkflowOp, OnOp, Bill]]:
    """Return the worst case of each body of each workflow."""
    reader = _Reader(SymbolIndex(module), list_bounds(module))
    found: list[tuple[WorkflowOp, OnOp, Bill]] = []
    for body in bodies_of(module):
        around = body.parent_op()
        if isinstance(body, OnOp) and isinstance(around, WorkflowOp):
            reader.items = budget_of(around).get("items")
            reader.callees.clear()
            found.append((around, body, reader.bill(body)))
    return found


@dataclass
class _Reader:
    index: SymbolIndex
    bounds: Mapping[ForeachOp, float]
    items: float | None = None
    """The longest list, as the budget names it."""
    callees: dict[Operation, Bill] = field(default_factory=dict[Operation, Bill])
    ready: dict[SSAValue, Moment] = field(default_factory=dict[SSAValue, Moment])

    def bill(self, body: OnOp | SubworkflowOp) -> Bill:
        bill, done = self.block(body.body.block, Moment(0.0))
        bill.latency = done
        return bill

    def block(self, block: Block, start: Moment) -> tuple[Bill, Moment]:
        """Return the sums of a block and the moment when all of it is done."""
        bill, done = Bill(), start
        for op in block.ops:
            begin = _latest([start, *(self.ready.get(v, start) for v in op.operands)])
            part, end = self.op(op, begin)
            if part is not None:
                bill.add(part)
            for result in op.results:
                self.ready[result] = end
            done = _latest([done, end])
        return bill, done

    def op(self, op: Operation, begin: Moment) -> tuple[Bill | None, Moment]:
        match op:
            case AgentOp():
                return self.agent(op, begin)
            case IfOp() | MatchOp():
                return self.branches(op.regions, begin)
            case ForeachOp():
                return self.loop(op, begin)
            case TryOp():
                bill, end = self.block(op.body.block, begin)
                handler, last = self.block(op.handler.block, end)
                bill.add(handler)
                return bill, last
            case CallOp():
                return self.call(op, begin)
            case _:
                return None, begin

    def agent(self, op: AgentOp, begin: Moment) -> tuple[Bill, Moment]:
        bill, cost = Bill(), op.cost_estimate()
        times = attempts_of(op) * questions_of(op)
        why = f"{times} × " if times > 1 else ""
        tokens = max(cost.tokens, int(setting_of(op, "max_tokens") or 0))
        calls = 1 if leaves_the_process(op) else 0
        for name, amount in zip(SUMS, (calls, tokens, cost.price_usd), strict=True):
            most = limit_of(op, name)
            if amount and most <= amount * times:
                bill.amounts[name] = most
                bill.lines[name].append(Line(op.agent_id, most, "its own budget"))
            elif amount:
                bill.amounts[name] = amount * times
                bill.lines[name].append(Line(op.agent_id, amount * times, f"{why}{amount:g}"))
        time = agent_us(op)
        bill.busy_us = time
        end = begin
        if time:
            end = Moment(begin.us + time, Chain(Line(op.agent_id, time, ""), begin.chain))
        if op.fallback is not None and op.fallback.blocks:
            part, end = self.block(op.fallback.block, end)
            bill.add(part)
        return bill, end

    def branches(self, regions: Iterable[Region], begin: Moment) -> tuple[Bill, Moment]:
        found = [self.block(region.block, begin) for region in regions if region.blocks]
        return worst_of([bill for bill, _ in found]), _latest([begin, *(end for _, end in found)])

    def loop(self, op: ForeachOp, begin: Moment) -> tuple[Bill, Moment]:
        body, end = self.block(op.body.block, begin)
        bound = self.bounds.get(op, self.items if self.items is not None else math.inf)
        why = f"{bound:g}" if math.isfinite(bound) else "every element"
        bill = repeated(body, bound, why)
        spent = end.us - begin.us
        if math.isinf(bound) and (spent or any(body.amounts.values())):
            bill.unbounded = [*bill.unbounded, op]
        if not spent:
            return bill, begin
        total = _product(bound, spent)
        line = Line("for", total - spent, f"{why} times") if total > spent else None
        chain = end.chain if line is None else Chain(line, end.chain)
        return bill, Moment(begin.us + total, chain)

    def call(self, op: CallOp, begin: Moment) -> tuple[Bill | None, Moment]:
        callee = self.index.resolve(op, op.callee_name)
        if not isinstance(callee, SubworkflowOp):
            return None, begin
        if callee not in self.callees:
            self.callees[callee] = Bill()
            self.callees[callee] = self.bill(callee)
        bill = self.callees[callee]
        chain = begin.chain
        for line in bill.parts(LATENCY):
            chain = Chain(Line(f"{op.site}/{line.agent}", line.amount, line.why), chain)
        return bill, Moment(begin.us + bill.latency.us, chain)


def limit_of(op: AgentOp, metric: str) -> float:
    """Return the most that one event may use by the budget of an agent itself."""
    budget = op.setting("budget") if isinstance(op, LlmOp) else None
    if budget is None or budget.get("per") != "event":
        return math.inf
    return budget.get({"price_usd": "usd"}.get(metric, metric), math.inf)


def leaves_the_process(op: AgentOp) -> bool:
    """Say whether an attempt is a call: it asks something outside, or acts on it."""
    return not op.effect_facts().deterministic and not isinstance(op, AggregateOp)


def _latest(moments: Iterable[Moment]) -> Moment:
    return max(moments, key=lambda moment: moment.us)
