"""The text of a module: printing with locations, and parsing that never raises."""

import re
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO

from xdsl.context import Context
from xdsl.dialects.builtin import (
    FileLineColLoc,
    IntAttr,
    LocationAttr,
    ModuleOp,
    StringAttr,
    UnknownLoc,
    UnregisteredAttr,
    UnregisteredOp,
)
from xdsl.ir import Attribute, AttributeInvT, Dialect, Operation, Region, SSAValue, TypeAttribute
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer
from xdsl.utils.exceptions import ParseError, VerifyException
from xdsl.utils.lexer import Span as XdslSpan
from xdsl.utils.mlir_lexer import MLIRTokenKind

from kumeo.analysis.errors import IrSyntax
from kumeo.analysis.walk import MAX_NESTING
from kumeo.diagnostics import Diagnostic, Source, Span, nearest
from kumeo.dialects.text import KumeoParser
from kumeo.frontend.errors.syntax import NestingTooDeep

_STACK = 40 * MAX_NESTING + 2_000
"""Python frames for the deepest nesting; xDSL parses and prints recursively."""


def print_module(
    module: ModuleOp,
    generic: bool = False,
    locations: bool = True,
    properties: bool = True,
) -> str:
    """Return the text of a module, with a final line break.

    `properties=False` prints properties as attributes, for tools before MLIR 17.
    """
    stream = StringIO()
    printer = Printer(
        stream,
        print_generic_format=generic,
        print_debuginfo=locations,
        print_properties_as_attributes=not properties,
    )
    with _deep_stack():
        printer.print_op(module)
    return stream.getvalue() + "\n"


def parse_module(
    text: str, name: str, ctx: Context
) -> tuple[ModuleOp | None, tuple[Diagnostic, ...]]:
    """Return the module of a text, or the first fault in it. Ops without a location get one."""
    source = Source(name, text)
    try:
        parser = _PlacingParser(ctx, source)
    except ParseError as fault:
        return None, (_syntax(source, fault, ctx),)
    try:
        with _deep_stack():
            module = parser.parse_text()
    except ParseError as fault:
        return None, tuple(parser.undefined_values()) or (_syntax(source, fault, ctx),)
    except _TooDeepError as fault:
        place = Span(source, fault.position, fault.position + 1)
        return None, (NestingTooDeep(place, MAX_NESTING, MAX_NESTING + 1),)
    except RecursionError:
        place = Span(source, parser.pos, parser.pos + 1)
        return None, (NestingTooDeep(place, MAX_NESTING, MAX_NESTING + 1),)
    except Exception as fault:
        # Constructors and attribute verifiers of any dialect run while xDSL parses.
        place = Span(source, parser.pos, parser.pos + 1)
        return None, (IrSyntax(place, _message_of(fault)),)
    if isinstance(module.location, UnknownLoc):
        module.location = parser.location_at(0)
    return module, ()


