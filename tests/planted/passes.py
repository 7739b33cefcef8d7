"""Passes that are wrong on purpose, each in the way in which a real one might be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.dialects.agent import AgentOp, DecideOp, LlmOp, PolicyAttr
from kumeo.dialects.data import (
    INT,
    AddOp,
    AndOp,
    CoalesceOp,
    ConstantOp,
    GetOp,
    MulOp,
    OptionType,
    OrOp,
    RecordOp,
    SelectOp,
    SubOp,
    UnwrapOp,
)
from kumeo.dialects.facts import facts_of, own_facts
from kumeo.dialects.settings import strings_of
from kumeo.dialects.workflow import (
    ConfigOp,
    EmitOp,
    ForeachOp,
    IfOp,
    OnOp,
    ReadConfigOp,
    TryOp,
)
from kumeo.passes.base import OpPass

Change = Callable[[Operation], object]


@dataclass(frozen=True)
class PlantedPass(OpPass):
    """Applies a wrong change to every op in program order."""

    name = "planted"
    change: ClassVar[Change]

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Change the ops that are there at the start."""
        for op in list(root.walk()):
            if op is not root and op.parent is not None:
                type(self).change(op)


def planted(change: Change) -> type[PlantedPass]:
    """Return a pass class for a change."""
    name = change.__name__.replace("_", "-")
    return type(name, (PlantedPass,), {"change": staticmethod(change), "name": name})


def replaced(op: Operation, *made: Operation) -> None:
    """Replace an op by others; the last gives the result."""
    Rewriter.replace_op(op, list(made))


def inner_ops(op: Operation, *regions: int) -> Iterator[Operation]:
    """Yield the ops that stand directly in some regions of an op."""
    for index in regions:
        block = op.regions[index].blocks.first
        yield from list(block.ops) if block is not None else ()


def is_from_above(value: SSAValue, op: Operation) -> bool:
    """Return whether a value is defined outside of `op`."""
    owner = value.owner
    inside: Operation | None = owner.parent_op() if isinstance(owner, Block) else owner
    while inside is not None:
        if inside is op:
            return False
        inside = inside.parent_op()
    return True


def earlier_equal(op: AgentOp, ignored: frozenset[str]) -> AgentOp | None:
    """Return an agent before `op` in its block that does the same work."""
    assert op.parent is not None
    for other in op.parent.ops:
        if other is op:
            return None
        if isinstance(other, AgentOp) and work_of(other, ignored) == work_of(op, ignored):
            return other
    return None


def work_of(op: AgentOp, ignored: frozenset[str]) -> object:
    """Return what an agent without a body does, without the ignored settings."""
    settings = {k: v for k, v in op.properties.items() if k not in {"id", "site"} | ignored}
    bodies = tuple(id(op) for region in op.regions if region is not op.fallback)
    return op.name, tuple(op.operands), settings, op.result.type, bodies


def drop_unread_agents(op: Operation) -> None:
    """Dead code elimination that forgets that some agents act."""
    if isinstance(op, AgentOp) and op.result.first_use is None and not op.regions:
        Rewriter.erase_op(op)


def merge_model_calls(op: Operation) -> None:
    """CSE of language models: two answers to one prompt become one."""
    if isinstance(op, LlmOp) and op.fallback is None:
        first = earlier_equal(op, frozenset())
        if first is not None and first.fallback is None:
            Rewriter.replace_op(op, [], [first.result])


def hoist_emits_from_if(op: Operation) -> None:
    """Move emits out of a branch when their value is there before."""
    if not isinstance(op, IfOp):
        return
    for inner in inner_ops(op, 0, 1):
        if isinstance(inner, EmitOp) and is_from_above(inner.value, op):
            inner.detach()
            Rewriter.insert_op(inner, InsertPoint.before(op))


