"""`split-stages`: put each activation into continuation form, with every edge a message.

    workflow.on @s (%x: f64) {
      %a = agent.model @m (x = %x) id "a" site "a" : (f64) -> f64
      %b = agent.llm "m" (prompt = %p) id "b" site "b" : (!data.str) -> !data.str
      workflow.emit %b : !data.str to @t site "t"
      workflow.return
    }

becomes

    agent.stage @on.s (%x: f64) entry [@s] {
      %a = agent.model @m (x = %x) id "a" site "a" : (f64) -> f64
      agent.goto message @run.b(%p : !data.str)
    }
    agent.stage @run.b (%p: !data.str) {
      %b = agent.llm "m" (prompt = %p) id "b" site "b" : (!data.str) -> !data.str
      workflow.emit %b : !data.str to @t site "t"
      agent.done
    }

This is the naive deployment, one agent for each service, kept as the baseline that `agent-fuse`
improves. A stage holds at most one agent: the program is cut before an agent when its stage has one
already, and before every agent that parks. An edge carries exactly the values that are read behind
it; constants are made again, time and configuration are read at the start and carried. An `if` or
`match` around agents becomes a branch to a stage for each region, and what follows it is one shared
stage, entered from each of them: no tail is copied. A region that only yields is no stage. A `for`
with agents stays whole in one stage, and so does a call of a subworkflow with agents: run
`inline-subworkflows` before. An agent that parks and stands in something whole does not park: its
stage waits for the answer, and a remark tells why.

If many values are read only at the end, each edge carries them all, so n such values give about n²
operands. A record of them would not help: it fails as soon as one of its fields does.

Why it is sound. Ops keep their order, sites, ids and iteration paths, and an activation is one
token, so there is nothing that could overtake or wait for something else. A value that crosses an
edge is the value that was computed, failure or not. Three rules of failures are no values, and
become ops:

- A failed condition of an `if` or `match` runs no region, is every result, and is observed if
  something inside acts. The branch gets a `failed` edge to what follows, with `agent.failure_of` of
  the condition for each result, and `agent.observe` before it in the second case. A condition that
  never fails needs neither.
- The body of a `try` is a scope of its own. In a cut body each op that acts stands in an
  `agent.watch`, which adds the first failure that it observed to a flag; other ops observe nothing.
  The flag is carried like any value. Failed results count as observed at the end of the body, then
  a branch goes to the handler if the flag holds a failure. The body still runs to its end.
- What an activation observes outside of any `try` goes with the token. There is one token and
  program order is kept, so the failure that is observed first is the first in program order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.acting import Acting
from kumeo.analysis.cuts import Working, plan_cuts
from kumeo.analysis.levels import ACTIVATIONS, LEVELS, level_of, set_level
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.base import KumeoOp
from kumeo.dialects.workflow import CallOp, OnOp, SubworkflowOp, WorkflowOp
from kumeo.passes.base import KumeoPass
from kumeo.passes.locations import fuse
from kumeo.passes.stage_builder import StageNames
from kumeo.passes.stage_splitter import Splitter


@dataclass(frozen=True)
class SplitStagesPass(KumeoPass):
    """Put each activation into continuation form, with every edge a message."""

    name = "split-stages"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS
    LOWERS_TO: ClassVar[str | None] = "stages"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Replace each `workflow.on` by stages, and raise the level of the module."""
        workflows = [workflow for workflow in op.ops if isinstance(workflow, WorkflowOp)]
        callees = {each.symbol: each for each in op.ops if isinstance(each, SubworkflowOp)}
        facts = _Facts(Working(op), Acting(op), callees)
        bodies = [on for workflow in workflows for on in bodies_in(workflow)]
        for workflow in workflows:
            names = StageNames(workflow)
            for on in bodies_in(workflow):
                self._split(on, facts, names)
        levels = list(LEVELS)
        level = level_of(op)
        if bodies if level is None else level in levels[: levels.index("stages")]:
            set_level(op, "stages")

    def _split(self, on: OnOp, facts: "_Facts", names: StageNames) -> None:
        read_at_start(on.body.block, facts.working)
        plan = plan_cuts(on.body.block, facts.working)
        for op in on.body.block.walk():
            if op in plan.heavy and (op.regions or isinstance(op, CallOp)):
                self._explain(op, facts.working)
                self._tell_waiting(op, facts)
        stages = Splitter(plan, facts.acting, names).split(on)
        edges = [edge for stage in stages for edge in stage.end.edges]
        self.count("stages made", len(stages))
        self.count("edges made", sum(edge.target is not None for edge in edges))
        self.remark(on, f"becomes {len(stages)} stage{'s' * (len(stages) != 1)}")
        Rewriter.insert_op(stages, InsertPoint.before(on))
        on.detach()
        on.erase(safe_erase=False)

    def _explain(self, op: Operation, working: Working) -> None:
        """Say why an op with agents inside is not cut."""
        if isinstance(op, CallOp):
            self.remark(op, f"`@{op.callee_name}` stays whole: `inline-subworkflows` opens it")
        elif not working.works_itself(op):
            self.remark(op, f"`{op.name}` stays whole in one stage, with the agents in it")

    def _tell_waiting(self, op: Operation, facts: "_Facts") -> None:
        """Say which agents inside an op that is not cut would park if it was."""
        whole = f"the call of `@{op.callee_name}`" if isinstance(op, CallOp) else f"`{op.name}`"
        for agent in parking_in(op, facts.callees):
            text = f"`{agent.agent_id}` does not park: {whole} around it is not cut"
            self.remark(agent, f"{text}, so a stage waits until somebody answers")


class _Facts(NamedTuple):
    """What is known about the module before it changes."""

    working: Working
    acting: Acting
    callees: Mapping[str, SubworkflowOp]


def parking_in(op: Operation, callees: Mapping[str, SubworkflowOp]) -> Iterator[AgentOp]:
    """Yield the agents that park inside `op`, also in what it calls, but not `op` itself."""
    seen, todo = {op}, [op]
    while todo:
        for inner in walk_ops(todo.pop()):
            if isinstance(inner, AgentOp) and inner.PARKS and inner is not op:
                yield inner
            callee = callees.get(inner.callee_name) if isinstance(inner, CallOp) else None
            if callee is not None and callee not in seen:
                seen.add(callee)
                todo.append(callee)


def bodies_in(workflow: WorkflowOp) -> list[OnOp]:
    """Return the bodies of a workflow that are no stages yet."""
    return [op for op in workflow.body.block.ops if isinstance(op, OnOp)]


def read_at_start(body: Block, working: Working) -> None:
    """Move what is read once per activation to the start of the body, each thing once.

    Sound because it gives the same value at every place of an activation and never fails. What
    stands before all agents can stay.
    """
    found: dict[object, Operation] = {}
    is_before = True
    for op in list(body.walk()):
        is_before = is_before and not working.works_itself(op) and op.parent is body
        if not isinstance(op, KumeoOp) or not op.READ_ONCE:
            continue
        key = (op.name, *op.properties.items(), *op.result_types)
        first = found.setdefault(key, op)
        if first is op and not is_before:
            op.detach()
            body.insert_op_before(op, next(iter(body.ops)))
        if first is not op:
            first.location = fuse(first.location, op.location)
            Rewriter.replace_op(op, [], first.results)
