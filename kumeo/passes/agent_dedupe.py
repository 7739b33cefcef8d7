"""`agent-dedupe`: run an agent once when two agents do the same work.

    %a = agent.model @m (x = %x) id "left" site "left" : (f64) -> f64
    %b = agent.model @m (x = %x) id "right" site "right" : (f64) -> f64   // erased: readers use %a

The first has to dominate the second: it stands before it, in the same region or in one around it.
Equal work is the same kind of agent with equal settings, policy and language, equal nested regions
and the same operands. The id, the site, an estimated cost and a `label` do not matter.

Sound because only *mergeable* agents take part, by their own facts and those of their fallbacks: on
equal inputs they give equal results, a failure too, after the same attempts and fallback. So every
reader of the second sees what it saw. Nothing emits, asks or acts in a mergeable agent, so no
message changes and the set of calls shrinks. Two language models, queries or people are never
merged: their answers may differ, and two votes are worth more than one.

One thing can be told apart: a failure names the site of its agent. A program sees that in the error
of a `try`, so no agent is merged while some handler in the module reads more of it than the
message. The report of a failure may name the first of two equal agents for the second.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import Rewriter

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.places import point_of
from kumeo.analysis.walk import walk_ops
from kumeo.diagnostics import Related
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.base import isolates
from kumeo.dialects.data import GetOp
from kumeo.dialects.facts import facts_of
from kumeo.dialects.workflow import TryOp
from kumeo.passes.base import OpPass
from kumeo.passes.errors import PassRemark
from kumeo.passes.locations import fuse

PLACE = frozenset({"id", "site", "cost", "label"})
"""Properties and attributes that say where an agent is, and not what it does."""


@dataclass(frozen=True)
class AgentDedupePass(OpPass):
    """Keep the first of several agents that do the same work."""

    name = "agent-dedupe"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Merge equal agents inside `root`."""
        reader = _find_reader_of_blame(root)
        for block in (block for region in root.regions for block in region.blocks):
            self._visit(block, _Known(), reader)

    def _visit(self, block: Block, known: "_Known", reader: Operation | None) -> None:
        for op in list(block.ops):
            if isinstance(op, AgentOp) and self._merge(op, known, reader):
                continue
            for region, inner in ((r, inner) for r in op.regions for inner in r.blocks):
                with_known = _Known() if isolates(op, region) else known
                mark = with_known.mark()
                self._visit(inner, with_known, reader)
                with_known.forget_since(mark)

    def _merge(self, op: AgentOp, known: "_Known", reader: Operation | None) -> bool:
        """Use an equal agent that has run instead of `op`; remember `op` if there is none."""
        work = work_of(op)
        first = known.table.get(work)
        if not facts_of(op).mergeable:
            if first is not None:
                self.remark(op, f"`{op.agent_id}` stays: two answers to equal inputs may differ")
            known.set(work, op)
            return False
        if first is None:
            known.set(work, op)
            return False
        if reader is not None:
            self.remark(op, f"`{op.agent_id}` stays: a `try` tells which agent failed")
            return False
        self._explain(op, first)
        first.location = fuse(first.location, op.location)
        Rewriter.replace_op(op, [], first.results)
        return True

    def _explain(self, op: AgentOp, first: AgentOp) -> None:
        self.count("agents merged")
        point = point_of(first)
        related = () if point is None else (Related(point, "this agent runs"),)
        text = f"`{op.agent_id}` does the work of `{first.agent_id}`: it is merged into it"
        self.report(PassRemark(point_of(op), self.name, text, related=related))


@dataclass
class _Known:
    """The agents that have run, by their work; those of a region are forgotten after it."""

    table: dict[Hashable, AgentOp] = field(default_factory=dict[Hashable, AgentOp])
    log: list[Hashable] = field(default_factory=list[Hashable])

    def set(self, work: Hashable, op: AgentOp) -> None:
        """Remember an agent, unless an equal one is known."""
        if work not in self.table:
            self.table[work] = op
            self.log.append(work)

    def mark(self) -> int:
        """Return where the log stands."""
        return len(self.log)

    def forget_since(self, mark: int) -> None:
        """Forget what was remembered since a mark."""
        while len(self.log) > mark:
            del self.table[self.log.pop()]


def work_of(op: Operation) -> Hashable:
    """Return everything that decides what an agent answers, as one comparable value."""
    return _work(op, {})


def _work(op: Operation, numbers: dict[SSAValue, int]) -> Hashable:
    """Return the work of `op`; values made inside of regions are known by their number."""
    return (
        op.name,
        tuple(numbers.get(operand, operand) for operand in op.operands),
        tuple(op.result_types),
        _settings(op.properties),
        _settings(op.attributes),
        tuple(_work_of_region(region, numbers) for region in op.regions),
    )


def _work_of_region(region: Region, numbers: dict[SSAValue, int]) -> Hashable:
    return tuple(tuple(_works_in(block, numbers)) for block in region.blocks)


def _works_in(block: Block, numbers: dict[SSAValue, int]) -> Iterator[Hashable]:
    for argument in block.args:
        numbers[argument] = len(numbers)
        yield argument.type
    for op in block.ops:
        yield _work(op, numbers)
        for result in op.results:
            numbers[result] = len(numbers)


def _settings(settings: dict[str, Attribute]) -> Hashable:
    return frozenset((name, value) for name, value in settings.items() if name not in PLACE)


def _find_reader_of_blame(root: Operation) -> Operation | None:
    """Return a `try` in the module whose handler can tell which agent failed."""
    module = root.get_toplevel_object()
    tries = walk_ops(module) if isinstance(module, ModuleOp) else walk_ops(root)
    return next((op for op in tries if isinstance(op, TryOp) and _reads_blame(op)), None)


def _reads_blame(op: TryOp) -> bool:
    readers = [use.operation for use in op.error.uses]
    return any(not isinstance(r, GetOp) or r.field.data != "message" for r in readers)
