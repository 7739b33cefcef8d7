"""What all parts of the elaborator share: declarations, diagnostics, the place to insert.

One `Context` lives as long as the elaboration of one file. It is mutated by the elaborator only.
"""

import posixpath
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from xdsl.dialects.builtin import FileLineColLoc, IntAttr, LocationAttr, StringAttr, UnknownLoc
from xdsl.ir import Attribute, Block, Operation, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.irdl import IRDLOperation, irdl_attr_definition, irdl_op_definition, result_def

from kumeo.diagnostics import Diagnostic, Source, Span
from kumeo.frontend import tree
from kumeo.frontend.elaborate.sizes import TypeSizes
from kumeo.frontend.errors.outside import MissingFile

OperationT = TypeVar("OperationT", bound=Operation)


class Files(Protocol):
    """The files that a workflow names, read by the caller: the frontend itself opens nothing."""

    def read(self, path: str) -> bytes | None:
        """Return the bytes of `path`, relative to the folder of the file, or None when missing."""
        ...


@irdl_attr_definition
class PoisonType(ParametrizedAttribute, TypeAttribute):
    """The type of an expression that already has a diagnostic. It fits everywhere."""

    name = "kumeo.poison"


@irdl_op_definition
class PoisonOp(IRDLOperation):
    """A value of unknown type; a module that holds one is never handed out."""

    name = "kumeo.poison"
    value = result_def(PoisonType)

    def __init__(self) -> None:
        super().__init__(result_types=[PoisonType()])


POISON = PoisonType()


def is_poison(value: SSAValue | Attribute) -> bool:
    """Return whether a value (or a type) already has a diagnostic."""
    kind = value.type if isinstance(value, SSAValue) else value
    return isinstance(kind, PoisonType)


@dataclass
class Types:
    """The named types of a file: schemas, enums, imports."""

    by_name: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    places: dict[str, Span] = field(default_factory=dict[str, Span])
    defaults: dict[str, dict[str, tree.Expr]] = field(
        default_factory=dict[str, dict[str, tree.Expr]]
    )
    """Per schema: the default expressions of its fields, already checked."""

    def defaults_of(self, kind: Attribute) -> Mapping[str, tree.Expr]:
        """Return the defaults of a record type by field."""
        name = self.name_of(kind) if self.defaults else None
        return self.defaults.get(name, {}) if name is not None else {}

    def name_of(self, kind: Attribute) -> str | None:
        """Return the author's name of a type, for messages."""
        return next((n for n, t in self.by_name.items() if t == kind), None)


@dataclass
class Context:
    """State of one elaboration."""

    files: Files
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    types: Types = field(default_factory=Types)
    block: Block = field(default_factory=Block)
    """Where new operations go (at the end)."""
    folders: Mapping[Source, str] = field(default_factory=dict[Source, str])
    """Folders of imported files, relative to the folder of the main file."""
    wire_types: dict[Attribute, Attribute] = field(default_factory=dict[Attribute, Attribute])
    """Types of events as they arrive, to the types with their defaults filled in."""
    sizes: TypeSizes = field(default_factory=TypeSizes)
    aliases: frozenset[str] = frozenset()
    """Names after `as` in imports; `alias.Name` is the imported `Name`."""

    def path_of(self, string: tree.String) -> str:
        """Return the path of the file that `string` names, from the folder of the main file."""
        return posixpath.normpath(
            posixpath.join(self.folders.get(string.span.source, ""), string.value)
        )

    def read(self, string: tree.String) -> bytes | None:
        """Return the bytes of the file that `string` names, or None after a diagnostic."""
        path = self.path_of(string)
        content = self.files.read(path)
        if content is None:
            self.report(MissingFile(string.span, path))
        return content

    def unqualified(self, name: str) -> str:
        """Return `Name` of `alias.Name`."""
        alias, _, rest = name.partition(".")
        return rest if rest and alias in self.aliases else name

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic."""
        self.diagnostics.append(diagnostic)

    def poison(self, diagnostic: Diagnostic | None = None) -> SSAValue:
        """Report, and return a value that fits everywhere so that checking goes on."""
        if diagnostic is not None:
            self.report(diagnostic)
        op = PoisonOp()
        self.block.add_op(op)
        return op.value

    def add(self, op: OperationT, at: Span | tree.Node) -> OperationT:
        """Insert `op` at the end of the current block with the location of `at`."""
        op.location = location_of(at)
        self.block.add_op(op)
        return op

    @contextmanager
    def inside(self, block: Block) -> Generator[Block]:
        """Insert into `block` for the time of the `with` statement."""
        outer, self.block = self.block, block
        try:
            yield block
        finally:
            self.block = outer


def location_of(at: Span | tree.Node) -> LocationAttr:
    """Return the IR location of a place in a file."""
    span = at.span if isinstance(at, tree.Node) else at
    line, column = span.source.position(span.start)
    return FileLineColLoc(StringAttr(span.path), IntAttr(line), IntAttr(column))


def hint_of(name: str) -> str | None:
    """Return the author's name if a value of the IR can have it too."""
    return name if name.isascii() and name.isidentifier() else None


