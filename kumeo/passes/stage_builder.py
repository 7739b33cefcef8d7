"""A stage while it is filled, and the names of stages.

`OpenStage` moves ops out of a body into a stage. It knows what each value of the body is called in
the stage: an argument, a value that was moved along, or a constant that is made again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import LocationAttr, StringAttr
from xdsl.ir import Block, Operation, Region, SSAValue

from kumeo.analysis.cuts import CutPlan
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import (
    DONE,
    FIRST_TYPE,
    DoneOp,
    Edge,
    GotoOp,
    StageEnd,
    StageOp,
    WatchOp,
    YieldOp,
)
from kumeo.dialects.base import at
from kumeo.dialects.data import NoneOp
from kumeo.dialects.workflow import WorkflowOp


class Flag:
    """Stands for what the body of one `try` has observed; each stage has a value for it."""


@dataclass
class OpenStage:
    """A stage that is being filled."""

    stage: StageOp
    plan: CutPlan
    values: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """What values of the body are here."""
    flags: dict[Flag, SSAValue] = field(default_factory=dict[Flag, SSAValue])
    """What has been observed; a flag that is not here is null."""
    is_busy: bool = False
    """Whether an agent works here."""

    @classmethod
    def open(
        cls,
        name: str,
        plan: CutPlan,
        location: LocationAttr,
        values: Sequence[SSAValue] = (),
        flags: Sequence[Flag] = (),
        others: Sequence[SSAValue] = (),
    ) -> "OpenStage":
        """Return a new stage that takes some values of the body, then flags, then `others`.

        `others` are values of the body that get new arguments too; they come first.
        """
        taken = [*others, *values]
        block = Block(arg_types=[*(value.type for value in taken), *(FIRST_TYPE for _ in flags)])
        found = cls(at(StageOp(name, Region(block)), location), plan)
        for value, argument in zip(taken, block.args, strict=False):
            argument.name_hint = value.name_hint
            found.values[value] = argument
        found.flags.update(zip(flags, block.args[len(taken) :], strict=True))
        return found

    @property
    def name(self) -> str:
        """The symbol of the stage."""
        return self.stage.symbol

    @property
    def block(self) -> Block:
        """Where ops are added."""
        return self.stage.body.block

    def get(self, value: SSAValue) -> SSAValue:
        """Return what a value of the body is here; a constant is made when it is first needed."""
        if value not in self.values:
            owner = value.owner
            assert isinstance(owner, Operation), "liveness is complete"
            assert owner in self.plan.cheap, "liveness is complete"
            self._at_start(copy := owner.clone())
            self.values.update(zip(owner.results, copy.results, strict=True))
        return self.values[value]

    def get_all(self, values: Sequence[SSAValue]) -> tuple[SSAValue, ...]:
        """Return what values of the body are here."""
        return tuple(self.get(value) for value in values)

    def flag(self, flag: Flag) -> SSAValue:
        """Return what has been observed until here, which may be null."""
        if flag not in self.flags:
            none = NoneOp(FIRST_TYPE)
            self._at_start(none)
            self.flags[flag] = none.result
        return self.flags[flag]

    def _at_start(self, op: Operation) -> None:
        block = self.block
        if block.first_op is None:
            block.add_op(op)
        else:
            block.insert_op_before(op, block.first_op)

    def move(self, op: Operation) -> None:
        """Take an op out of the body; afterwards it reads what its values are here."""
        op.detach()
        for inner in walk_ops(op):
            for index, value in enumerate(inner.operands):
                if value in self.values or value.owner in self.plan.cheap:
                    inner.operands[index] = self.get(value)
        self.values.update(zip(op.results, op.results, strict=True))

    def watch(self, flag: Flag, ops: Sequence[Operation], location: LocationAttr) -> None:
        """Add ops in an `agent.watch` that updates a flag; what they give comes out of it."""
        results = [result for op in ops for result in op.results]
        body = Block([*ops, at(YieldOp(results), location)])
        watch = WatchOp(self.flag(flag), [result.type for result in results], Region(body))
        self.block.add_op(at(watch, location))
        self.flags[flag] = watch.first
        for result, output in zip(results, watch.outputs, strict=True):
            output.name_hint = result.name_hint
            self.values[result] = output

    def close(self, end: StageEnd, location: LocationAttr) -> None:
        """End the stage."""
        self.block.add_op(at(end, location))

    def leave(self, edge: Edge, location: LocationAttr) -> None:
        """End the stage with one way out."""
        self.close(DoneOp() if edge.mode == DONE else GotoOp(edge), location)


class StageNames:
    """Names for the stages of a workflow: after the agent that works there, so that they stay."""

    def __init__(self, workflow: WorkflowOp) -> None:
        names = (op.properties.get("sym_name") for op in workflow.body.block.ops)
        self._taken = {name.data for name in names if isinstance(name, StringAttr)}
        self._numbers: dict[str, int] = {}

    def claim(self, name: str) -> str:
        """Return `name`, with a number behind it if it is taken."""
        free, number = name, 1
        while free in self._taken:
            number += 1
            free = f"{name}.{number}"
        self._taken.add(free)
        return free

    def after(self, first: Operation | None, plan: CutPlan, otherwise: str) -> str:
        """Return a name for the stage that begins with the op `first`."""
        site = _site_of_stage(first, plan)
        if site is not None:
            return self.claim(f"run.{site}")
        number = self._numbers[otherwise] = self._numbers.get(otherwise, 0) + 1
        return self.claim(f"{otherwise}.{number}")


def _site_of_stage(first: Operation | None, plan: CutPlan) -> str | None:
    """Return the site of the agent of a stage, else the first site in it."""
    found: str | None = None
    op = first
    while op is not None and op not in plan.split:
        if op in plan.heavy:
            parks = op is not first and bool(getattr(op, "PARKS", False))
            return found if parks else first_site(op)
        found = found or first_site(op)
        op = op.next_op
    return found


def first_site(op: Operation) -> str | None:
    """Return the site of an op, else the first one inside it."""
    for inner in walk_ops(op):
        site = inner.properties.get("site")
        if isinstance(site, StringAttr):
            return site.data
    return None
