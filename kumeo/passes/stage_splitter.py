"""Moves the ops of one body into stages, by a plan of its cuts. See `split_stages.py`.

The walk goes forward. It carries the stage that is open and a continuation: what follows the block,
as an edge for given values. Regions are walked inside, so the depth is that of the nesting.
"""

from collections.abc import Sequence

from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import Block, Operation, Region, SSAValue

from kumeo.analysis.acting import Acting
from kumeo.analysis.cuts import CutPlan
from kumeo.dialects.agent import (
    ENDED,
    MESSAGE,
    BranchOp,
    Edge,
    FailureOfOp,
    GotoOp,
    ObserveOp,
    ParkOp,
    StageOp,
    SwitchOp,
)
from kumeo.dialects.base import at
from kumeo.dialects.data import IsSomeOp, UnwrapOp
from kumeo.dialects.workflow import IfOp, MatchOp, OnOp, TryOp
from kumeo.passes.stage_builder import Flag, OpenStage, StageNames
from kumeo.passes.stage_continuations import Continuation, Finish, Join, Through, yielded


class Splitter:
    """Turns one body into stages."""

    def __init__(self, plan: CutPlan, acting: Acting, names: StageNames) -> None:
        self.plan = plan
        self.acting = acting
        self.names = names
        self.stages: list[StageOp] = []
        self.scopes: list[Flag] = []
        """The cut `try` statements around, outermost first."""

    def split(self, on: OnOp) -> list[StageOp]:
        """Return the stages of a body; its ops are moved into them."""
        name = self.names.claim(f"on.{on.source_names[0]}")
        entry = OpenStage.open(name, self.plan, on.location, others=on.body.block.args)
        entry.stage.sources = on.sources
        entry.stage.on_error = on.on_error
        entry.stage.attributes |= on.attributes
        self.stages.append(entry.stage)
        self.fill(on.body.block, entry, Finish())
        return self.stages

    def fill(self, block: Block, open: OpenStage, following: Continuation) -> None:
        """Move a block into the open stage and those that it needs behind it."""
        last = self.fill_ops(block, open, following)
        end = block.last_op
        if last is not None and end is not None:
            values = yielded(last, end.operands, following)
            last.leave(following.edge(last, values), end.location)

    def fill_ops(
        self, block: Block, open: OpenStage, following: Continuation | None
    ) -> OpenStage | None:
        """Move all but the terminator; return the open stage, None if every way is taken.

        Without a continuation there is always an open stage at the end.
        """
        current: OpenStage = open
        for op in list(block.ops)[:-1]:
            if op in self.plan.cheap:
                continue
            if op in self.plan.split:
                joined = self._split(op, current, following)
                if joined is None:
                    return None
                current = joined
                continue
            if op in self.plan.heavy:
                current = self._room_for(op, current)
            self._place(op, current)
        return current

    def _room_for(self, op: Operation, open: OpenStage) -> OpenStage:
        """Return a stage in which the agent may work: this one, or a new one."""
        parks = bool(getattr(op, "PARKS", False))
        if parks or open.is_busy:
            live = self.plan.before[op]
            flags = [flag for flag in self.scopes if flag in open.flags]
            new = self._open(self.names.after(op, self.plan, "join"), op.location, live, flags)
            values = (*open.get_all(live), *(open.flags[flag] for flag in flags))
            edge = Edge(MESSAGE, new.name, values)
            open.close(ParkOp(edge) if parks else GotoOp(edge), op.location)
            self.stages.append(new.stage)
            open = new
        open.is_busy = True
        return open

    def _open(
        self,
        name: str,
        location: LocationAttr,
        live: Sequence[SSAValue],
        flags: Sequence[Flag],
        others: Sequence[SSAValue] = (),
    ) -> OpenStage:
        return OpenStage.open(name, self.plan, location, live, flags, others)

    def _place(self, op: Operation, open: OpenStage) -> None:
        open.move(op)
        if self.acting.acts(op):
            self._add_observers([op], open, op.location)
        else:
            open.block.add_op(op)

    def _add_observers(
        self, ops: Sequence[Operation], open: OpenStage, location: LocationAttr
    ) -> None:
        """Add ops that may observe something: inside of a cut `try`, they are watched."""
        if self.scopes:
            open.watch(self.scopes[-1], ops, location)
        else:
            open.block.add_ops(ops)

    def _split(
        self, op: Operation, open: OpenStage, following: Continuation | None
    ) -> OpenStage | None:
        """Split a statement; return the stage behind it, or None if there is none."""
        ending = self._ending_behind(op)
        wanted = self.plan.wanted[op]
        if ending is not None and following is not None:
            through = Through(op, wanted, tuple(ending.operands), following)
            self._dispatch(op, open, through)
            return None
        live = self.plan.after[op]
        inner = self.scopes[-1:] if self.acting.acts(op) else []
        flags = tuple(flag for flag in self.scopes if flag in open.flags or flag in inner)
        name = self.names.after(op.next_op, self.plan, "join")
        results = [op.results[i] for i in wanted]
        behind = op.location if op.next_op is None else op.next_op.location
        join = self._open(name, behind, live, flags, results)
        self._dispatch(op, open, Join(name, wanted, live, flags))
        self.stages.append(join.stage)
        return join

    def _ending_behind(self, op: Operation) -> Operation | None:
        """Return the terminator if nothing but constants stands between it and the op."""
        behind = op.next_op
        while behind is not None and behind in self.plan.cheap:
            behind = behind.next_op
        return behind if behind is not None and behind.next_op is None else None

    def _dispatch(self, op: Operation, open: OpenStage, following: Continuation) -> None:
        match op:
            case IfOp():
                self._split_if(op, open, following)
            case MatchOp():
                self._split_match(op, open, following)
            case TryOp():
                self._split_try(op, open, following)
            case _:
                raise AssertionError(f"`{op.name}` is not planned to be split")

    def _split_if(self, op: IfOp, open: OpenStage, following: Continuation) -> None:
        condition = open.get(op.condition)
        failed = self._failed(op, condition, open, following)
        edges = [self._region(region, open, following) for region in op.regions]
        open.close(BranchOp(condition, edges[0], edges[1], failed), op.location)

    def _split_match(self, op: MatchOp, open: OpenStage, following: Continuation) -> None:
        subject = open.get(op.subject)
        failed = self._failed(op, subject, open, following)
        edges = [self._region(region, open, following) for region in op.case_regions]
        default = op.default_region
        other = None if default is None else self._region(default, open, following)
        cases = list(zip(op.case_values, edges, strict=True))
        open.close(SwitchOp(subject, cases, other, failed), op.location)

    def _failed(
        self, op: Operation, condition: SSAValue, open: OpenStage, following: Continuation
    ) -> Edge:
        """Return the edge of a failed condition; what is observed and given stands before it."""
        if op in self.plan.safe:
            return ENDED
        if self.acting.acts(op):
            self._add_observers([at(ObserveOp(condition), op.location)], open, op.location)
        values: list[SSAValue | None] = []
        for index, result in enumerate(op.results):
            failure = None
            if following.wants(index):
                failure = at(FailureOfOp(condition, result.type), op.location)
                open.block.add_op(failure)
            values.append(None if failure is None else failure.result)
        return following.edge(open, values)

    def _region(self, region: Region, open: OpenStage, following: Continuation) -> Edge:
        """Return the edge into a region: to a new stage, or past it if the region only yields."""
        block = region.block
        first, end = self._first_op(block), block.last_op
        assert end is not None, "the verifier checks the terminator"
        if first is end:
            return following.edge(open, yielded(open, end.operands, following))
        live = self.plan.at_start[block]
        flags = [flag for flag in self.scopes if flag in open.flags]
        new = self._open(self.names.after(first, self.plan, "case"), first.location, live, flags)
        edge = Edge(MESSAGE, new.name, (*open.get_all(live), *(open.flags[flag] for flag in flags)))
        self.stages.append(new.stage)
        self.fill(block, new, following)
        return edge

    def _first_op(self, block: Block) -> Operation:
        first = block.first_op
        while first is not None and first in self.plan.cheap:
            first = first.next_op
        assert first is not None, "the verifier checks the terminator"
        return first

    def _split_try(self, op: TryOp, open: OpenStage, following: Continuation) -> None:
        scope = Flag()
        self.scopes.append(scope)
        last = self.fill_ops(op.body.block, open, None)
        end = op.body.block.last_op
        assert last is not None, "without a continuation a stage is open"
        assert end is not None, "the verifier checks the terminator"
        results = last.get_all(tuple(end.operands))
        if results:
            observers = [at(ObserveOp(value), end.location) for value in results]
            self._add_observers(observers, last, end.location)
        self.scopes.pop()
        values = [value if following.wants(i) else None for i, value in enumerate(results)]
        if scope not in last.flags:
            last.leave(following.edge(last, values), end.location)
            return
        flag = last.flags.pop(scope)
        failed = at(IsSomeOp(flag), op.location)
        last.block.add_op(failed)
        handler = self._handler(op, flag, last, following)
        last.close(BranchOp(failed.result, handler, following.edge(last, values)), op.location)

    def _handler(self, op: TryOp, flag: SSAValue, open: OpenStage, following: Continuation) -> Edge:
        """Return the edge to the handler, which gets the flag and takes the failure out of it."""
        block = op.handler.block
        if op.error.first_use is None:
            return self._region(op.handler, open, following)
        first, live = self._first_op(block), self.plan.at_start[block]
        flags = [outer for outer in self.scopes if outer in open.flags]
        name = self.names.after(first, self.plan, "catch")
        new = self._open(name, op.location, live, flags, [flag])
        error = at(UnwrapOp(new.values[flag]), op.location)
        error.result.name_hint = op.error.name_hint
        new.block.add_op(error)
        new.values[op.error] = error.result
        values = (flag, *open.get_all(live), *(open.flags[outer] for outer in flags))
        self.stages.append(new.stage)
        self.fill(block, new, following)
        return Edge(MESSAGE, new.name, values)
