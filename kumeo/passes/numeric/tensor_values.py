"""Values of events as they stand inside a numeric program, and which `data` ops it can compute.

    translator.value(%hot)     // the tensor that carries `%hot`, or a reason why there is none

A value is `Scalar` (one number for each row), `Row` (several) or `Fields` (a record of them). With
it goes what it takes to be no failure: `needs` are the fallible values that it always needs, in the
order in which they are looked at, `may_need` those that it needs for some rows. A program may only
stand for a value where the two are the same: then the value fails exactly when one of them does.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from xdsl.builder import Builder
from xdsl.dialects.builtin import f64
from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.dialects import data, infer
from kumeo.dialects.agent import ProcessOp
from kumeo.dialects.agent.functions import YieldOp
from kumeo.dialects.data.constants import constant_value
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.data.types import (
    BOOL,
    FLOAT,
    INT,
    EnumType,
    ListType,
    MapType,
    OptionType,
    RecordType,
)
from kumeo.dialects.infer.encoding import operand_tensor
from kumeo.dialects.infer.tensors import BATCH, shape_of
from kumeo.dialects.workflow import OnOp
from kumeo.models.emitting import Emit

Needs: TypeAlias = tuple[SSAValue, ...]


@dataclass(frozen=True)
class Scalar:
    """One number for each row; `kind` is the data type that the numbers stand for."""

    tensor: SSAValue
    kind: Attribute
    needs: Needs = ()
    may_need: frozenset[SSAValue] = frozenset()

    @property
    def is_strict(self) -> bool:
        """Whether it fails exactly when one of its needs does."""
        return self.may_need <= set(self.needs)


@dataclass(frozen=True)
class Row:
    """Several floats for each row; `keys` name them where the value is a map."""

    tensor: SSAValue
    width: int
    keys: tuple[str, ...] = ()
    needs: Needs = ()


@dataclass(frozen=True)
class Fields:
    """A record."""

    values: "Mapping[str, Translated]"
    needs: Needs = ()


Translated: TypeAlias = "Scalar | Row | Fields"


class NotNumericError(Exception):
    """A value cannot be computed by a numeric program; the text says why."""


def joined(*needs: Needs) -> Needs:
    """Return all needs in order, each once."""
    return tuple(dict.fromkeys(value for part in needs for value in part))


@dataclass
class Translator:
    """Writes ops of `infer` for values of a block, each once.

    `known` holds what is inside of the program already: the results of its agents.
    """

    add_operand: Callable[[SSAValue], SSAValue]
    """Makes a value from outside an operand, and returns the argument of the region for it."""
    emit: Emit
    known: dict[SSAValue, Translated] = field(default_factory=dict[SSAValue, Translated])
    inside: set[SSAValue] = field(default_factory=set[SSAValue])
    """Results of the program's agents, and arguments of bodies that it computes."""

    @classmethod
    def at(cls, builder: Builder, add_operand: Callable[[SSAValue], SSAValue]) -> "Translator":
        """Return a translator that writes at the place of a builder."""
        return cls(add_operand, Emit(builder))

    def scalar(self, value: SSAValue) -> Scalar:
        """Return one number for each row. Raises: NotNumericError."""
        found = self.value(value)
        if not isinstance(found, Scalar):
            raise NotNumericError(f"a value of the type {value.type} is no number")
        return found

    def value(self, value: SSAValue) -> Translated:
        """Return a value inside of the program. Raises: NotNumericError."""
        if value not in self.known:
            self.known[value] = self._translate(value)
        return self.known[value]

    def input(self, value: SSAValue) -> Translated:
        """Return an operand of an agent: it has a number in each row. Raises: NotNumericError."""
        found = self.value(value)
        if _is_batched(found):
            return found
        if constant_value(value) is None or operand_tensor(value.type) is None:
            raise NotNumericError("an input has the same value in every row")
        return Scalar(self.add_operand(value), value.type)

    def reads_program(self, value: SSAValue) -> bool:
        """Say whether a value is computed from results of the program's agents."""
        return reaches(value, self.inside)

    def _translate(self, value: SSAValue) -> Translated:
        if not self.reads_program(value):
            constant = self._constant(value)
            return self._operand(value) if constant is None else constant
        owner = value.owner
        assert isinstance(owner, Operation), "an argument is computed from nothing"
        rule = self.RULES.get(type(owner))
        if rule is None:
            raise NotNumericError(f"`{owner.name}` is not computed on tensors")
        return rule(self, owner)

    def _operand(self, value: SSAValue) -> Scalar:
        if operand_tensor(value.type) is None:
            raise NotNumericError(f"a value of the type {value.type} is no number")
        needs = () if is_total(value) else (value,)
        return Scalar(self.add_operand(value), value.type, needs, frozenset(needs))

    def _constant(self, value: SSAValue) -> Scalar | None:
        known = constant_value(value)
        if known is None:
            return None
        number, kind = known[0], value.type
        if isinstance(kind, EnumType):
            number = kind.names.index(str(number))
        if kind not in (FLOAT, INT, BOOL) and not isinstance(kind, EnumType):
            return None
        return Scalar(self.emit.constant(number), kind)

    # Rules of ops that read results of the program.

    def _get(self, op: data.GetOp) -> Translated:
        base = self.value(op.base)
        if not isinstance(base, Fields) or op.field.data not in base.values:
            raise NotNumericError(f"`{op.field.data}` is not among the numbers of the program")
        found = base.values[op.field.data]
        return _needing(found, base.needs)

    def _record(self, op: data.RecordOp) -> Fields:
        values = {n: self.value(v) for n, v in zip(op.names, op.values, strict=True)}
        return Fields(values, joined(*(each.needs for each in values.values())))

    def _index(self, op: data.IndexOp) -> Scalar:
        base, known = self.value(op.base), constant_value(op.index)
        if not isinstance(base, Row) or known is None:
            raise NotNumericError("`data.index` needs a place that is known")
        place = base.keys.index(known[0]) if known[0] in base.keys else known[0]
        if isinstance(op.base.type, MapType) or not isinstance(place, int):
            raise NotNumericError("`data.index` of a map may give null")
        if not 0 <= place < base.width:
            raise NotNumericError(f"the place {place} is outside of the row")
        return self._made(self.emit.column(base.tensor, place), FLOAT, base.needs)

    def _compare(self, op: data.CompareOp) -> Scalar:
        left, right = self.scalar(op.lhs), self.scalar(op.rhs)
        if left.kind != right.kind or operand_tensor(left.kind) is None:
            raise NotNumericError("`data.compare` of different types")
        if left.kind == BOOL and op.predicate.data not in ("eq", "ne"):
            raise NotNumericError("`data.compare` of truth values by order")
        made = self.emit.add(infer.CompareOp(op.predicate.data, left.tensor, right.tensor))
        return self._of(made, BOOL, left, right)

    def _arithmetic(self, op: data.AddOp | data.SubOp | data.MulOp) -> Scalar:
        left, right = self.scalar(op.lhs), self.scalar(op.rhs)
        if left.kind != FLOAT or right.kind != FLOAT:
            raise NotNumericError(f"`{op.name}` of integers may overflow")
        kinds = {data.AddOp: infer.AddOp, data.SubOp: infer.SubOp, data.MulOp: infer.MulOp}
        return self._of(
            self.emit.add(kinds[type(op)](left.tensor, right.tensor)), FLOAT, left, right
        )

    def _neg(self, op: data.NegOp) -> Scalar:
        inner = self.scalar(op.operands[0])
        if inner.kind != FLOAT:
            raise NotNumericError("`data.neg` of integers may overflow")
        return self._of(self.emit.add(infer.NegOp(inner.tensor)), FLOAT, inner)

    def _not(self, op: data.NotOp) -> Scalar:
        inner = self.scalar(op.operands[0])
        return self._of(self.emit.add(infer.NotOp(inner.tensor)), BOOL, inner)

    def _logic(self, op: data.AndOp | data.OrOp) -> Scalar:
        """Join two conditions; the second one matters only where the first does not decide."""
        left, right = self.scalar(op.operands[0]), self.scalar(op.operands[1])
        kind = infer.AndOp if isinstance(op, data.AndOp) else infer.OrOp
        made = self.emit.add(kind(left.tensor, right.tensor))
        return Scalar(made, BOOL, left.needs, left.may_need | right.may_need)

    def _select(self, op: data.SelectOp) -> Scalar:
        chosen, then, other = (self.scalar(operand) for operand in op.operands)
        if then.kind != other.kind:
            raise NotNumericError("`data.select` of different types")
        made = self.emit.add(infer.SelectOp(chosen.tensor, then.tensor, other.tensor))
        both = tuple(value for value in then.needs if value in other.needs)
        may_need = chosen.may_need | then.may_need | other.may_need
        return Scalar(made, then.kind, joined(chosen.needs, both), may_need)

    def _cast(self, op: data.CastOp) -> Scalar:
        inner = self.scalar(op.value)
        if (inner.kind, op.result.type) != (INT, FLOAT):
            raise NotNumericError("`data.cast` is only computed from integers to floats")
        return self._of(self.emit.cast(inner.tensor, f64), FLOAT, inner)

    def _call(self, op: data.CallOp) -> Scalar:
        """Take the larger or smaller of two numbers: the first where they are equal, never NaN
        where the other one is a number.
        """
        predicate = {"max": "gt", "min": "lt"}.get(op.function.data)
        if predicate is None or len(op.arguments) != 2:
            raise NotNumericError(f"`{op.function.data}` is not computed on tensors")
        first, second = (self.scalar(each) for each in op.arguments)
        if first.kind != second.kind or first.kind not in (FLOAT, INT):
            raise NotNumericError(f"`{op.function.data}` of what are no numbers of one type")
        emit = self.emit
        takes = emit.add(infer.CompareOp(predicate, second.tensor, first.tensor))
        if first.kind == FLOAT:
            takes = emit.add(infer.OrOp(takes, emit.add(infer.IsNanOp(first.tensor))))
        made = emit.add(infer.SelectOp(takes, second.tensor, first.tensor))
        return self._of(made, first.kind, first, second)

    def _coalesce(self, op: data.CoalesceOp) -> Scalar:
        """Take the default where an option is null; only there a failure of it matters."""
        option, default = self.scalar(op.value), self.scalar(op.default)
        if not isinstance(option.kind, OptionType) or option.kind.inner != default.kind:
            raise NotNumericError("`data.coalesce` gives an option")
        if default.kind == FLOAT and not is_finite(op.value):
            raise NotNumericError("a float that may be NaN is not told from null")
        emit, kind = self.emit, default.kind
        if kind == FLOAT:
            is_null = emit.add(infer.IsNanOp(option.tensor))
        else:
            is_null = emit.add(infer.CompareOp("lt", option.tensor, emit.constant(0)))
        inner = option.tensor
        if kind == BOOL:
            inner = emit.add(infer.CompareOp("gt", inner, emit.constant(0)))
        made = emit.add(infer.SelectOp(is_null, default.tensor, inner))
        return Scalar(made, kind, option.needs, option.may_need | default.may_need)

    def _process(self, op: ProcessOp) -> Translated:
        """Compute the body of a process on the values of its inputs."""
        if op.fallback is not None and op.fallback.blocks:
            raise NotNumericError(f"`{op.agent_id}` has a fallback")
        needs: Needs = ()
        for value, argument in zip(op.inputs, op.body.block.args, strict=True):
            found = self.value(value)
            self.known[argument] = found
            self.inside.add(argument)
            needs = joined(needs, found.needs)
            if isinstance(found, Scalar) and not found.is_strict:
                raise NotNumericError(f"`{op.agent_id}` may run without all of its inputs")
        last = op.body.block.last_op
        if not isinstance(last, YieldOp) or not last.operands:
            raise NotNumericError(f"`{op.agent_id}` gives no value")
        return _needing(self.value(last.operands[0]), needs)

    def _of(self, tensor: SSAValue, kind: Attribute, *parts: Scalar) -> Scalar:
        may_need = frozenset[SSAValue]().union(*(part.may_need for part in parts))
        return Scalar(tensor, kind, joined(*(part.needs for part in parts)), may_need)

    def _made(self, tensor: SSAValue, kind: Attribute, needs: Needs) -> Scalar:
        return Scalar(tensor, kind, needs, frozenset(needs))

    RULES: ClassVar[Mapping[type[Operation], Callable[..., Translated]]] = {
        data.GetOp: _get,
        data.RecordOp: _record,
        data.IndexOp: _index,
        data.CompareOp: _compare,
        data.AddOp: _arithmetic,
        data.SubOp: _arithmetic,
        data.MulOp: _arithmetic,
        data.NegOp: _neg,
        data.NotOp: _not,
        data.AndOp: _logic,
        data.OrOp: _logic,
        data.SelectOp: _select,
        data.CastOp: _cast,
        data.CallOp: _call,
        data.CoalesceOp: _coalesce,
        ProcessOp: _process,
    }


