"""`prune-fields`: carry only the fields that are read.

    %f = agent.process (%tx) do (%t: !tx) {
      %a = data.get %t["amount"] : f64
      %c = data.get %t["country"] : !data.str
      %r = data.record {amount = %a, country = %c}
      agent.yield %r
    } id "f" site "f" : (!tx) -> !data.record<{amount: f64, country: !data.str}>
    %x = data.get %f["amount"] : f64          // the only reader of %f

becomes

    %a = data.get %tx["amount"] : f64
    %f = agent.process (%a) do (%t: f64) {
      %r = data.record {amount = %t}
      agent.yield %r
    } id "f" site "f" : (f64) -> !data.record<{amount: f64}>

Three things shrink: the record that a process gives, if its readers take fields; the records that a
process takes; and a record that `if`, `match` or `try` gives, which becomes one result for each
field that is read. What is emitted, shown to a person or given to a model, a prompt or user code is
never changed: there the whole value is read.

Sound because reading a field of a record fails exactly when the record is a failure, with the same
failure:

- A record that reads its values strictly fails with the first of them. So a field is left out of it
  only if its value never fails; else the whole record is made and then cast to the smaller one,
  which fails alike.
- An input stands for its fields in the place where it stood, so the first failing operand is the
  same failure. An input of which nothing is read is dropped only if it never fails.
- A result of control flow is a failure if the condition failed, and so is each field of it. A `try`
  observes the fields where it observed the record.

The process itself still runs, with the same id and site. Readers are narrowed before what they
read, so one walk from the end to the start is enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.levels import ACTIVATIONS
from kumeo.dialects.agent import ProcessOp
from kumeo.dialects.base import at
from kumeo.dialects.data import CastOp, GetOp, RecordOp, RecordType
from kumeo.dialects.data.failure import never_fails
from kumeo.dialects.workflow import ControlOp
from kumeo.passes.base import OpPass


@dataclass(frozen=True)
class PruneFieldsPass(OpPass):
    """Carry only the fields that are read."""

    name = "prune-fields"
    LEVELS: ClassVar[tuple[str, ...]] = ACTIVATIONS

    def apply_to(self, ctx: Context, root: Operation) -> None:
        """Narrow what is inside `root`, readers first."""
        for block in reversed([block for region in root.regions for block in region.blocks]):
            self._visit(block)

    def _visit(self, block: Block) -> None:
        for op in reversed(list(block.ops)):
            now = op
            if isinstance(op, ProcessOp):
                now = self._narrow_inputs(self._narrow_result(op))
            elif isinstance(op, ControlOp):
                now = self._split_results(op)
            for inner in reversed([inner for region in now.regions for inner in region.blocks]):
                self._visit(inner)

    def _narrow_result(self, op: ProcessOp) -> ProcessOp:
        read = fields_read(op.result)
        kind = op.result.type
        if not read or not isinstance(kind, RecordType) or len(read) == len(kind.names):
            return op
        small = RecordType.of({name: t for name, t in kind.fields if name in read})
        for region in op.regions:
            _narrow_yielded(region.block, small)
        _erase_unread(op.body.block)
        new = ProcessOp.create(
            operands=op.operands,
            result_types=[small],
            properties=op.properties,
            attributes=op.attributes,
            location=op.location,
            regions=[op.detach_region(region) for region in list(op.regions)],
        )
        new.result.name_hint = op.result.name_hint
        gone = [name for name in kind.names if name not in read]
        self.count("fields dropped", len(gone))
        self.remark(op, f"`{op.agent_id}` no longer gives {_listed(gone)}: nothing reads that")
        Rewriter.replace_op(op, new)
        return new

    def _narrow_inputs(self, op: ProcessOp) -> ProcessOp:
        """Replace records among the inputs by the fields that the region reads."""
        inputs: list[SSAValue] = []
        before = len(op.inputs)
        for value, argument in list(zip(op.inputs, op.body.block.args, strict=True)):
            inputs += self._narrow_input(op, value, argument)
        if len(inputs) != before or any(a is not b for a, b in zip(inputs, op.inputs, strict=True)):
            op.operands = inputs
        return op

    def _narrow_input(self, op: ProcessOp, value: SSAValue, argument: SSAValue) -> list[SSAValue]:
        """Return what to pass instead of `value`; the argument of the region is made to fit."""
        read, kind = fields_read(argument), value.type
        block = op.body.block
        if argument.first_use is None:
            return self._drop_input(op, value, argument)
        if not read or not isinstance(kind, RecordType) or len(read) == len(kind.names):
            return [value]
        gets = [at(GetOp(value, name), op.location) for name in kind.names if name in read]
        Rewriter.insert_op(gets, InsertPoint.before(op))
        position = block.args.index(argument)
        fresh = {
            get.field.data: block.insert_arg(get.result.type, position + 1 + i)
            for i, get in enumerate(gets)
        }
        for name, field_value in fresh.items():
            field_value.name_hint = name if SSAValue.is_valid_name(name) else None
        _read_instead(argument, fresh)
        block.erase_arg(block.args[position])
        gone = len(kind.names) - len(read)
        self.count("fields dropped", gone)
        self.remark(op, f"`{op.agent_id}` takes {len(read)} of {len(kind.names)} fields")
        return [get.result for get in gets]

    def _drop_input(self, op: ProcessOp, value: SSAValue, argument: SSAValue) -> list[SSAValue]:
        if not never_fails(value):
            self.remark(op, f"an unread input of `{op.agent_id}` stays: its failure would matter")
            return [value]
        block = op.body.block
        block.erase_arg(block.args[block.args.index(argument)])
        self.count("inputs dropped")
        return []

    def _split_results(self, op: ControlOp) -> ControlOp:
        """Give the fields that are read instead of records of which only fields are read."""
        wanted = [_parts_of(result) for result in op.results]
        if not any(wanted):
            return op
        for block in [block for region in op.regions for block in region.blocks]:
            _yield_parts(block, wanted)
        types = [
            field
            for result, names in zip(op.results, wanted, strict=True)
            for field in _types_of(result, names)
        ]
        new = type(op).create(
            operands=op.operands,
            result_types=types,
            properties=op.properties,
            attributes=op.attributes,
            location=op.location,
            regions=[op.detach_region(region) for region in list(op.regions)],
        )
        _replace_results(op, new, wanted)
        self.count("results split", sum(map(bool, wanted)))
        self.remark(new, f"`{op.name}` gives only the fields that are read")
        return new


def fields_read(value: SSAValue) -> set[str]:
    """Return the fields that readers take from a record; none if it is also read as a whole."""
    names = set[str]()
    for use in value.uses:
        if not isinstance(use.operation, GetOp):
            return set()
        names.add(use.operation.field.data)
    return names


def _parts_of(result: SSAValue) -> list[str]:
    """Return the fields to carry instead of a result, in order; none to leave it as it is."""
    kind, read = result.type, fields_read(result)
    if not isinstance(kind, RecordType) or len(read) == len(kind.names):
        return []
    return [name for name in kind.names if name in read]


def _types_of(result: SSAValue, names: Sequence[str]) -> list[Attribute]:
    kind = result.type
    if not names or not isinstance(kind, RecordType):
        return [kind]
    return [field for name, field in kind.fields if name in names]


def _yield_parts(block: Block, wanted: Sequence[Sequence[str]]) -> None:
    """Yield the wanted fields of each value, or the whole value where none are named."""
    end = block.last_op
    if end is None:
        return
    values: list[SSAValue] = []
    for value, names in zip(end.operands, wanted, strict=True):
        gets = [at(GetOp(value, name), end.location) for name in names]
        Rewriter.insert_op(gets, InsertPoint.before(end))
        values += [get.result for get in gets] or [value]
    end.operands = values


def _replace_results(op: ControlOp, new: ControlOp, wanted: Sequence[Sequence[str]]) -> None:
    """Put `new` in the place of `op`; who took a field of a record reads the field itself."""
    values = list(new.results)
    whole: list[SSAValue | None] = []
    for result, names in zip(op.results, wanted, strict=True):
        if not names:
            values[0].name_hint = result.name_hint
            whole.append(values.pop(0))
            continue
        _read_instead(result, dict(zip(names, values[: len(names)], strict=True)))
        del values[: len(names)]
        whole.append(None)
    Rewriter.replace_op(op, new, whole)


def _read_instead(record: SSAValue, fields: Mapping[str, SSAValue]) -> None:
    """Replace what reads fields of `record` by the fields themselves."""
    for get in [use.operation for use in list(record.uses)]:
        if isinstance(get, GetOp):
            Rewriter.replace_op(get, [], [fields[get.field.data]])


def _narrow_yielded(block: Block, small: RecordType) -> None:
    """Yield a smaller record, if the block yields one."""
    end = block.last_op
    if end is None or not end.operands:
        return
    narrow = _narrowed(end.operands[0], small, end.location)
    Rewriter.insert_op(narrow, InsertPoint.before(end))
    end.operands = [narrow.result]


def _narrowed(value: SSAValue, small: RecordType, location: LocationAttr) -> RecordOp | CastOp:
    """Return an op that makes the smaller record and fails exactly if `value` is a failure."""
    made = value.owner
    if isinstance(made, RecordOp):
        pairs = list(zip(made.names, made.values, strict=True))
        if all(never_fails(each) for name, each in pairs if name not in small.names):
            kept = [each for name, each in pairs if name in small.names]
            return at(RecordOp(kept, small), made.location)
    return at(CastOp(value, small), location)


def _erase_unread(block: Block) -> None:
    """Erase the ops of a process that nothing reads any more; `data` ops have no effects."""
    for op in reversed(list(block.ops)):
        if op.results and all(result.first_use is None for result in op.results):
            Rewriter.erase_op(op)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
