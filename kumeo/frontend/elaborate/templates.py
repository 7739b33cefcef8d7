"""The check of a parsed template: which values it reads, and what it may not use.

Only paths are typed. What filters and operators give is not known (None) and accepted everywhere.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jinja2 import nodes
from xdsl.ir import Attribute

from kumeo.diagnostics import Span, nearest
from kumeo.dialects.data import JSON, STR, ListType, MapType, OptionType, RecordType, option_of
from kumeo.frontend.elaborate.context import POISON, Context, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.names import UnknownField
from kumeo.frontend.errors.prompts import PromptNull, PromptSyntax
from kumeo.frontend.errors.types import NullNotHandled, TypeMismatch

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.prompts import Holes

_MAX_NAMES = 64
"""Names in one path; nothing is nested deeper."""

FILTERS = (
    *("abs", "capitalize", "default", "first", "float", "indent", "int", "items", "join"),
    *("last", "length", "lower", "max", "min", "replace", "reverse", "round", "sort", "string"),
    *("sum", "title", "tojson", "trim", "truncate", "unique", "upper", "wordcount"),
)
"""The filters that prompts may use; their meaning is that of Jinja2."""

TESTS = (
    *("defined", "undefined", "none", "string", "number", "mapping", "sequence", "boolean"),
    *("true", "false", "even", "odd", "divisibleby", "eq", "ne", "lt", "le", "gt", "ge", "in"),
)
LOOP_FIELDS = ("index", "index0", "revindex", "first", "last", "length")

_FORBIDDEN = {
    "Call": "a call",
    "CallBlock": "a call block",
    "Macro": "a macro",
    "Include": "an include",
    "Import": "an import",
    "FromImport": "an import",
    "Extends": "inheritance",
    "Block": "a named block",
    "FilterBlock": "a filter block",
    "With": "a `with` block",
    "AssignBlock": "a `set` block",
    "NSRef": "a namespace",
}
_KEEPS_TYPE = ("sort", "reverse", "unique")
_PICKS_ITEM = ("first", "last", "min", "max")


class TemplateChecker:
    """Walks a template and collects what it reads in `holes`."""

    def __init__(self, ctx: Context, holes: Holes) -> None:
        self._ctx = ctx
        self._holes = holes
        self._locals: dict[str, Attribute | None] = {}
        self._guarded: set[str] = set()
        self._warned: set[str] = set()

    def check(self, node: nodes.Node) -> None:
        """Check a statement or a whole template."""
        match node:
            case nodes.Output():
                for part in node.nodes:
                    self._check_shown(part)
            case nodes.If():
                self._check_if(node)
            case nodes.For():
                self._check_for(node)
            case nodes.Assign():
                kind = self._type_of(node.node)
                if isinstance(node.target, nodes.Name):
                    self._locals[node.target.name] = kind
                else:
                    self._locals.update(dict.fromkeys(_target_names(node.target)))
            case nodes.Template():
                for part in node.body:
                    self.check(part)
            case _:
                self._type_of(node)

    def _check_if(self, node: nodes.If) -> None:
        self._type_of(node.test)
        with self._knowing(_guards(node.test, True)):
            for part in node.body:
                self.check(part)
        with self._knowing(_guards(node.test, False)):
            for part in [*node.elif_, *node.else_]:
                self.check(part)

    def _check_for(self, node: nodes.For) -> None:
        item = self._item_type(node)
        outer = dict(self._locals)
        target = node.target
        names = [target.name] if isinstance(target, nodes.Name) else _target_names(target)
        self._locals |= dict.fromkeys([*names, "loop"])
        if isinstance(target, nodes.Name):
            self._locals[target.name] = item
        guards = set[str]() if node.test is None else _guards(node.test, True)
        if node.test is not None:
            self._type_of(node.test)
        with self._knowing(guards):
            for part in node.body:
                self.check(part)
        self._locals = outer
        for part in node.else_:
            self.check(part)

    def _item_type(self, node: nodes.For) -> Attribute | None:
        """Return the type of what a loop walks through; report what is no list."""
        kind = self._type_of(node.iter)
        if kind is None or is_poison(kind) or kind == JSON:
            return None
        if isinstance(kind, ListType):
            return kind.item
        if isinstance(kind, MapType):
            return STR
        path = _path_text(node.iter) or "this"
        place = self._place(node.iter)
        shown = display(kind, self._ctx.types)
        if isinstance(kind, OptionType):
            if path in self._guarded:
                return kind.inner.item if isinstance(kind.inner, ListType) else None
            fix = f"walk through `{path} or []`"
            self._ctx.report(NullNotHandled(place, f"`{path}`", shown, fix))
        else:
            problem = f"a loop needs a list, but `{path}` is `{shown}`"
            self._ctx.report(TypeMismatch(place, problem, f"this is `{shown}`"))
        return POISON

    def _check_shown(self, node: nodes.Node) -> None:
        """Check an expression whose value is shown; a null there is worth a warning."""
        kind = self._type_of(node)
        self._warn_null(node, kind)

    def _warn_null(self, node: nodes.Node, kind: Attribute | None) -> None:
        path = _path_text(node)
        if path is None or not isinstance(kind, OptionType):
            return
        if path in self._guarded or path in self._warned:
            return
        self._warned.add(path)
        shown = display(kind, self._ctx.types)
        self._ctx.report(PromptNull(self._place(node), path, shown))

    def _type_of(self, node: nodes.Node) -> Attribute | None:
        match node:
            case nodes.Name() | nodes.Getattr():
                return self._path_type(node)
            case nodes.Getitem():
                return self._getitem_type(node)
            case nodes.Filter():
                return self._filter_type(node)
            case nodes.Test():
                self._check_test(node)
            case nodes.CondExpr():
                self._check_choice(node)
            case nodes.And():
                self._type_of(node.left)
                with self._knowing(_guards(node.left, True)):
                    self._type_of(node.right)
            case _:
                self._check_parts(node)
        return None

    def _check_parts(self, node: nodes.Node) -> None:
        what = _FORBIDDEN.get(type(node).__name__)
        if what is not None:
            self._forbid(node, what)
            return
        for part in node.iter_child_nodes():
            self.check(part)

    def _check_choice(self, node: nodes.CondExpr) -> None:
        self._type_of(node.test)
        with self._knowing(_guards(node.test, True)):
            self._check_shown(node.expr1)
        if node.expr2 is not None:
            with self._knowing(_guards(node.test, False)):
                self._check_shown(node.expr2)

    def _path_type(self, node: nodes.Name | nodes.Getattr) -> Attribute | None:
        names, base = _chain(node)
        if len(names) > _MAX_NAMES:
            place = self._holes.places.word(names[0])
            problem = f"a path has more than {_MAX_NAMES} names"
            self._ctx.report(PromptSyntax(place, problem, "it starts here"))
            return POISON
        hidden = next((name for name in names if name.startswith("_")), None)
        if hidden is not None:
            problem = f"`{hidden}` cannot be read: names with `_` in front are not data"
            place = self._holes.places.word(hidden)
            self._ctx.report(PromptSyntax(place, problem, "not readable"))
            return POISON
        if base is not None:
            return self._members(self._type_of(base), names, 0)
        if names[0] == "loop" and "loop" in self._locals:
            self._check_loop(names)
            return None
        if names[0] in self._locals:
            return self._members(self._locals[names[0]], names, 1)
        value, used = self._holes.read(self._guarded_part(names))
        return self._members(value.type, names, used)

    def _guarded_part(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the part of a path that is known not to be null and is a hole already."""
        ends = range(len(names) - 1, 0, -1)
        guarded = (names[:end] for end in ends if ".".join(names[:end]) in self._guarded)
        return next(guarded, names)

    def _members(
        self, kind: Attribute | None, names: tuple[str, ...], used: int
    ) -> Attribute | None:
        """Return the type of the rest of a path below a value."""
        for index in range(used, len(names)):
            if kind is None or kind == JSON or is_poison(kind):
                return kind
            if isinstance(kind, OptionType) and ".".join(names[:index]) in self._guarded:
                kind = kind.inner
            kind = self._member(kind, names, index)
        return kind

    def _member(self, kind: Attribute, names: tuple[str, ...], index: int) -> Attribute | None:
        inner = kind.inner if isinstance(kind, OptionType) else kind
        if isinstance(inner, MapType):
            return inner.value
        found = inner.field(names[index]) if isinstance(inner, RecordType) else None
        if found is not None:
            return option_of(found) if isinstance(kind, OptionType) else found
        known = inner.names if isinstance(inner, RecordType) else ()
        owner = f"`{display(inner, self._ctx.types)}`"
        place = self._holes.places.of(names, index, index + 1)
        near = nearest(names[index], known)
        self._ctx.report(UnknownField(place, owner, names[index], near, known))
        return POISON

    def _getitem_type(self, node: nodes.Getitem) -> Attribute | None:
        base, argument = self._type_of(node.node), node.arg
        self._type_of(argument)
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            return self._members(base, (argument.value,), 0)
        if isinstance(base, ListType) and not isinstance(argument, nodes.Slice):
            return base.item
        return base.value if isinstance(base, MapType) else None

    def _filter_type(self, node: nodes.Filter) -> Attribute | None:
        if node.name not in FILTERS:
            self._unknown("filter", node.name, FILTERS, r"\|")
        kind = None if node.node is None else self._type_of(node.node)
        if node.node is not None and not _handles_null(node):
            self._warn_null(node.node, kind)
        for part in [*node.args, *(keyword.value for keyword in node.kwargs)]:
            self._type_of(part)
        if isinstance(kind, ListType) and node.name in _PICKS_ITEM:
            return kind.item
        return kind if node.name in _KEEPS_TYPE and isinstance(kind, ListType) else None

    def _check_test(self, node: nodes.Test) -> None:
        if node.name not in TESTS:
            self._unknown("test", node.name, TESTS, r"\bis(?:\s+not)?")
        self._type_of(node.node)
        for part in node.args:
            self._type_of(part)

    def _check_loop(self, names: tuple[str, ...]) -> None:
        if len(names) == 2 and names[1] in LOOP_FIELDS:
            return
        name = names[1] if len(names) > 1 else "loop"
        place = self._holes.places.word(name)
        near = nearest(name, LOOP_FIELDS)
        self._ctx.report(UnknownField(place, "`loop`", name, near, LOOP_FIELDS))

    def _unknown(self, what: str, name: str, known: tuple[str, ...], before: str) -> None:
        near = nearest(name, known)
        place = self._holes.places.word(name, before)
        fix = f"write `{near}`" if near else f"the {what}s are {', '.join(known)}"
        self._ctx.report(
            PromptSyntax(place, f"prompts have no {what} `{name}`", f"unknown {what}", fix)
        )

    def _forbid(self, node: nodes.Node, what: str) -> None:
        fix: str | None = None
        place = self._holes.places.line(node.lineno)
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
            name = node.node.attr
            place = self._holes.places.word(name)
            fix = f"write `… | {name}`" if name in FILTERS else "compute the value before"
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            name = node.node.name
            place = self._holes.places.word(name)
            fix = f"write `… | {name}`" if name in FILTERS else "compute the value before"
        self._ctx.report(PromptSyntax(place, f"{what} cannot stand in a prompt", what, fix))

    def _place(self, node: nodes.Node) -> Span:
        names, base = _chain(node)
        if base is not None or not names:
            return self._holes.places.line(node.lineno)
        return self._holes.places.of(names, 0, len(names))

    @contextmanager
    def _knowing(self, paths: set[str]) -> Generator[None]:
        outer, self._guarded = self._guarded, self._guarded | paths
        try:
            yield
        finally:
            self._guarded = outer


