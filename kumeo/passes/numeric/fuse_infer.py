"""`fuse-infer`: make one program of several, and leave out of each what nobody reads.

    %a = agent.infer (x = %x) do { … } id "infer.a" … -> !data.record<{a.score: f64}>
    %s = data.get %a["a.score"] : f64
    %b = agent.infer (s = %s) do { … } id "infer.b" … -> !data.record<{b.score: f64}>

becomes

    %ab = agent.infer (x = %x) do { … } id "infer.a" … -> !data.record<{a.score: f64, b.score: f64}>
    %s = data.get %ab["a.score"] : f64

Two programs of a block become one when the second reads only what is there before the first, or
results of the first as they are, and when the same values make both fail. `outline-infer` makes
programs as large as it can; this pass is for those that came together later, for instance by
inlining, and for hand-written ones.

Sound because a program computes row by row and never fails by itself. A program with an operand
that fails has no results: so two become one only where that was so for both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.dialects import data, infer
from kumeo.dialects.agent import InferOp
from kumeo.dialects.agent.infer import BATCH_MAX
from kumeo.dialects.data import DataOp, RecordType
from kumeo.passes.base import OpPass
from kumeo.passes.numeric.bodies import block_of, distinct, drop_dead
from kumeo.passes.numeric.tensor_values import is_total


@dataclass(frozen=True)
class FuseInferPass(OpPass):
    """Make one program of several, and leave out of each what nobody reads."""

    name = "fuse-infer"
    LEVELS: ClassVar[tuple[str, ...]] = ("numeric",)

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Work on every block below `root`."""
        for block in list(_blocks(root)):
            programs = [op for op in block.ops if isinstance(op, InferOp)]
            kept: list[InferOp] = []
            for program in programs:
                self._place(program, kept)
            for program in kept:
                self._trim(program)

    def _place(self, program: InferOp, kept: list[InferOp]) -> None:
        """Join a program with an earlier one, the last first; else keep it."""
        for at in reversed(range(len(kept))):
            reason = _obstacle(kept[at], program)
            if reason is None:
                self.remark(program, f"`{program.agent_id}` is computed in `{kept[at].agent_id}`")
                self.count("programs fused")
                kept[at] = _join(kept[at], program)
                return
            self.remark(program, f"`{program.agent_id}` stays by itself: {reason}")
        kept.append(program)

    def _trim(self, program: InferOp) -> None:
        """Leave out fields that nobody reads."""
        readers = [use.operation for use in program.result.uses]
        if not readers or not all(isinstance(op, data.GetOp) for op in readers):
            return
        read = {op.field.data for op in readers if isinstance(op, data.GetOp)}
        fields = [(name, kind) for name, kind in program.record.fields if name in read]
        dropped = len(program.record.fields) - len(fields)
        if not dropped:
            return
        pairs = zip(program.record.names, program.outputs.inputs, strict=True)
        values = [value for name, value in pairs if name in read]
        program.outputs.operands = values
        drop_dead(program.body.block)
        _retype(program, fields)
        self.count("results left out", dropped)


def _blocks(root: Operation) -> Iterator[Block]:
    for op in root.walk():
        if not isinstance(op, InferOp):
            yield from (block for region in op.regions for block in region.blocks)


def _retype(program: InferOp, fields: Sequence[tuple[str, Attribute]]) -> None:
    """Give a program a result with other fields."""
    body = Region()
    program.body.move_blocks(body)
    made = _program(program, list(program.inputs), program.operand_names(), fields, body)
    block_of(program).insert_op_before(made, program)
    made.result.name_hint = program.result.name_hint
    program.result.replace_all_uses_with(made.result)
    Rewriter.erase_op(program)


def _program(
    like: InferOp,
    operands: Sequence[SSAValue],
    names: Sequence[str],
    fields: Sequence[tuple[str, Attribute]],
    body: Region,
) -> InferOp:
    made = InferOp(
        like.agent_id,
        like.site,
        operands,
        names,
        RecordType.of(dict(fields)),
        body,
        policy=like.policy,
        language=None if like.language is None else like.language.data,
    )
    made.location = like.location
    made.attributes |= like.attributes
    return made


def _obstacle(first: InferOp, second: InferOp) -> str | None:
    """Return why the second program cannot be computed with the first, or None."""
    for value in second.inputs:
        if _read_from(first, value) is None and not _is_early(first, value):
            return "it reads what comes later"
    if _fallible(first) != _fallible(second, first):
        return "other values make it fail"
    if first.policy != second.policy or first.language != second.language:
        return "it has another policy or language"
    return None


def _read_from(program: InferOp, value: SSAValue) -> str | None:
    """Return the field of a program's result that a value is, or None."""
    owner = value.owner
    is_field = isinstance(owner, data.GetOp) and owner.base is program.result
    return owner.field.data if is_field and isinstance(owner, data.GetOp) else None


