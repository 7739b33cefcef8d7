"""A group of agents that become one `agent.infer`, from the first member to the finished op."""

from dataclasses import dataclass, field
from typing import cast

from xdsl.builder import Builder
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.symbols import SymbolIndex
from kumeo.diagnostics import Diagnostic
from kumeo.dialects import agent, data, infer
from kumeo.dialects.agent import AgentOp, DecideOp, InferOp, ProcessOp
from kumeo.dialects.data import DataOp, RecordType
from kumeo.dialects.infer.encoding import operand_tensor
from kumeo.dialects.workflow import ModelOp as DeclaredModel
from kumeo.models.importing import ImportedModel, Kind, import_model
from kumeo.models.network import Network, load_network
from kumeo.passes.files import read_model
from kumeo.passes.numeric.bodies import block_of, distinct, drop_dead
from kumeo.passes.numeric.fallbacks import with_fallback
from kumeo.passes.numeric.members import MAKERS, Member
from kumeo.passes.numeric.tensor_values import (
    Fields,
    Needs,
    NotNumericError,
    Translator,
    joined,
    reaches,
)

_NO_FILE = "its file cannot be read here"


@dataclass
class Opened:
    """The files of a module, each opened once."""

    models: dict[str, ImportedModel | str] = field(default_factory=dict[str, ImportedModel | str])
    networks: dict[str, Network | str] = field(default_factory=dict[str, Network | str])

    def model(self, op: Operation, symbol: str) -> ImportedModel | str:
        """Return a model, or why there is none."""
        if symbol not in self.models:
            self.models[symbol] = _model(op, symbol)
        return self.models[symbol]

    def network(self, op: Operation, symbol: str) -> Network | str:
        """Return a network, or why there is none."""
        if symbol not in self.networks:
            content = read_model(op, symbol)
            found = _NO_FILE if content is None else load_network(content, symbol)
            self.networks[symbol] = found.headline if isinstance(found, Diagnostic) else found
        return self.networks[symbol]


def _model(op: Operation, symbol: str) -> ImportedModel | str:
    content = read_model(op, symbol)
    root = op.get_toplevel_object()
    if content is None or not isinstance(root, ModuleOp):
        return _NO_FILE
    declared = SymbolIndex(root).resolve(op, symbol)
    if not isinstance(declared, DeclaredModel):
        return _NO_FILE
    found = import_model(content, cast(Kind, declared.kind.data), symbol)
    return found.headline if isinstance(found, Diagnostic) else found