def _chain(node: nodes.Node) -> tuple[tuple[str, ...], nodes.Node | None]:
    """Return the dotted names that end a node, and what stands before them if that is no name."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    if isinstance(node, nodes.Name):
        return (node.name, *reversed(names)), None
    return tuple(reversed(names)), node


def _path_text(node: nodes.Node) -> str | None:
    names, base = _chain(node)
    return ".".join(names) if base is None else None


def _target_names(node: nodes.Node) -> list[str]:
    return [name.name for name in node.find_all(nodes.Name)]


def _handles_null(node: nodes.Filter) -> bool:
    """Return whether a filter gives text for null: `default(x, true)`."""
    return node.name == "default" and len(node.args) + len(node.kwargs) > 1


def _guards(node: nodes.Node, truth: bool) -> set[str]:
    """Return the paths that are not null where a condition has the given truth."""
    while isinstance(node, nodes.Not):
        node, truth = node.node, not truth
    if isinstance(node, nodes.And if truth else nodes.Or):
        return _guards(node.left, truth) | _guards(node.right, truth)
    if isinstance(node, nodes.Test) and node.name == "none":
        path = _path_text(node.node)
        return {path} if path is not None and not truth else set()
    if isinstance(node, nodes.Compare) and len(node.ops) == 1:
        return _compared(node, truth)
    path = _path_text(node)
    return {path} if path is not None and truth else set()


def _compared(node: nodes.Compare, truth: bool) -> set[str]:
    operand = node.ops[0]
    is_null = isinstance(operand.expr, nodes.Const) and operand.expr.value is None
    path = _path_text(node.expr)
    proves = operand.op == ("ne" if truth == is_null else "eq")
    is_constant = isinstance(operand.expr, nodes.Const)
    return {path} if path is not None and proves and is_constant else set()
