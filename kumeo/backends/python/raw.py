"""Which fields of type json nothing looks into: they pass through a printed function as bytes.

A field is named by its record and its name. Fields between which a value is copied stand or fall
together. A field falls when something reads its value, makes it, or reads a record around it as a
whole; when an agent gives or takes it; and when it crosses an edge, where bodies are no JSON.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.ir import Attribute, Operation, SSAValue

from kumeo.dialects.agent import AgentOp, ProcessOp, StageEnd, YieldOp
from kumeo.dialects.agent.stages import INLINE
from kumeo.dialects.data import (
    GetOp,
    JsonType,
    ListType,
    MapType,
    OptionType,
    RecordOp,
    RecordType,
    SetOp,
)
from kumeo.dialects.messaging import EdgeOp, ServiceOp
from kumeo.dialects.workflow import ConfigOp, EmitOp, SourceOp, WorkflowOp

Node: TypeAlias = tuple[Attribute, str] | SSAValue


def raw_fields(workflow: WorkflowOp) -> frozenset[tuple[Attribute, str]]:
    """Return the fields that may stay bytes, by record and name."""
    search = _Search()
    for op in workflow.walk():
        search.look_at(op)
    return frozenset(
        node for node in search.fields if search.root(node) not in search.roots_of_read()
    )


@dataclass
class _Search:
    """Classes of places that hold the same values, and the places that are read."""

    fields: dict[tuple[Attribute, str], None] = field(
        default_factory=dict[tuple[Attribute, str], None]
    )
    read: set[Node] = field(default_factory=set[Node])
    _parents: dict[Node, Node] = field(default_factory=dict[Node, Node])

    def root(self, node: Node) -> Node:
        """Return what stands for all places that hold the same values."""
        while node in self._parents:
            node = self._parents[node]
        return node

    def roots_of_read(self) -> set[Node]:
        """Return the classes that something reads."""
        return {self.root(node) for node in self.read}

    def join(self, left: Node, right: Node) -> None:
        """Note that two places hold the same value."""
        first, second = self.root(left), self.root(right)
        if first != second:
            self._parents[first] = second

    def look_at(self, op: Operation) -> None:
        """Take one op into account."""
        match op:
            case SourceOp():
                self.fields.update(dict.fromkeys(json_fields(op.payload)))
            case EdgeOp():
                for part in op.fields:
                    self.read_all(part.type)
            case ConfigOp():
                self.read_all(op.type)
            case EmitOp() | YieldOp():
                return
            case _:
                self._copy(op)

    def _copy(self, op: Operation) -> None:
        """Note where an op puts the values that it reads."""
        match op:
            case GetOp() if isinstance(op.base.type, RecordType):
                self._join_field(op.base.type, op.field.data, op.result)
            case RecordOp():
                for name, value in zip(op.names, op.values, strict=True):
                    self._join_field(op.result.type, name, value)
            case SetOp() if isinstance(op.base.type, RecordType):
                self._join_field(op.base.type, op.field.data, op.value)
            case ProcessOp():
                self._join_values(op.inputs, op.body.block.args)
                last = op.body.block.last_op
                self._join_values(() if last is None else last.operands, [op.result])
            case StageEnd():
                self._join_edges(op)
            case _:
                self._read_whole(op)

    def _read_whole(self, op: Operation) -> None:
        if isinstance(op, WorkflowOp | ServiceOp):
            return
        for value in (*op.operands, *op.results):
            self.read.add(value)
            self.read_all(value.type)
        if isinstance(op, AgentOp):
            self.read_all(op.result.type)

    def read_all(self, kind: Attribute) -> None:
        """Note that everything in a type is read."""
        self.read.update(json_fields(kind))

    def _join_field(self, record: Attribute, name: str, value: SSAValue) -> None:
        if isinstance(value.type, JsonType):
            self.fields[record, name] = None
            self.join((record, name), value)

    def _join_values(self, left: Iterable[SSAValue], right: Iterable[SSAValue]) -> None:
        for one, other in zip(left, right, strict=False):
            self.join(one, other)

    def _join_edges(self, op: StageEnd) -> None:
        service = op.parent_op()
        steps = service.parent_op() if service is not None else None
        for edge in op.edges:
            found = steps.steps.get(edge.target or "") if isinstance(steps, ServiceOp) else None
            if edge.mode == INLINE and found is not None:
                self._join_values(edge.values, found.body.block.args)
                continue
            for value in edge.values:
                self.read.add(value)
                self.read_all(value.type)


def json_fields(kind: Attribute) -> Iterator[tuple[Attribute, str]]:
    """Yield the fields of type json anywhere in a type."""
    match kind:
        case OptionType():
            yield from json_fields(kind.inner)
        case ListType():
            yield from json_fields(kind.item)
        case MapType():
            yield from json_fields(kind.value)
        case RecordType():
            for name, inner in kind.fields:
                if isinstance(inner, JsonType):
                    yield (kind, name)
                yield from json_fields(inner)
        case _:
            return
