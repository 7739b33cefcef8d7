"""Records of which one field is read: they are never made, a local holds the field instead.

    decision = "reject"                  for   decide = DecideResult(decision="reject", ...)
    weight = 1.2 if foreign else 0.0     for   abroad = Abroad(weight=1.2) if foreign else None,
                                               then `abroad?.weight ?? 0.0`

This holds for decisions by rules and for the results of `if` and `match` whose branches yield
constants or records that are made there. What reads the field becomes another name of the result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from xdsl.ir import Attribute, Block, Operation, OpResult, SSAValue

from kumeo.dialects import data
from kumeo.dialects.agent import DecideOp, ProcessOp, StageEnd
from kumeo.dialects.agent.stages import INLINE
from kumeo.dialects.data import OptionType, RecordType
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.messaging import JournalOp
from kumeo.dialects.workflow import IfOp, MatchOp

if TYPE_CHECKING:
    from kumeo.backends.python.uses import Uses


@dataclass(frozen=True)
class Narrow:
    """The field that a local holds in the place of its record."""

    field: str
    kind: Attribute
    default: object = None
    """The constant that it is where there is no record."""


class Constant(NamedTuple):
    """The field of a record that is constant as a whole."""

    value: object


class Read(NamedTuple):
    """An operation that reads a value, and at which place."""

    op: Operation
    place: int


def narrow_values(uses: "Uses", block: Block) -> None:
    """Find the records of which one field is read, and say so in `uses`."""
    readers: dict[SSAValue, list[Read]] = {}
    made: list[SSAValue] = []
    for op in _walk(uses, block):
        for index, value in enumerate(op.operands):
            if not _is_passed(uses, op, index):
                readers.setdefault(uses.resolve(value), []).append(Read(op, index))
        if _is_rules(op) or isinstance(op, IfOp | MatchOp):
            made += [value for value in op.results if _record_of(value.type) is not None]
    for value in made:
        _narrow(uses, value, readers)


def projected(uses: "Uses", result: SSAValue, yielded: SSAValue) -> SSAValue | Constant | None:
    """Return the field of what a branch yields for a narrowed result."""
    return _field_of(uses, yielded, uses.narrow[result])


def _walk(uses: "Uses", block: Block) -> Iterator[Operation]:
    """Yield the operations of a function: those of the block and of all that is pasted."""
    for op in block.walk():
        yield op
        for edge in op.edges if isinstance(op, StageEnd) else ():
            step = uses.pasted.get(edge.target or "") if edge.mode == INLINE else None
            if step is not None:
                yield from _walk(uses, step.block)


def _is_passed(uses: "Uses", op: Operation, index: int) -> bool:
    """Say whether an operand only gets another name: nothing is read here."""
    if isinstance(op, data.GetOp | data.CoalesceOp):
        return not list(op.results[0].uses)  # Nobody reads what is read.
    if isinstance(op, ProcessOp):
        return op.body.block.args[index] in uses.alias
    if isinstance(op, StageEnd):
        return _is_only_pasted(uses, op, index)
    around = op.parent_op()
    if isinstance(around, ProcessOp | JournalOp) and op is around.body.block.last_op:
        return around.results[0] in uses.alias
    return False


def _is_only_pasted(uses: "Uses", op: StageEnd, index: int) -> bool:
    heads = len(op.operands) - len(op.passed)
    if index < heads:
        return False
    value = op.operands[index]
    for edge in op.edges:
        is_pasted = edge.mode == INLINE and (edge.target or "") in uses.pasted
        if value in edge.values and not is_pasted:
            return False
    return True


def _is_rules(op: Operation) -> bool:
    return isinstance(op, DecideOp) and op.mode.data == "first_match" and not op.optional_regions()


def _record_of(kind: Attribute) -> RecordType | None:
    inner = kind.inner if isinstance(kind, OptionType) else kind
    return inner if isinstance(inner, RecordType) else None


def _narrow(uses: "Uses", value: SSAValue, readers: Mapping[SSAValue, Sequence[Read]]) -> None:
    gets = [read.op for read in readers.get(value, ())]
    fields = {op.field.data for op in gets if isinstance(op, data.GetOp)}
    if value in uses.alias or len(fields) != 1 or not all(_is_get(uses, op) for op in gets):
        return
    kind = gets[0].results[0].type
    found = Narrow(fields.pop(), kind)
    if not _is_rules(cast(Operation, value.owner)) and not _has_parts(uses, value, found):
        return
    outer = _with_default(uses, value, found, gets, readers)
    for op in gets:
        uses.alias[op.results[0]] = value
    if outer is not None:
        for op in _coalesces(gets, uses, readers):
            uses.alias[op.results[0]] = value
    uses.narrow[value] = outer or found


def _is_get(uses: "Uses", op: Operation) -> bool:
    return isinstance(op, data.GetOp) and _is_free(uses, op)


def _is_free(uses: "Uses", op: Operation) -> bool:
    """Say whether the result may become another name: no way out hangs on it."""
    return op.results[0] not in uses.exits and op.results[0] not in uses.alias


def _has_parts(uses: "Uses", value: SSAValue, found: Narrow) -> bool:
    return all(_field_of(uses, each, found) is not None for each in _yielded(value))


def _yielded(value: SSAValue) -> list[SSAValue]:
    """Return what the branches yield for a result of an `if` or `match`."""
    result = cast(OpResult, value)
    op, position = result.op, result.index
    lasts = [block.last_op for region in op.regions for block in region.blocks]
    return [last.operands[position] for last in lasts if last is not None]


def _field_of(uses: "Uses", value: SSAValue, found: Narrow) -> SSAValue | Constant | None:
    made = uses.resolve(value).owner
    while isinstance(made, data.SomeOp):
        made = uses.resolve(made.value).owner
    if isinstance(made, data.NoneOp):
        return Constant(found.default)
    if isinstance(made, data.RecordOp):
        position = made.names.index(found.field)
        others = [each for index, each in enumerate(made.values) if index != position]
        return made.values[position] if all(map(uses.is_safe, others)) else None
    if not isinstance(made, data.ConstantOp):
        return None
    known = constant_value(made.result)
    if known is None or known[0] is None:
        return Constant(found.default)
    return Constant(known[0][found.field])


def _with_default(
    uses: "Uses",
    value: SSAValue,
    found: Narrow,
    gets: Sequence[Operation],
    readers: Mapping[SSAValue, Sequence[Read]],
) -> Narrow | None:
    """Return the field with the constant that all readers put in the place of a missing record."""
    record = _record_of(value.type)
    inner = None if record is None else record.field(found.field)
    if not isinstance(value.type, OptionType) or inner is None or isinstance(inner, OptionType):
        return None
    reads = [read for op in gets for read in readers.get(op.results[0], ())]
    defaults = [
        uses.resolve(read.op.default)
        for read in reads
        if isinstance(read.op, data.CoalesceOp) and read.place == 0 and _is_free(uses, read.op)
    ]
    constants = [each for each in defaults if isinstance(each.owner, data.ConstantOp)]
    if not constants or len(constants) != len(reads):
        return None
    values = [constant_value(each) for each in constants]
    is_same = len({repr(each) for each in values}) == 1  # Zero is not minus zero.
    if values[0] is None or not is_same or any(each.type != inner for each in constants):
        return None
    return Narrow(found.field, inner, values[0][0])


def _coalesces(
    gets: Sequence[Operation], uses: "Uses", readers: Mapping[SSAValue, Sequence[Read]]
) -> list[Operation]:
    # The results of the gets stand for the record by now: they are read under their own names.
    return [read.op for op in gets for read in readers.get(op.results[0], ())]
