"""The steps of a reduction: each makes a module smaller, and perhaps invalid.

An edit works on a copy, so it names ops by their number in program order, which a copy keeps. What
comes out is verified; an edit need not care whether types, symbols or ids still fit.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, OpResult, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import IsTerminator

from kumeo.dialects.agent import AgentOp
from kumeo.dialects.data import (
    BOOL,
    BYTES,
    FLOAT,
    STR,
    ConstantOp,
    DataOp,
    EnumType,
    JsonType,
    ListOp,
    ListType,
    MapType,
    OptionType,
    RecordType,
    is_data_type,
    to_attribute,
)
from kumeo.dialects.workflow import ForeachOp
from kumeo.dialects.workflow.control import ControlOp

Edit = Callable[[ModuleOp], bool]
"""Changes a copy; returns whether it could."""

_OPTIONAL = ("policy", "cost", "language", "on_error", "budget", "deployment", "monitor", "nats")


def ops_of(module: ModuleOp) -> list[Operation]:
    """Return the ops below a module in program order; their positions are their numbers."""
    return [op for op in module.walk() if op is not module]


def removals(module: ModuleOp) -> list[int]:
    """Return the numbers of ops that `remove` takes, last first: readers before what they read."""
    ops = ops_of(module)
    return [i for i in reversed(range(len(ops))) if _is_removable(ops[i])]


def _is_removable(op: Operation) -> bool:
    if op.has_trait(IsTerminator):
        return False
    if isinstance(op, ConstantOp) and op.result.first_use is not None:
        return False
    return all(is_data_type(r.type) for r in op.results if r.first_use is not None)


def remove(numbers: Sequence[int]) -> Edit:
    """Erase ops; what still reads their results reads constants instead."""

    def edit(module: ModuleOp) -> bool:
        ops = ops_of(module)
        for number in sorted(numbers, reverse=True):
            _remove(ops[number])
        return True

    return edit


def _remove(op: Operation) -> None:
    for result in op.results:
        if result.first_use is not None:
            result.replace_all_uses_with(_constant_before(op, result.type))
    op.detach()
    op.erase(safe_erase=False)


def _constant_before(op: Operation, kind: Attribute) -> SSAValue:
    constant = ConstantOp(to_attribute(plain_value(kind), kind), kind)
    Rewriter.insert_op(constant, InsertPoint.before(op))
    return constant.result


def plain_value(kind: Attribute) -> Any:
    """Return the plainest value of a type."""
    match kind:
        case OptionType() | JsonType():
            return None
        case ListType():
            return []
        case MapType():
            return {}
        case RecordType():
            return {name: plain_value(field) for name, field in kind.fields}
        case EnumType():
            return kind.names[0]
        case _:
            return _PLAIN.get(kind, 0)


_PLAIN: dict[Attribute, Any] = {BOOL: False, FLOAT: 0.0, STR: "", BYTES: b""}


def edits_of(module: ModuleOp) -> Iterator[Edit]:
    """Yield the edits that look at one op each, in program order."""
    for number, op in enumerate(ops_of(module)):
        if isinstance(op, ControlOp | AgentOp):
            yield from (_at(number, _inline, i) for i in range(len(op.regions)))
        if isinstance(op, ControlOp):
            yield from (_at(number, _drop_result, i) for i in reversed(range(len(op.results))))
        if isinstance(op, AgentOp) and op.fallback is not None:
            yield _at(number, _drop_fallback, 0)
        for name in _OPTIONAL:
            if name in op.properties:
                yield _at(number, _drop_property, name)
        if isinstance(op, ConstantOp):
            yield _at(number, _plain_constant, 0)
        for index, operand in enumerate(op.operands):
            yield from _operand_edits(number, index, operand)


def _operand_edits(number: int, index: int, operand: SSAValue) -> Iterator[Edit]:
    """Read what an operand was made of, an argument of the same type, or a constant."""
    if isinstance(operand.owner, Operation):
        count = len(operand.owner.operands)
        yield from (_at(number, _read_part, (index, part)) for part in range(count))
        yield _at(number, _read_argument, index)
        if not isinstance(operand.owner, ConstantOp):
            yield _at(number, _read_constant, index)
    elif is_data_type(operand.type):
        yield _at(number, _read_constant, index)


def _at(number: int, change: Callable[[Operation, Any], bool], argument: Any) -> Edit:
    return lambda module: change(ops_of(module)[number], argument)


def _inline(op: Operation, index: int) -> bool:
    """Replace an op by what is in one of its regions; each argument becomes a constant."""
    if not op.regions[index].blocks:
        return False
    block = op.regions[index].block
    last = block.last_op
    if last is None:
        return False
    for argument in list(block.args):
        argument.replace_all_uses_with(_constant_before(op, argument.type))
        block.erase_arg(argument)
    values = _yielded(op, last)
    last.detach()
    inner = [*block.ops]
    for each in inner:
        each.detach()
        Rewriter.insert_op(each, InsertPoint.before(op))
    for result, value in zip(op.results, values, strict=True):
        made = value if isinstance(value, SSAValue) else _inserted(value, op)
        result.replace_all_uses_with(made)
    last.erase(safe_erase=False)
    op.detach()
    op.erase(safe_erase=False)
    return True


def _yielded(op: Operation, last: Operation) -> list[SSAValue | Operation]:
    """Return what stands for the results: loops give lists, nothing gives constants."""
    if isinstance(op, ForeachOp):
        return [ListOp([value], value.type) for value in last.operands]
    if not last.operands:
        return [_constant_before(op, result.type) for result in op.results]
    return list(last.operands)


def _inserted(made: Operation, before: Operation) -> SSAValue:
    Rewriter.insert_op(made, InsertPoint.before(before))
    return made.results[0]


def _drop_result(op: Operation, index: int) -> bool:
    """Make a control op without one result; its readers read a constant."""
    for result in op.results:
        if result.index == index and result.first_use is not None:
            result.replace_all_uses_with(_constant_before(op, result.type))
    for region in op.regions:
        last = region.blocks.first and region.block.last_op
        if last is not None:
            last.operands = [v for i, v in enumerate(last.operands) if i != index]
    kinds = [r.type for r in op.results if r.index != index]
    new = type(op).create(
        operands=op.operands,
        result_types=kinds,
        properties=op.properties,
        attributes=op.attributes,
        regions=[op.detach_region(region) for region in list(op.regions)],
    )
    old: list[OpResult] = [r for r in op.results if r.index != index]
    for before, after in zip(old, new.results, strict=True):
        before.replace_all_uses_with(after)
    Rewriter.insert_op(new, InsertPoint.before(op))
    op.detach()
    op.erase(safe_erase=False)
    return True


def _drop_fallback(op: Operation, _: int) -> bool:
    assert isinstance(op, AgentOp)
    if op.fallback is None:
        return False
    regions = [op.detach_region(r) for r in list(op.regions) if r is not op.fallback]
    new = type(op).create(
        operands=op.operands,
        result_types=op.result_types,
        properties=op.properties,
        attributes=op.attributes,
        regions=regions,
    )
    op.result.replace_all_uses_with(new.results[0])
    Rewriter.insert_op(new, InsertPoint.before(op))
    op.detach()
    op.erase(safe_erase=False)
    return True


def _drop_property(op: Operation, name: str) -> bool:
    return op.properties.pop(name, None) is not None


def _plain_constant(op: Operation, _: int) -> bool:
    assert isinstance(op, ConstantOp)
    kind = op.result.type
    plain = to_attribute(plain_value(kind), kind)
    if op.value == plain:
        return False
    op.properties["value"] = plain
    return True


def _read_part(op: Operation, place: tuple[int, int]) -> bool:
    """Read an operand of the op that made an operand."""
    index, part = place
    owner = op.operands[index].owner
    if not isinstance(owner, Operation):
        return False
    _read_instead(op, index, owner.operands[part])
    return True


def _read_argument(op: Operation, index: int) -> bool:
    """Read an argument of a block around instead of a computed value."""
    kind = op.operands[index].type
    block: Block | None = op.parent
    while block is not None:
        for argument in block.args:
            if argument.type == kind:
                _read_instead(op, index, argument)
                return True
        around = block.parent_op()
        block = None if around is None else around.parent
    return False


def _read_constant(op: Operation, index: int) -> bool:
    _read_instead(op, index, _constant_before(op, op.operands[index].type))
    return True


def _is_unread(op: DataOp) -> bool:
    return op.result.first_use is None


def _read_instead(op: Operation, index: int, value: SSAValue) -> None:
    """Change an operand, and erase the data ops that nobody reads because of it."""
    unread = [op.operands[index].owner]
    op.operands[index] = value
    while unread:
        owner = unread.pop()
        # An op that was read twice is in the list twice.
        if isinstance(owner, DataOp) and owner.parent is not None and _is_unread(owner):
            unread.extend(operand.owner for operand in owner.operands)
            owner.detach()
            owner.erase()