class _TooDeepError(Exception):
    """Regions are nested too deeply; xDSL would run out of stack further in."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class _PlacingParser(KumeoParser):
    """A parser that gives each op its place in the text and knows its dialects strictly."""

    def __init__(self, ctx: Context, source: Source) -> None:
        super().__init__(_StrictContext(ctx), source.text, source.path)
        self._source = source
        self._path = StringAttr(source.path)
        self._is_placed = False
        self._depth = 0
        self._first_uses: dict[str, XdslSpan[str]] = {}

    def parse_text(self) -> ModuleOp:
        """Parse a whole text; a text without ops is an empty module."""
        if self._current_token.kind is MLIRTokenKind.EOF:
            return ModuleOp([])
        return self.parse_module()

    def location_at(self, position: int) -> FileLineColLoc:
        """Return the location of a position in the text."""
        line, column = self._source.position(position)
        return FileLineColLoc(self._path, IntAttr(line), IntAttr(column))

    def parse_optional_location(self) -> LocationAttr | None:
        """Parse a location and remember whether there was one."""
        location = super().parse_optional_location()
        self._is_placed = location is not None
        return location

    def parse_operation(self) -> Operation:
        """Parse an op; each ends with its location, or gets the place where it begins."""
        start = self._current_token.span.start
        op = super().parse_operation()
        if not self._is_placed:
            op.location = self.location_at(start)
        self._is_placed = False
        return op

    def resolve_operand(
        self, operand: UnresolvedOperand, type: AttributeInvT
    ) -> SSAValue[AttributeInvT]:
        """Resolve an operand and remember where a value is used that is not known yet."""
        if operand.operand_name not in self.ssa_values:
            self._first_uses.setdefault(operand.operand_name, operand.span)
        return super().resolve_operand(operand, type)

    def undefined_values(self) -> Iterator[Diagnostic]:
        """Yield a diagnostic for each value that the whole text uses but never makes."""
        if self._current_token.kind is not MLIRTokenKind.EOF:
            return
        for name in self.forward_ssa_references:
            used = self._first_uses[name]
            place = Span(self._source, used.start, used.end)
            yield IrSyntax(place, f"there is no value `%{name}` here")

    def parse_optional_region(
        self, arguments: Iterable[Parser.Argument] | None = None
    ) -> Region | None:
        """Parse a region unless it is nested too deeply."""
        if self._depth >= MAX_NESTING:
            raise _TooDeepError(self._current_token.span.start)
        self._depth += 1
        region = super().parse_optional_region(arguments)
        self._depth -= 1
        return region


class _StrictContext(Context):
    """A view of a context that takes no unknown names for dialects that it knows.

    xDSL takes `workflow.fi` for an op of an unknown dialect if those are allowed.
    """

    def __init__(self, inner: Context) -> None:
        super().__init__(allow_unregistered=inner.allow_unregistered)
        self.inner = inner

    def get_optional_op(
        self, name: str, *, dialect_stack: Sequence[str] = ()
    ) -> type[Operation] | None:
        """Return the op class, or None for an unknown op of a known dialect."""
        found = self.inner.get_optional_op(name, dialect_stack=dialect_stack)
        return None if self._is_misspelt(name, found, UnregisteredOp) else found

    def get_optional_type(self, name: str) -> type[TypeAttribute] | None:
        """Return the type class, or None for an unknown type of a known dialect."""
        found = self.inner.get_optional_type(name)
        return None if self._is_misspelt(name, found, UnregisteredAttr) else found

    def get_optional_attr(self, name: str) -> type[Attribute] | None:
        """Return the attribute class, or None for an unknown attribute of a known dialect."""
        found = self.inner.get_optional_attr(name)
        return None if self._is_misspelt(name, found, UnregisteredAttr) else found

    def get_optional_dialect(self, name: str) -> Dialect | None:
        """Return the dialect, or None."""
        return self.inner.get_optional_dialect(name)

    def _is_misspelt(self, name: str, found: type | None, unknown: type) -> bool:
        if found is None or not issubclass(found, unknown):
            return False
        dialect = name.partition(".")[0]
        loaded = {known.name for known in self.inner.loaded_dialects}
        return dialect in loaded or dialect in self.inner.registered_dialect_names


_CLEARER = {"Could not parse entire input!": "expected an operation"}
"""Messages of xDSL that do not say what is wrong."""

_UNKNOWN = re.compile(r"Operation (\S+) is not registered|'(\S+)' is not registered")


def _syntax(source: Source, fault: ParseError, ctx: Context) -> Diagnostic:
    """Return the diagnostic of a parse error; unknown names get the nearest known one."""
    span, message = fault.span, " ".join(fault.msg.split())
    place = Span(source, span.start, max(span.end, span.start + 1))
    message = _CLEARER.get(message, message)
    unknown = _UNKNOWN.fullmatch(message)
    if unknown is None:
        return IrSyntax(place, message)
    op, attr = unknown.groups()
    name: str = op or attr
    start = source.text.rfind(name, 0, span.end)
    if start >= 0:
        # xDSL points behind the name.
        place = Span(source, start, start + len(name))
    what = "op" if op else "type or attribute"
    near = nearest(name, _known_names(ctx, bool(op)))
    return IrSyntax(place, f"there is no {what} `{name}`", f"write `{near}`" if near else None)


def _known_names(ctx: Context, ops: bool) -> list[str]:
    """Return the names in the dialects that are loaded, without those that were made up."""
    if ops:
        return [op.name for dialect in ctx.loaded_dialects for op in dialect.operations]
    return [attr.name for dialect in ctx.loaded_dialects for attr in dialect.attributes]


def _message_of(fault: Exception) -> str:
    text = " ".join(str(fault).split())
    return text if isinstance(fault, VerifyException) else f"{type(fault).__name__}: {text}"


@contextmanager
def _deep_stack() -> Generator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _STACK))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
