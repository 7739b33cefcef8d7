"""`inline-subworkflows`: put the body of a subworkflow in the place of each call.

    workflow.subworkflow @score (%x: f64) -> (f64) {
      %m = agent.model @m (x = %x) id "m" site "m" : (f64) -> f64
      workflow.return %m : f64
    }
    %r = workflow.call @score(%amount) site "first" : (f64) -> (f64)

becomes

    %r = agent.model @m (x = %amount) id "first/m" site "first/m" : (f64) -> f64

A subworkflow that no workflow needs any more is erased. A module without any workflow is a library
and keeps all of them.

Sound because a call means its text in the place of the call. It runs in the same activation, the
same failure scope and the same iteration path, and its arguments are passed one by one, failures
too, so an SSA value is exactly what the body would have read. Ids of messages, of attempts, of the
state of aggregates and of failures are made from the site with the sites of the calls in front of
it, `first/m`, and that is what the copy is named. What acts is looked for through calls, so a
statement around the call acts before and after alike.

Calls are replaced bottom-up: a callee is finished before its callers copy it, and there is no
recursion. The time is linear in the size of the result, which `ops-max` bounds for each copy. A
call stays, with a remark, if its callee is larger than that, if a name in the callee means another
declaration in the workflow, or if a new site or id is taken already.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import CallSiteLoc, LocationAttr, ModuleOp, StringAttr, UnknownLoc
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.analysis.symbols import SymbolIndex, uses_of
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import AgentOp
from kumeo.dialects.workflow import CallOp, SubworkflowOp, WorkflowOp
from kumeo.passes.base import KumeoPass

_NAMES = ("site", "id")


@dataclass(frozen=True)
class InlineSubworkflowsPass(KumeoPass):
    """Put the bodies of subworkflows in the place of their calls."""

    name = "inline-subworkflows"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    ops_max: int = 10_000
    """Largest subworkflow that is copied, in operations."""

    keep: bool = False
    """Keep subworkflows that no workflow needs any more."""

    def __post_init__(self) -> None:
        """Refuse a size that is negative."""
        if self.ops_max < 0:
            raise ValueError("`ops-max` is not negative")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Replace calls in subworkflows, then in workflows; then erase what is left over."""
        index = SymbolIndex(op)
        callees = {s.symbol: s for s in op.ops if isinstance(s, SubworkflowOp)}
        sizes: dict[str, int] = {}
        for callee in _callees_first(callees):
            self._inline_calls(callee, callees, sizes, index)
            sizes[callee.symbol] = sum(1 for _ in walk_ops(callee))
        for workflow in [w for w in op.ops if isinstance(w, WorkflowOp)]:
            self._inline_calls(workflow, callees, sizes, index)
        if not self.keep:
            self._erase_unneeded(op, callees)

    def _inline_calls(
        self,
        root: Operation,
        callees: dict[str, SubworkflowOp],
        sizes: dict[str, int],
        index: SymbolIndex,
    ) -> None:
        calls = [op for op in walk_ops(root) if isinstance(op, CallOp)]
        taken = {name: _names_in(root, name) for name in _NAMES} if calls else {}
        for call in calls:
            callee = callees.get(call.callee_name)
            if callee is None:
                continue
            reason = self._obstacle(call, callee, sizes, index, taken)
            if reason is not None:
                self.remark(call, f"`@{callee.symbol}` is not inlined: {reason}")
                continue
            self.remark(call, f"`@{callee.symbol}` is inlined")
            self.count("calls inlined")
            self.count("ops copied", sizes[callee.symbol])
            inline_call(call, callee)

    def _obstacle(
        self,
        call: CallOp,
        callee: SubworkflowOp,
        sizes: dict[str, int],
        index: SymbolIndex,
        taken: dict[str, set[str]],
    ) -> str | None:
        """Return why a call has to stay, or None and take the names of the copy."""
        size = sizes[callee.symbol]
        if size > self.ops_max:
            return f"it has {size} operations, `ops-max` is {self.ops_max}"
        for use in (use for op in walk_ops(callee) for use in uses_of(op)):
            if index.resolve(call, use.name) is not index.resolve(callee, use.name):
                return f"`@{use.name}` is another declaration here"
        for name in _NAMES:
            new = {f"{call.site}/{old}" for old in _names_in(callee, name)}
            both = sorted(new & taken[name])
            if both:
                return f'the {name} "{both[0]}" is taken'
            taken[name] |= new
        return None

    def _erase_unneeded(self, module: ModuleOp, callees: dict[str, SubworkflowOp]) -> None:
        roots = [op for op in module.ops if isinstance(op, WorkflowOp)]
        if not roots:
            return
        needed = _needed_by(roots, callees)
        for name, callee in callees.items():
            if name not in needed:
                self.count("subworkflows erased")
                self.remark(callee, f"nothing calls `@{name}` any more: it is erased")
                Rewriter.erase_op(callee)