def hoist_emits_from_loop(op: Operation) -> None:
    """Loop-invariant code motion of emits: one message, and its iteration path is lost."""
    if not isinstance(op, ForeachOp):
        return
    for inner in inner_ops(op, 0):
        if isinstance(inner, EmitOp) and is_from_above(inner.value, op):
            inner.detach()
            Rewriter.insert_op(inner, InsertPoint.before(op))


def fold_with_wrap_around(op: Operation) -> None:
    """Fold integer arithmetic as a machine does."""
    if not isinstance(op, AddOp | SubOp | MulOp) or op.result.type != INT:
        return
    left, right = op.lhs.owner, op.rhs.owner
    if not isinstance(left, ConstantOp) or not isinstance(right, ConstantOp):
        return
    a, b = left.evaluate(), right.evaluate()
    number = a + b if isinstance(op, AddOp) else a - b if isinstance(op, SubOp) else a * b
    replaced(op, ConstantOp.of((number + 2**63) % 2**64 - 2**63, INT))


def read_both_sides(op: Operation) -> None:
    """Treat `and` and `or` as strict: the right side may fail although the left decides."""
    if isinstance(op, AndOp):
        replaced(op, SelectOp(op.rhs, op.lhs, op.rhs))
    elif isinstance(op, OrOp):
        replaced(op, SelectOp(op.rhs, op.rhs, op.lhs))


def drop_fallbacks(op: Operation) -> None:
    """Forget the fallback of an agent."""
    if isinstance(op, AgentOp) and op.fallback is not None:
        regions = [op.detach_region(r) for r in list(op.regions) if r is not op.fallback]
        new = type(op).create(
            operands=op.operands,
            result_types=op.result_types,
            properties=op.properties,
            regions=regions,
        )
        Rewriter.replace_op(op, new)


def swap_first_rules(op: Operation) -> None:
    """Put the second rule of a decision before the first."""
    if not isinstance(op, DecideOp) or op.mode.data != "first_match" or len(op.inputs) < 2:
        return
    first, second = op.operands[0], op.operands[1]
    op.operands[0], op.operands[1] = second, first
    for name in ("rules", "outcomes"):
        words = strings_of(op.properties[name])
        swapped = (words[1], words[0], *words[2:])
        op.properties[name] = ArrayAttr([StringAttr(word) for word in swapped])


def merge_despite_policy(op: Operation) -> None:
    """Merge equal deterministic agents although only one tries again: take the longer policy."""
    if not isinstance(op, AgentOp) or not facts_of(op).mergeable:
        return
    first = earlier_equal(op, frozenset({"policy"}))
    if first is not None and op.policy is not None:
        first.properties["policy"] = op.policy
        Rewriter.replace_op(op, [], [first.result])


def merge_despite_fallback(op: Operation) -> None:
    """Merge equal deterministic agents although one has a fallback."""
    if not isinstance(op, AgentOp) or not own_facts(op).mergeable:
        return
    first = earlier_equal(op, frozenset({"policy"}))
    if first is not None:
        Rewriter.replace_op(op, [], [first.result])


def run_before_the_condition(op: Operation) -> None:
    """Move agents out of a branch: equal ones in both branches would then run once."""
    if not isinstance(op, IfOp):
        return
    for inner in inner_ops(op, 0, 1):
        is_free = isinstance(inner, AgentOp) and own_facts(inner).discardable
        if is_free and not inner.regions and all(is_from_above(v, op) for v in inner.operands):
            inner.detach()
            Rewriter.insert_op(inner, InsertPoint.before(op))


def unwrap_instead_of_default(op: Operation) -> None:
    """Treat a null as a failure."""
    kind = op.value.type if isinstance(op, CoalesceOp) else None
    if isinstance(kind, OptionType) and op.results[0].type == kind.inner:
        replaced(op, UnwrapOp(op.operands[0]))


def read_field_without_the_others(op: Operation) -> None:
    """Read a field where the record is made, although another field may have failed."""
    if isinstance(op, GetOp) and isinstance(op.base.owner, RecordOp):
        record = op.base.owner
        Rewriter.replace_op(op, [], [record.values[record.names.index(op.field.data)]])