class Group:
    """Agents of one block. `join` adds one, `write` puts the program into the block."""

    def __init__(self, first: AgentOp, files: Opened) -> None:
        self.first = first
        self.files = files
        self.name = f"infer.{first.agent_id}"
        self.body = Block()
        self.operands: dict[SSAValue, BlockArgument] = {}
        self.translator = Translator.at(Builder(InsertPoint.at_end(self.body)), self._operand)
        self.members: list[Member] = []
        self.hoisted: dict[Operation, None] = {}
        self.hints: dict[SSAValue, str] = {}
        """What agents call the values that they read."""
        self.outside: Needs | None = None
        """What all members need of outside values that may fail."""

    def _operand(self, value: SSAValue) -> SSAValue:
        """Return the argument of the region for an outside value."""
        if value not in self.operands:
            self._require_early(value)
            kind = operand_tensor(value.type)
            assert kind is not None, "the translator looks"
            argument = self.body.insert_arg(kind, len(self.body.args))
            argument.name_hint = self._name(value)
            self.operands[value] = argument
        return self.operands[value]

    def _name(self, value: SSAValue) -> str:
        return self.hints.get(value) or value.name_hint or "x"

    def _require_early(self, value: SSAValue) -> None:
        """Check that a value can be there before the first agent of the group runs."""
        todo, moved = [value], dict[Operation, None]()
        while todo:
            owner = todo.pop().owner
            if not isinstance(owner, Operation) or owner in moved or not self._is_late(owner):
                continue
            if any(owner is member.op for member in self.members):
                raise NotNumericError(f"it reads `{_called(owner)}`, whose fallback may run")
            if not isinstance(owner, DataOp) or owner.regions:
                raise NotNumericError(f"it reads what `{_called(owner)}` gives, which comes later")
            moved[owner] = None
            todo.extend(owner.operands)
        self.hoisted.update(moved)

    def _is_late(self, op: Operation) -> bool:
        block = self.first.parent_block()
        return op.parent_block() is block and not op.is_before_in_block(self.first)

    def join(self, op: AgentOp) -> None:
        """Add an agent. Raises: NotNumericError; the group then is as before."""
        last, operands = self.body.last_op, len(self.operands)
        known, hoisted = dict(self.translator.known), dict(self.hoisted)
        try:
            self._join(op)
        except NotNumericError:
            self._undo(last, operands)
            self.translator.known = known
            self.hoisted = hoisted
            raise
        for made in _after(self.body, last):
            made.location = op.location

    def _join(self, op: AgentOp) -> None:
        if isinstance(op, DecideOp) and not any(self._reads(value) for value in op.operands):
            raise NotNumericError("it reads no model or network of a program")
        for name, value in zip(op.operand_names(), op.operands, strict=False):
            self.hints.setdefault(value, name)
        member = MAKERS[type(op)](op, self.translator, self.files)
        outside = self._outside(member.needs)
        if self.outside is not None and outside != self.outside:
            raise NotNumericError("it needs other values that may fail")
        self.outside = outside
        self.members.append(member)
        found = self._read_inside(member)
        if found is not None:
            self.translator.inside.add(op.result)
            self.translator.known[op.result] = found

    def _read_inside(self, member: Member) -> Fields | None:
        """Return what other agents of the program read of a member, None if they cannot."""
        fallback = member.op.fallback
        if member.may_fail and fallback is not None and fallback.blocks:
            return with_fallback(member, self.translator.emit)
        assert isinstance(member.inside, Fields), "agents give records"
        return Fields(member.inside.values, (member.op.result,) if member.may_fail else ())

    def _reads(self, value: SSAValue) -> bool:
        return reaches(value, {member.op.result: member for member in self.members})

    def _outside(self, needs: Needs) -> Needs:
        """Return the outside values among the needs, and those of the members among them."""
        results: dict[SSAValue, Member] = {each.op.result: each for each in self.members}
        found: Needs = ()
        for value in needs:
            inner = self._outside(results[value].needs) if value in results else (value,)
            found = joined(found, inner)
        return found

    def _undo(self, last: Operation | None, operands: int) -> None:
        for op in reversed(_after(self.body, last)):
            Rewriter.erase_op(op)
        for value in list(self.operands)[operands:]:
            self.body.erase_arg(self.body.args[-1])
            del self.operands[value]

    # Writing.

    def write(self) -> None:
        """Put the program before the first agent, and let each agent unpack its numbers."""
        fields = {
            f"{member.op.agent_id}.{name}": output
            for member in self.members
            for name, output in member.outputs.items()
        }
        self.body.add_op(infer.YieldOp([tensor for tensor, _ in fields.values()]))
        drop_dead(self.body)
        self._drop_operands()
        kind = RecordType.of({name: carried for name, (_, carried) in fields.items()})
        for op in sorted(self.hoisted, key=_place_of):
            op.detach()
            block_of(self.first).insert_op_before(op, self.first)
        program = InferOp(
            self.name,
            f"infer.{self.first.site}",
            list(self.operands),
            distinct([self._name(value) for value in self.operands]),
            kind,
            Region(self.body),
        )
        program.location = self.first.location
        program.attributes |= self.first.attributes
        block_of(self.first).insert_op_before(program, self.first)
        replaced: dict[SSAValue, SSAValue] = {}
        for member in self.members:
            self._unpack(member, program, replaced)

    def _drop_operands(self) -> None:
        """Drop what no agent reads or needs; it was asked for before an agent was refused."""
        needed = {value for member in self.members for value in member.needs}
        for value, argument in list(self.operands.items()):
            if not argument.uses and value not in needed:
                self.body.erase_arg(self.body.args[argument.index])
                del self.operands[value]

    def _unpack(self, member: Member, program: InferOp, replaced: dict[SSAValue, SSAValue]) -> None:
        """Replace an agent by a process that makes its result from numbers."""
        op = member.op
        before = Builder(InsertPoint.before(op))
        gets = {
            name: before.insert(data.GetOp(program.result, f"{op.agent_id}.{name}")).result
            for name in member.outputs
        }
        needed = [replaced[value] for value in member.needs if value in replaced]
        inputs = [*gets.values(), *needed]
        body = Block(arg_types=[value.type for value in inputs])
        inside = Builder(InsertPoint.at_end(body))
        numbers = dict(zip(gets, body.args, strict=False))
        answer = member.unpack(inside, numbers)
        inside.insert(agent.YieldOp([answer]))
        process = ProcessOp(
            op.agent_id,
            op.site,
            inputs,
            op.result.type,
            Region(body),
            policy=op.policy,
            fallback=_moved(op.fallback),
        )
        process.attributes |= op.attributes
        before.insert(process)
        for made in (process, *body.ops, *(value.owner for value in gets.values())):
            assert isinstance(made, Operation)
            made.location = op.location
        process.result.name_hint = op.result.name_hint
        replaced[op.result] = process.result
        op.result.replace_all_uses_with(process.result)
        Rewriter.erase_op(op)


def _moved(region: Region | None) -> Region | None:
    """Return a region with the blocks of another one, which is empty then."""
    if region is None or not region.blocks:
        return None
    moved = Region()
    region.move_blocks(moved)
    return moved


def _called(op: Operation) -> str:
    return op.agent_id if isinstance(op, AgentOp) else op.name


def _place_of(op: Operation) -> int:
    return block_of(op).get_operation_index(op)


def _after(block: Block, last: Operation | None) -> list[Operation]:
    """Return the ops of a block after one of them, or all."""
    found: list[Operation] = []
    op = block.first_op if last is None else last.next_op
    while op is not None:
        found.append(op)
        op = op.next_op
    return found