def inline_call(call: CallOp, callee: SubworkflowOp) -> None:
    """Replace a call by a copy of the callee's body, named and placed as part of the call."""
    arguments = list(call.arguments)
    mapper: dict[SSAValue, SSAValue] = dict(zip(callee.body.block.args, arguments, strict=True))
    *body, last = callee.body.block.ops
    copies = [op.clone(mapper) for op in body]
    for copy in copies:
        for op in walk_ops(copy):
            _put_under(call, op)
    Rewriter.insert_op(copies, InsertPoint.before(call))
    Rewriter.replace_op(call, [], [mapper.get(value, value) for value in last.operands])


def _put_under(call: CallOp, op: Operation) -> None:
    op.location = _location_in(call, op.location)
    for name in _NAMES:
        old = op.properties.get(name)
        if isinstance(old, StringAttr) and _is_named(op, name):
            op.properties[name] = StringAttr(f"{call.site}/{old.data}")


def _is_named(op: Operation, name: str) -> bool:
    """Say whether the property `name` of `op` identifies a place of the program."""
    return isinstance(op, AgentOp) or (name == "site" and op.dialect_name() == "workflow")


def _location_in(call: CallOp, location: LocationAttr) -> LocationAttr:
    if isinstance(location, UnknownLoc):
        return call.location
    if isinstance(call.location, UnknownLoc):
        return location
    return CallSiteLoc(location, call.location)


def _names_in(root: Operation, name: str) -> set[str]:
    """Return the sites or ids inside `root`."""
    found = [op.properties.get(name) for op in walk_ops(root) if _is_named(op, name)]
    return {attr.data for attr in found if isinstance(attr, StringAttr)}


def _calls_in(root: Operation) -> Iterator[str]:
    """Yield the names of the subworkflows that are called inside `root`, in order."""
    return (op.callee_name for op in walk_ops(root) if isinstance(op, CallOp))


def _callees_first(callees: dict[str, SubworkflowOp]) -> Iterator[SubworkflowOp]:
    """Yield every subworkflow after those that it calls. The verifier forbids recursion."""
    done = set[str]()
    for root in callees:
        stack = [(root, iter([*_calls_in(callees[root])]))]
        while stack:
            name, rest = stack[-1]
            inner = next((n for n in rest if n in callees and n not in done), None)
            if inner is not None:
                stack.append((inner, iter([*_calls_in(callees[inner])])))
                continue
            stack.pop()
            if name not in done:
                done.add(name)
                yield callees[name]


def _needed_by(roots: Iterable[Operation], callees: dict[str, SubworkflowOp]) -> set[str]:
    """Return the names of the subworkflows that the roots call, directly or not."""
    needed = set[str]()
    todo = [name for root in roots for name in _calls_in(root)]
    while todo:
        name = todo.pop()
        if name in callees and name not in needed:
            needed.add(name)
            todo += _calls_in(callees[name])
    return needed
