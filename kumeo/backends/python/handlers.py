"""Printed functions: one for each handler, one for each step that is entered from several places.

A step with one way in stands in the place of that way. How a function goes on:

    inline   what the step does, or a call of its function
    message  `act.send(edge, Message(…))`
    park     `act.park(edge, Message(…), task)`
    done     the function returns
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from kumeo.backends.python import calls, loops, statements
from kumeo.backends.python.code import Expr, Lines, call, literal, merged, name
from kumeo.backends.python.errors import NotPrintable, Unprintable, review_inside
from kumeo.backends.python.module import Module
from kumeo.backends.python.names import field_names, snake
from kumeo.backends.python.printer import Printer
from kumeo.backends.python.uses import Step, Uses, is_observed_at_end, is_scalar_constant
from kumeo.dialects.agent import (
    BranchOp,
    DoneOp,
    GotoOp,
    ParkOp,
    ReviewOp,
    StageEnd,
    SwitchOp,
)
from kumeo.dialects.agent.stages import DONE, INLINE, PARK, Edge
from kumeo.dialects.data.types import EnumType, is_nullable
from kumeo.dialects.messaging import EdgeOp, JournalOp

READS_MAX = 3


@dataclass(frozen=True)
class Parameter:
    """A parameter of a printed function."""

    name: str
    annotation: str

    @property
    def text(self) -> str:
        """The parameter as it is declared."""
        return f"{self.name}: {self.annotation}"


@dataclass(frozen=True)
class Printed:
    """A function that is printed."""

    name: str
    is_async: bool


@dataclass
class Functions:
    """Prints the functions of one service."""

    module: Module
    steps: Mapping[str, Step]
    edges: Mapping[str, EdgeOp]
    heads: Mapping[str, Step] = field(default_factory=dict[str, Step])
    """The handlers of edges, by edge: a parked one tells what it waits for."""
    pasted: dict[str, Step] = field(default_factory=dict[str, Step])
    printed: dict[str, Printed] = field(default_factory=dict[str, Printed])
    lines: list[list[str]] = field(default_factory=list[list[str]])

    def plan(self, roots: Sequence[Block]) -> None:
        """Find out which steps are pasted, and print the others, those that are called first."""
        ways: dict[str, int] = {}
        order: list[str] = []
        for root in roots:
            _visit(root, self.steps, ways, order)
        self.pasted = {n: self.steps[n] for n, count in ways.items() if count == 1}
        for step in order:
            if step not in self.pasted:
                self._step_function(self.steps[step])

    def _step_function(self, step: Step) -> None:
        label = self.module.names.fresh(snake(step.name))
        p = self._printer(step)
        arguments: list[Parameter] = []
        for value, is_failing in zip(step.block.args, step.failing, strict=True):
            local = p.local(value)
            p.bind(value, local, may_fail=is_failing)
            types = self.module.types
            kind = types.failing(value.type) if is_failing else types.of(value.type)
            arguments.append(Parameter(local, kind))
        p.block(step.block)
        self.printed[step.name] = Printed(label, p.awaits)
        self.add(label, arguments, p, f"Go on with `{step.name}`.")

    def source(self, label: str, step: Step, text: str) -> Printed:
        """Print the handler of a source."""
        p = self._printer(step)
        (event,) = step.block.args
        local = p.local(event, "" if event.name_hint else "event")
        p.bind(event, local, may_fail=False)
        p.block(step.block)
        parameter = Parameter(local, self.module.types.of(event.type))
        return self.add(label, [parameter], p, text)

    def edge(self, label: str, step: Step, edge: EdgeOp, text: str) -> Printed:
        """Print the handler of an edge: its message holds the values, or failures for them."""
        p = self._printer(step)
        p.answered = _review_in(step.block) if edge.is_parked else None
        attributes = field_names(item.name for item in edge.fields)
        for value, item in zip(step.block.args, edge.fields, strict=True):
            if p.uses.is_read(value):
                _take(p, value, attributes[item.name], is_failing=item.may_fail)
        p.block(step.block)
        message = Parameter("m", self.module.symbols.messages[edge.symbol])
        return self.add(label, [message], p, text)

    def _printer(self, step: Step) -> Printer:
        uses = Uses.of(step, self.pasted)
        rules = {**statements.RULES, **loops.RULES, **calls.RULES, **self._rules()}
        return Printer(self.module, uses, rules, Lines(depth=1), together=calls.together)

    def add(self, label: str, parameters: Sequence[Parameter], p: Printer, text: str) -> Printed:
        """Add a printed function to the module."""
        _drop_last_return(p.lines.lines)
        word = "async def" if p.awaits else "def"
        head = Lines()
        shown = [Parameter("act", "Activation"), *parameters]
        named = call(f"{word} {label}", [Expr(each.text) for each in shown])
        head.put("", named, " -> None:")
        inner = head.inner()
        inner.add(f'"""{text}"""')
        self.lines.append([*head.lines, *inner.lines, *p.lines.lines])
        return Printed(label, p.awaits)

    # -- how a stage ends

    def _rules(self) -> dict[type[Operation], Callable[[Operation, Printer], None]]:
        return {
            GotoOp: lambda op, p: self.go(cast(GotoOp, op).edges[0], p),
            DoneOp: lambda op, p: None,
            ParkOp: lambda op, p: self.go(cast(ParkOp, op).edges[0], p),
            BranchOp: self._branch,
            SwitchOp: self._switch,
        }

    def _branch(self, op: Operation, p: Printer) -> None:
        op = cast(BranchOp, op)
        then, otherwise, failed = op.edges
        condition = p.expr(op.condition)
        tests: list[tuple[Expr | None, Edge]] = [(condition, then), (None, otherwise)]
        self._fork(op, p, condition, tests, failed)

    def _switch(self, op: Operation, p: Printer) -> None:
        op = cast(SwitchOp, op)
        subject = p.expr(op.subject)
        if not subject.is_path:
            local = p.names.fresh("subject")
            p.assign(local, subject, op.subject.type)
            subject = name(local, is_failing=subject.may_fail)
        edges = list(op.edges)
        tests: list[tuple[Expr | None, Edge]] = [
            (statements.case_test(subject, op.subject, constants, p), edge)
            for constants, edge in zip(op.case_values, edges, strict=False)
        ]
        if op.default is not None:
            tests.append((None, edges[-2]))
        else:
            tests[-1] = (None, tests[-1][1])
        self._fork(op, p, subject, tests, edges[-1])

    def _fork(
        self,
        op: StageEnd,
        p: Printer,
        value: Expr,
        tests: Sequence[tuple[Expr | None, Edge]],
        failed: Edge,
    ) -> None:
        """Print clauses that return, and the last way on flat behind them."""
        is_observed = _is_observed(op)
        if value.guards and value.guards[0] in p.failed:
            if is_observed:
                p.lines.add(f"act.observe({value.guards[0]})")
            self.go(failed, p)
            return
        for number, guard in enumerate(value.guards):
            with p.nested(*value.guards[:number], failed=guard) as body:
                if is_observed:
                    body.add(f"act.observe({guard})")
                self.go(failed, p)
                body.add("return")
            p.lines.block(f"if isinstance({guard}, Failure):", body)
        p.ok = p.ok | set(value.guards)
        for test, edge in tests:
            if test is None:
                self.go(edge, p)
                return
            with p.nested() as body:
                self.go(edge, p)
                body.add("return")
            p.lines.condition("if", replace(test, guards=()), body)

    def go(self, edge: Edge, p: Printer) -> None:
        """Print a way on."""
        if edge.mode == DONE or edge.target is None:
            return
        if edge.mode == INLINE and edge.target in self.pasted:
            p.block(self.pasted[edge.target].block)
        elif edge.mode == INLINE:
            self._call_step(edge, p)
        else:
            self._send(edge, p)

    def _call_step(self, edge: Edge, p: Printer) -> None:
        step, function = self.steps[edge.target or ""], self.printed[edge.target or ""]
        values = [
            _argument(p, value, is_failing)
            for value, is_failing in zip(edge.values, step.failing, strict=True)
        ]
        made = call(function.name, [Expr("act"), *values])
        p.lines.put("", p.awaited(made) if function.is_async else made)

    def _send(self, edge: Edge, p: Printer) -> None:
        target = self.edges[edge.target or ""]
        attributes = field_names(item.name for item in target.fields)
        fields: list[tuple[str, Expr]] = []
        for value, item in zip(edge.values, target.fields, strict=True):
            found = _argument(p, value, item.may_fail)
            if item.may_fail:
                found = call("keep", [Expr("act"), literal(attributes[item.name]), found])
            fields.append((attributes[item.name], found))
        symbols = self.module.symbols
        body = call(symbols.messages[target.symbol], [Expr("act.meta")], fields)
        where = Expr(symbols.edges[target.symbol])
        if edge.mode != PARK:
            p.lines.put("", call("act.send", [where, body]))
            return
        self._park(target, edge, where, body, p)

    def _park(self, target: EdgeOp, edge: Edge, where: Expr, body: Expr, p: Printer) -> None:
        """Print the waiting for an answer; there is none to wait for when the input failed."""
        review, asked = self._asked(target, edge)
        values = [p.expr(each) for each in asked]
        shown, *edited = (replace(each, guards=()) for each in values)
        task = call(
            f"{self.module.agent(review.site)}.task", [shown], [("edit", e) for e in edited]
        )
        guards = merged(values)
        if not guards:
            p.lines.put("", call("act.park", [where, body, task]))
            return
        for number, guard in enumerate(guards):
            with p.nested(failed=guard) as failed:
                failed.put("", call("act.send", [where, body]))
            p.lines.block(f"{'elif' if number else 'if'} isinstance({guard}, Failure):", failed)
        with p.nested(*guards) as waiting:
            waiting.put("", call("act.park", [where, body, task]))
        p.lines.block("else:", waiting)

    def _asked(self, target: EdgeOp, edge: Edge) -> tuple[ReviewOp, list[SSAValue]]:
        """Return the agent that heads the next handler, what it asks about, what may be changed."""
        head = self.heads[target.symbol]
        review = _review_in(head.block)
        if review is None:
            inside = [op for op in head.block.walk() if isinstance(op, ReviewOp)]
            raise Unprintable(review_inside(inside[0]) if inside else NotPrintable.of(target))
        given = dict(zip(head.block.args, edge.values, strict=True))
        asked = [given.get(cast(BlockArgument, each), each) for each in review.operands]
        for mine, own in zip(asked, review.operands, strict=True):
            if mine is own and not is_scalar_constant(mine):
                raise Unprintable(review_inside(review))
        return review, asked


def _review_in(block: Block) -> ReviewOp | None:
    for op in block.ops:
        found = op.agent if isinstance(op, JournalOp) else op
        if isinstance(found, ReviewOp):
            return found
    return None


def _visit(block: Block, steps: Mapping[str, Step], ways: dict[str, int], order: list[str]) -> None:
    """Count the ways into each step; a step is listed behind all those that it calls."""
    last = block.last_op
    for edge in last.edges if isinstance(last, StageEnd) else ():
        if edge.mode != INLINE or edge.target is None:
            continue
        seen = edge.target in ways
        ways[edge.target] = ways.get(edge.target, 0) + 1
        if not seen:
            _visit(steps[edge.target].block, steps, ways, order)
            order.append(edge.target)


def _take(p: Printer, value: SSAValue, attribute: str, *, is_failing: bool) -> None:
    """Bind a value of the message: read where it is used, or into a local."""
    path = f"m.{attribute}"
    if not is_failing and p.uses.count[value] <= READS_MAX:
        p.bind(value, path, may_fail=False)
        return
    local = p.names.fresh(attribute)
    if is_failing:
        reader = "held_or_null" if is_nullable(value.type) else "held"
        found = call(reader, [Expr("act"), literal(attribute), Expr(path)])
        # A type checker takes a literal that a call hands on for any text.
        is_enum = isinstance(value.type, EnumType)
        annotation = f": {p.module.types.failing(value.type)}" if is_enum else ""
        p.lines.put(f"{local}{annotation} = ", found)
    else:
        p.lines.add(f"{local} = {path}")
    p.bind(value, local, may_fail=is_failing)


def _argument(p: Printer, value: SSAValue, is_failing: bool) -> Expr:
    found = p.argument(value)
    return found if is_failing or not found.may_fail else call("sure", [found])


def _is_observed(op: StageEnd) -> bool:
    """Say whether an `agent.observe` looks at what decides, in the same block."""
    block = op.parent_block()
    return block is not None and any(is_observed_at_end(other) for other in block.ops)


def _drop_last_return(lines: list[str]) -> None:
    """Remove a `return` after which nothing follows anyway, where something stands above it."""
    while lines and lines[-1].strip() == "return":
        before = lines[-2] if len(lines) > 1 else ""
        if before.rstrip().endswith(":") and len(before) - len(before.lstrip()) < len(
            lines[-1]
        ) - len("return"):
            return
        lines.pop()
