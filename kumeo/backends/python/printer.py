"""Prints the body of one function: statement by statement, in program order.

A value is either *bound* (it has a local) or printed where it is read. What may be a failure is
always bound, so that `isinstance(x, Failure)` can be asked of it; `ok` holds the locals that are
known to be none at the place that is being printed.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.backends.python import values
from kumeo.backends.python.code import AND, OR, Expr, Lines, call, fits, name, quoted, total
from kumeo.backends.python.errors import NotPrintable, Unprintable
from kumeo.backends.python.exits import Exit
from kumeo.backends.python.literals import constant_expr
from kumeo.backends.python.module import Module
from kumeo.backends.python.names import RESERVED, Names
from kumeo.backends.python.narrow import projected
from kumeo.backends.python.stems import stem_of
from kumeo.backends.python.uses import Step, Uses, is_scalar_constant
from kumeo.backends.python.waves import holder, overlapping
from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp, FailureOfOp, StageEnd
from kumeo.dialects.data import JsonType, ListType, MapType, OptionType
from kumeo.dialects.workflow import NowOp, ReadConfigOp

INLINE_MAX = 44
"""Longest text of an expression that is printed inside of another one."""
ARGUMENT_MAX = 50
"""Longest text of an argument that is no call."""
READS_MAX = 3
"""How often a field is read before it gets a name of its own."""

Rule = Callable[[Operation, "Printer"], None]


@dataclass
class Printer:
    """The state of one function while it is printed."""

    module: Module
    uses: Uses
    rules: Mapping[type[Operation], Rule]
    """What prints the ops that are statements."""
    lines: Lines
    names: Names = field(default_factory=lambda: Names(RESERVED))
    bound: dict[SSAValue, Expr] = field(default_factory=dict[SSAValue, Expr])
    ok: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    """The locals that are known to be failures."""
    loops: tuple[str, ...] = ()
    """The names of the indexes of the `for` loops around."""
    wanted: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])
    """The local that a value goes to in the end, where it is already known."""
    answered: Operation | None = None
    """The review whose answer has come: the one that the message was parked for."""
    awaits: bool = False
    declared: set[str] = field(default_factory=set[str])
    """The locals whose type is written down already."""

    together: "Callable[[Sequence[AgentOp], Printer], None] | None" = None
    """What prints agents that run at the same time."""

    # -- reading values

    def expr(self, value: SSAValue) -> Expr:
        """Return the expression of a value, without the guards that are known to hold."""
        found = self._raw(self.uses.resolve(value))
        guards = tuple(guard for guard in found.guards if guard not in self.ok)
        if guards and guards[0] in self.failed:
            return name(guards[0], is_failing=True)
        return replace(found, guards=guards)

    def _raw(self, value: SSAValue) -> Expr:
        if value in self.bound:
            return self.bound[value]
        if isinstance(value.owner, Operation):
            rule = values.RULES.get(type(value.owner))
            if rule is not None:
                return rule(value.owner, self)
        raise AssertionError(f"{value} is read before it is printed")

    def is_constant(self, value: SSAValue) -> bool:
        """Say whether a value is a constant that is printed where it is read."""
        found = self.uses.resolve(value)
        return found not in self.bound and is_scalar_constant(found)

    def yielded(self, result: SSAValue, value: SSAValue) -> Expr:
        """Return what a branch yields for a result, or the field of it that is read."""
        narrow = self.uses.narrow.get(result)
        if narrow is None:
            return self.expr(value)
        part = projected(self.uses, result, value)
        if isinstance(part, SSAValue):
            return self.expr(part)
        assert part is not None, "only values with such a part are narrowed"
        return constant_expr(part.value, narrow.kind, self.module)

    def proves(self, op: Operation) -> bool:
        """Say whether an operation that could fail in general cannot here."""
        return op in self.uses.proven

    # -- binding values

    def local(self, value: SSAValue, stem: str = "") -> str:
        """Return a new name for a value."""
        known = self.wanted.get(value)
        return known if known is not None else self.names.fresh(stem or stem_of(value, self.uses))

    def bind(self, value: SSAValue, local: str, *, may_fail: bool) -> None:
        """Say that a value is in a local now; print the exit where its failure ends all."""
        found = self.uses.exits.get(value)
        if may_fail and found is not None:
            self._leave(local, found)
            may_fail = False
        self.bound[value] = name(local, is_failing=may_fail)

    def _leave(self, local: str, found: Exit) -> None:
        with self.nested(failed=local) as body:
            if found.is_observed:
                blamed = "" if found.site is None else f".blamed_on({quoted(found.site)})"
                body.add(f"act.observe({local}{blamed})")
            body.add("return")
        self.lines.block(f"if isinstance({local}, Failure):", body)

    def define(self, value: SSAValue, found: Expr) -> None:
        """Print the assignment of a value to a local of its own."""
        local = self.local(value)
        self.assign(local, found, value.type)
        self.bind(value, local, may_fail=found.may_fail)

    def assign(self, local: str, found: Expr, kind: Attribute) -> None:
        """Print `local = found`, with its guards in front."""
        if found.text == local:
            return
        typed = self._annotation(local, found, kind)
        one_line = total(found)
        flat = f"{local}{typed} = {one_line.text}"
        if not found.guards and typed:
            self.lines.put(f"{local}{typed} = ", found)
            return
        if len(found.guards) <= 1 and fits(flat, self.lines.depth):
            self.lines.put(f"{local}{typed} = ", one_line)
            return
        if typed:
            self.lines.add(f"{local}{typed}")
        with self.guarded(found.guards, [local]):
            self._assign_unguarded(local, replace(found, guards=()))

    def _assign_unguarded(self, local: str, found: Expr) -> None:
        """Print an assignment that may take several lines."""
        if fits(f"{local} = {found.text}", self.lines.depth) or found.call is not None:
            self.lines.put(f"{local} = ", found)
        elif found.forks is not None:
            condition, yes, no = found.forks
            for head, value in ((f"if {condition.text}:", yes), ("else:", no)):
                with self.nested() as body:
                    self._assign_unguarded(local, value)
                self.lines.block(head, body)
        elif found.level in (AND, OR) and found.chain is not None:
            self._assign_lazily(local, found.chain[1], "not " if found.level == OR else "")
        else:
            self.lines.put(f"{local} = ", found)

    def _assign_lazily(self, local: str, parts: Sequence[Expr], negation: str) -> None:
        """Print `a and b` as statements: the second is read only if the first is open."""
        *first, last = parts
        if len(first) > 1:
            self._assign_lazily(local, first, negation)
        else:
            self._assign_unguarded(local, first[0])
        with self.nested() as body:
            self._assign_unguarded(local, last)
        self.lines.block(f"if {negation}{local}:", body)

    def _annotation(self, local: str, found: Expr, kind: Attribute) -> str:
        if not found.is_vague or local in self.declared:
            return ""
        self.declared.add(local)
        text = self.module.types.of(kind)
        return f": {text} | Failure" if found.may_fail else f": {text}"

    def declare(self, local: str, value: SSAValue) -> None:
        """Declare a local that branches assign, where its type cannot be inferred from them."""
        kind = self.uses.kind_of(value)
        if is_composite(kind) and local not in self.declared:
            self.declared.add(local)
            types = self.module.types
            is_safe = self.uses.is_safe(value) and value not in self.uses.exits
            text = types.of(kind) if is_safe else types.failing(kind)
            self.lines.add(f"{local}: {text}")

    # -- nested statements

    @contextmanager
    def nested(self, *ok: str, failed: str | None = None) -> Generator[Lines]:
        """Print the statements of the `with` body one level deeper, into a list of their own."""
        outer = self.lines, self.ok, self.failed
        self.lines, self.ok = self.lines.inner(), self.ok | set(ok)
        if failed is not None:
            self.failed = self.failed | {failed}
        try:
            yield self.lines
        finally:
            self.lines, self.ok, self.failed = outer

    def fail_clauses(
        self, guards: Sequence[str], results: Sequence[str], *, is_observed: bool = False
    ) -> str:
        """Print what happens when a guard is a failure; return the word of the next clause."""
        for number, guard in enumerate(guards):
            with self.nested(failed=guard) as failed:
                for result in results:
                    failed.add(f"{result} = {guard}")
                if is_observed:
                    failed.add(f"act.observe({guard})")
            self.lines.block(f"{_word(number)} isinstance({guard}, Failure):", failed)
        return _word(len(guards))

    @contextmanager
    def guarded(
        self, guards: Sequence[str], results: Sequence[str], *, is_observed: bool = False
    ) -> Generator[None]:
        """Print statements that run only when none of the guards is a failure.

        Otherwise the results are the first that is one.
        """
        if not guards:
            yield
            return
        self.fail_clauses(guards, results, is_observed=is_observed)
        with self.nested(*guards) as body:
            yield
        if body.lines:
            self.lines.block("else:", body)

    # -- blocks

    def block(self, block: Block) -> None:
        """Print the ops of a block, and the way on where it is a stage."""
        last = block.last_op
        ops = [op for op in block.ops if op is not last or isinstance(op, StageEnd)]
        while ops:
            group = overlapping(self, ops)
            if len(group) > 1 and self.together is not None:
                self.together(group, self)
                printed = [holder(op, block) for op in group]
                ops = [op for op in ops if op not in printed]
            else:
                self.op(ops.pop(0))

    def op(self, op: Operation) -> None:
        """Print one op, unless it is printed where its value is read."""
        if self.uses.is_only_name(op):
            self.block(op.regions[0].block)
            return
        if op not in self.uses.live:
            return
        rule = values.RULES.get(type(op))
        if rule is None:
            self._statement(op)
            return
        value = op.results[0]
        if value in self.uses.alias:
            return
        if is_scalar_constant(value) and self.is_small(value):
            return
        found = self.expr(value)
        if not self._stays(op, value, found):
            self.define(value, found)

    def is_small(self, value: SSAValue) -> bool:
        """Say whether a constant may be printed wherever it is read."""
        text = self._raw(value).text
        return self.uses.count[value] == 1 or (len(text) < 32 and not is_composite(value.type))

    def _stays(self, op: Operation, value: SSAValue, found: Expr) -> bool:
        """Say whether a computation gets no local of its own."""
        if isinstance(op, FailureOfOp):
            return all(isinstance(use.operation, StageEnd) for use in value.uses)
        if found.fails or value in self.wanted:
            return False
        if found.is_path and isinstance(op, data.GetOp):
            return self.uses.count[value] <= READS_MAX and len(found.guards) < 2
        if isinstance(op, NowOp | ReadConfigOp | data.NoneOp):
            return self.uses.count[value] <= READS_MAX
        if isinstance(op, data.SomeOp):
            return found.is_path
        is_short = len(found.text) <= INLINE_MAX
        is_plain = found.call is not None or not found.is_vague
        return is_short and is_plain and self.uses.is_inlined(value)

    def _statement(self, op: Operation) -> None:
        found = next((self.rules[kind] for kind in type(op).__mro__ if kind in self.rules), None)
        if found is None:
            raise Unprintable(NotPrintable.of(op))
        found(op, self)

    # -- what several rules need

    def path(self) -> Sequence[tuple[str, Expr]]:
        """Return the argument that tells the iteration, or none outside of loops."""
        if not self.loops:
            return ()
        comma = "," if len(self.loops) == 1 else ""
        return (("path", Expr(f"({', '.join(self.loops)}{comma})")),)

    def awaited(self, found: Expr) -> Expr:
        """Return a call of a coroutine."""
        self.awaits = True
        parts = found.call
        head = None if parts is None else replace(parts, head=f"await {parts.head}")
        return replace(found, text=f"await {found.text}", level=8, call=head)

    def result_locals(self, op: Operation) -> list[tuple[SSAValue, str]]:
        """Return a local for each result that is read."""
        return [(value, self.local(value)) for value in op.results if self.uses.is_read(value)]

    def want(self, value: SSAValue, local: str) -> None:
        """Let a value that is only computed to be yielded go straight to its local."""
        found = self.uses.resolve(value)
        is_new = found not in self.bound and isinstance(found.owner, Operation)
        if is_new and self.uses.count[found] == 1 and not is_scalar_constant(found):
            self.wanted[found] = local

    def argument(self, value: SSAValue) -> Expr:
        """Return a value, a failure or not, as the argument of a call; a long one gets a name."""
        found = self.expr(value)
        result = total(found)
        if result.call is None and len(result.text) > ARGUMENT_MAX:
            self.define(self.uses.resolve(value), found)
            return total(self.expr(value))
        return result


def _word(number: int) -> str:
    return "elif" if number else "if"


def is_composite(kind: Attribute) -> bool:
    """Say whether a type has parts whose types a checker would infer too narrowly."""
    if isinstance(kind, OptionType):
        return True
    return isinstance(kind, ListType | MapType | JsonType)


__all__ = ["Printer", "Rule", "Step", "call", "is_composite"]