def swap_neighbour_emits(op: Operation) -> None:
    """Change the order of two messages."""
    before = op.prev_op
    if isinstance(op, EmitOp):
        while before is not None and not isinstance(before, EmitOp):
            before = before.prev_op
        if isinstance(before, EmitOp) and is_before(op.value, before):
            op.detach()
            Rewriter.insert_op(op, InsertPoint.before(before))


def is_before(value: SSAValue, op: Operation) -> bool:
    """Return whether a value is there when `op` runs."""
    owner = value.owner
    if isinstance(owner, Block) or owner.parent is not op.parent:
        return True
    assert op.parent is not None
    ops = list(op.parent.ops)
    return ops.index(owner) < ops.index(op)


def try_only_once(op: Operation) -> None:
    """Lose the number of attempts."""
    if isinstance(op, AgentOp) and op.policy is not None:
        op.properties["policy"] = PolicyAttr()


def rename_sites(op: Operation) -> None:
    """Number the emits again, as after a clone."""
    if isinstance(op, EmitOp):
        op.properties["site"] = StringAttr(op.site + "-copy")


def swap_sites_of_agents(op: Operation) -> None:
    """Exchange the sites of neighbours that compute: each is blamed for the other's failure."""
    after = op.next_op
    while after is not None and not isinstance(after, AgentOp):
        after = after.next_op
    if not isinstance(op, AgentOp) or not isinstance(after, AgentOp):
        return
    if facts_of(op).mergeable and facts_of(after).mergeable:
        sites = StringAttr(op.site), StringAttr(after.site)
        after.properties["site"], op.properties["site"] = sites


def forget_handlers(op: Operation) -> None:
    """Replace a `try` by its body."""
    if not isinstance(op, TryOp):
        return
    last = op.body.block.last_op
    assert last is not None
    values = list(last.operands)
    last.detach()
    for inner in inner_ops(op, 0):
        inner.detach()
        Rewriter.insert_op(inner, InsertPoint.before(op))
    Rewriter.replace_op(op, [], values)
    last.erase()


def freeze_config(op: Operation) -> None:
    """Take the value of dynamic configuration at compile time."""
    if not isinstance(op, ReadConfigOp):
        return
    for entry in op.get_toplevel_object().walk():  # type: ignore[union-attr]
        if isinstance(entry, ConfigOp) and entry.symbol == op.config_name:
            replaced(op, ConstantOp(entry.value, entry.type))
            return


def forget_the_condition(op: Operation) -> None:
    """Replace a result that both branches yield alike, although the condition may fail."""
    if not isinstance(op, IfOp):
        return
    yielded = [list(region.block.last_op.operands) for region in op.regions]  # type: ignore
    for result, first, second in zip(op.results, *yielded, strict=True):
        same = first is second and is_from_above(first, op)
        if same:
            result.replace_all_uses_with(first)


def report_elsewhere(op: Operation) -> None:
    """Lose the target of reports."""
    if isinstance(op, OnOp):
        op.properties.pop("on_error", None)


CHANGES: tuple[Change, ...] = (
    drop_unread_agents,
    merge_model_calls,
    hoist_emits_from_if,
    hoist_emits_from_loop,
    fold_with_wrap_around,
    read_both_sides,
    drop_fallbacks,
    swap_first_rules,
    merge_despite_policy,
    merge_despite_fallback,
    run_before_the_condition,
    unwrap_instead_of_default,
    read_field_without_the_others,
    swap_neighbour_emits,
    try_only_once,
    rename_sites,
    swap_sites_of_agents,
    forget_handlers,
    freeze_config,
    forget_the_condition,
    report_elsewhere,
)

PASSES: dict[str, type[PlantedPass]] = {cls.name: cls for cls in map(planted, CHANGES)}