class Scope:
    """Names of values visible at a place, innermost first.

    A scope also answers for the sections of the body it belongs to: `source`, `config`, `now`.
    """

    def __init__(self, parent: "Scope | None" = None) -> None:
        self.parent = parent
        self.values: dict[str, SSAValue] = {}
        self.places: dict[str, Span] = {}

    def bind(self, name: str, value: SSAValue, place: Span | None = None) -> None:
        """Make `value` visible as `name` in this scope."""
        self.values[name] = value
        if place is not None:
            self.places[name] = place

    def find(self, name: str) -> SSAValue | None:
        """Return the value of a name: an agent, a loop variable, `source`."""
        if name in self.values:
            return self.values[name]
        return None if self.parent is None else self.parent.find(name)

    def place_of(self, name: str) -> Span | None:
        """Return where a name is defined."""
        if name in self.places:
            return self.places[name]
        return None if self.parent is None else self.parent.place_of(name)

    def defines(self, name: str) -> bool:
        """Return whether a name has a value here; unlike `find`, this reads nothing."""
        if name in self.values:
            return True
        return self.parent is not None and self.parent.defines(name)

    def refined(self, path: str) -> SSAValue | None:
        """Return the value of a path such as `source.country` where it is known not to be null."""
        if path.partition(".")[0] in self.values:
            return None
        return None if self.parent is None else self.parent.refined(path)

    def visible(self) -> set[str]:
        """Return all visible names, for nearest-name help."""
        outer = set[str]() if self.parent is None else self.parent.visible()
        return outer | set(self.values)

    def config(self, name: str) -> SSAValue | None:
        """Return the value of `config.name`, or None when there is no such entry."""
        return None if self.parent is None else self.parent.config(name)

    def config_names(self) -> Mapping[str, Attribute]:
        """Return the entries of the `config` section with their types."""
        return {} if self.parent is None else self.parent.config_names()

    def now(self) -> SSAValue:
        """Return the time of the activation."""
        if self.parent is None:
            raise AssertionError("a body scope answers `now`")
        return self.parent.now()

    def missing(self, name: tree.Variable) -> Diagnostic | None:
        """Return a diagnostic that explains better than `unknown-name` why a name is unknown."""
        return None if self.parent is None else self.parent.missing(name)

    def context(self, name: str, at: Span) -> SSAValue | None:
        """Return the text of `context.name` (reads it where it is used), or None when unknown."""
        return None if self.parent is None else self.parent.context(name, at)

    def context_names(self) -> tuple[str, ...]:
        """Return the entries of the `context` section."""
        return () if self.parent is None else self.parent.context_names()


class IsolatedScope(Scope):
    """The scope of a region isolated from above: each outer value becomes a block argument."""

    def __init__(self, parent: Scope, block: Block, at: Span | tree.Node | None = None) -> None:
        super().__init__(parent)
        self.block = block
        self.location: LocationAttr = UnknownLoc() if at is None else location_of(at)
        self.inputs: list[SSAValue] = []
        self._arguments: dict[SSAValue, SSAValue] = {}

    def find(self, name: str) -> SSAValue | None:
        """Return the block argument that stands for an outer value."""
        if name in self.values:
            return self.values[name]
        return self.capture(super().find(name))

    def refined(self, path: str) -> SSAValue | None:
        """Return the block argument that stands for a value known not to be null."""
        return self.capture(super().refined(path))

    def config(self, name: str) -> SSAValue | None:
        """Return the block argument that stands for a configuration value."""
        return self.capture(super().config(name))

    def now(self) -> SSAValue:
        """Return the block argument that stands for the time of the activation."""
        captured = self.capture(super().now())
        assert captured is not None
        return captured

    def context(self, name: str, at: Span) -> SSAValue | None:
        """Return the block argument that stands for a context."""
        return self.capture(super().context(name, at))

    def capture(self, value: SSAValue | None) -> SSAValue | None:
        """Return the block argument for `value`, made on first use."""
        if value is None or is_poison(value):
            return value
        if value not in self._arguments:
            self.inputs.append(value)
            index = len(self.block.args)
            argument = self.block.insert_arg(value.type, index)
            argument.location, argument.name_hint = self.location, value.name_hint
            self._arguments[value] = argument
        return self._arguments[value]