def _fallible(program: InferOp, first: InferOp | None = None) -> list[SSAValue]:
    """Return the operands that may fail, each once; results of `first` count as its own."""
    found: dict[SSAValue, None] = {}
    for value in program.inputs:
        if first is not None and _read_from(first, value) is not None:
            found.update(dict.fromkeys(_fallible(first)))
        elif not is_total(value):
            found[value] = None
    return list(found)


def _is_early(first: InferOp, value: SSAValue) -> bool:
    """Say whether a value can be there before a program."""
    return all(isinstance(op, DataOp) and not op.regions for op in _late(first, value))


def _late(first: InferOp, value: SSAValue) -> list[Operation]:
    """Return what a value is made from in the block of a program, from the program on."""
    todo, found = [value], dict[Operation, None]()
    while todo:
        owner = todo.pop().owner
        if not isinstance(owner, Operation) or owner in found:
            continue
        if owner.parent_block() is not first.parent_block() or owner.is_before_in_block(first):
            continue
        found[owner] = None
        todo.extend(owner.operands)
    return list(found)


def _join(first: InferOp, second: InferOp) -> InferOp:
    """Return one program in the place of the first."""
    block = block_of(first)
    moved = {
        op: None
        for value in second.inputs
        if _read_from(first, value) is None
        for op in _late(first, value)
    }
    for op in sorted(moved, key=block.get_operation_index):
        op.detach()
        block.insert_op_before(op, first)
    operands = dict.fromkeys([*first.inputs])
    names = dict(zip(first.inputs, first.operand_names() or _numbers(first), strict=True))
    fields = [*first.record.fields]
    _append(first, second, operands, names)
    taken = set(first.record.names)
    renamed = {name: _fresh(name, taken) for name in second.record.names}
    fields += [(renamed[name], kind) for name, kind in second.record.fields]
    body = Region()
    first.body.move_blocks(body)
    made = _program(
        first, list(operands), distinct([names[value] for value in operands]), fields, body
    )
    _limit_batches(made, (first, second))
    block.insert_op_before(made, first)
    made.result.name_hint = first.result.name_hint
    first.result.replace_all_uses_with(made.result)
    _redirect(second, made, renamed)
    Rewriter.erase_op(second)
    Rewriter.erase_op(first)
    return made


def _limit_batches(made: InferOp, parts: Sequence[InferOp]) -> None:
    """Let the program see no larger batches than the strictest of its parts."""
    given = (part.attributes.get(BATCH_MAX) for part in parts)
    limits = [limit.value.data for limit in given if isinstance(limit, IntegerAttr)]
    if limits:
        made.attributes[BATCH_MAX] = IntegerAttr(min(limits), i64)


def _numbers(program: InferOp) -> list[str]:
    return [f"x{i}" for i in range(len(program.inputs))]


def _append(
    first: InferOp,
    second: InferOp,
    operands: dict[SSAValue, None],
    names: dict[SSAValue, str],
) -> None:
    """Move the ops of the second body to the end of the first."""
    target, source = first.body.block, second.body.block
    outputs = dict(zip(first.record.names, first.outputs.inputs, strict=True))
    own = dict(zip(first.inputs, target.args, strict=True))
    given = second.operand_names() or _numbers(second)
    for value, name, argument in zip(second.inputs, given, list(source.args), strict=True):
        field = _read_from(first, value)
        if field is not None:
            argument.replace_all_uses_with(outputs[field])
            continue
        if value not in own:
            own[value] = target.insert_arg(argument.type, len(target.args))
            own[value].name_hint = argument.name_hint
            operands[value], names[value] = None, name
        argument.replace_all_uses_with(own[value])
    end, last = first.outputs, second.outputs
    end.operands = [*end.operands, *last.operands]
    for op in list(source.ops):
        if not isinstance(op, infer.YieldOp):
            op.detach()
            target.insert_op_before(op, end)


def _fresh(name: str, taken: set[str]) -> str:
    number, fresh = 1, name
    while fresh in taken:
        number += 1
        fresh = f"{name}_{number}"
    taken.add(fresh)
    return fresh


def _redirect(second: InferOp, made: InferOp, renamed: dict[str, str]) -> None:
    """Let readers of the second program read the joined one."""
    whole = [use for use in second.result.uses if not isinstance(use.operation, data.GetOp)]
    builder = Builder(InsertPoint.before(second))
    if whole:
        parts = [
            builder.insert(data.GetOp(made.result, renamed[name])).result
            for name in second.record.names
        ]
        record = builder.insert(data.RecordOp(parts, second.record)).result
        for use in whole:
            use.operation.operands[use.index] = record
    for use in list(second.result.uses):
        reader = use.operation
        assert isinstance(reader, data.GetOp), "the others read the record"
        get = data.GetOp(made.result, renamed[reader.field.data])
        get.location = reader.location
        Rewriter.replace_op(reader, get)