def _is_batched(found: Translated) -> bool:
    """Say whether each row has a value of its own; a constant stands for all rows."""
    if isinstance(found, Fields):
        return all(map(_is_batched, found.values.values()))
    return BATCH in shape_of(found.tensor.type)


def reaches(value: SSAValue, known: Container[SSAValue]) -> bool:
    """Say whether `value` is computed from one of the `known` values, in its block or in a body."""
    todo, seen = [value], set[Operation]()
    while todo:
        found = todo.pop()
        if found in known:
            return True
        owner = found.owner
        if isinstance(owner, Operation) and owner not in seen:
            seen.add(owner)
            todo.extend(owner.operands)
    return False


def is_total(value: SSAValue) -> bool:
    """Say whether a value is no failure: neither data ops nor bodies that it comes from fail."""
    owner = value.owner
    if never_fails(value):
        return True
    if isinstance(owner, data.DataOp):
        return not owner.regions and not owner.can_fail() and all(map(is_total, owner.operands))
    if not isinstance(owner, ProcessOp):
        return False
    ops = list(owner.body.block.ops)
    known = all(isinstance(op, data.DataOp) and not op.regions for op in ops[:-1])
    total = known and not any(op.can_fail() for op in ops if isinstance(op, data.DataOp))
    return total and all(map(is_total, owner.operands))


def is_finite(value: SSAValue) -> bool:
    """Say whether a number is read from an event as it has come: events hold no NaN."""
    while isinstance(value.owner, data.GetOp):
        value = value.owner.base
    block = value.owner
    return isinstance(block, Block) and isinstance(block.parent_op(), OnOp)


def _needing(value: Translated, needs: Needs) -> Translated:
    """Return a part of something that has needs of its own."""
    match value:
        case Scalar():
            whole = joined(needs, value.needs)
            return Scalar(value.tensor, value.kind, whole, value.may_need | set(needs))
        case Row():
            return Row(value.tensor, value.width, value.keys, joined(needs, value.needs))
        case Fields():
            return Fields(value.values, joined(needs, value.needs))


def structure(tensor: SSAValue, kind: Attribute, keys: tuple[str, ...], needs: Needs) -> Translated:
    """Return a result of an agent: a number, or a row of floats."""
    if isinstance(kind, ListType | RecordType | MapType):
        return Row(tensor, shape_of(tensor.type)[1], keys, needs)
    return Scalar(tensor, kind, needs, frozenset(needs))
