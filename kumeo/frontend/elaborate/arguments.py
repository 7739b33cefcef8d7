"""The arguments of a call, matched with the parameters of its agent kind or connector.

What a *string* means depends only on the parameter's role, never on how the string looks:
a `REFERENCE` or `CONDITION` string holds an expression, a `TEMPLATE` a prompt, a `TEXT` text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from kumeo.diagnostics import Span, nearest
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.references import as_reference
from kumeo.frontend.elaborate.settings import check_no_secret, pairs_of, plain
from kumeo.frontend.errors.sections import (
    DuplicateKey,
    ExtraArgument,
    InvalidSetting,
    MissingArgument,
    UnknownParameter,
)
from kumeo.frontend.parser import parse_expression


class Role(Enum):
    """What an argument is, and so what a string in its place means."""

    VALUE = auto()
    """An expression; a string is a string."""
    REFERENCE = auto()
    """An expression; a string names a value: `"source"`, `"validated.tx"`, `"a.data/field"`."""
    CONDITION = auto()
    """A boolean expression; a string holds one."""
    TEMPLATE = auto()
    """A prompt."""
    TEXT = auto()
    """A constant string."""
    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DURATION = auto()
    TYPE = auto()
    """A type."""
    SETTINGS = auto()
    """An object of constants, or one constant."""
    RAW = auto()
    """Syntax that the agent kind reads itself."""


_EXPECTED = {
    Role.TEXT: "a string",
    Role.INTEGER: "an integer",
    Role.NUMBER: "a number",
    Role.BOOLEAN: "`true` or `false`",
    Role.DURATION: "a duration such as `20s`",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an agent kind or connector."""

    role: Role
    meaning: str
    """Half a sentence for help texts and the reference."""
    is_required: bool = False


@dataclass
class Arguments:
    """The arguments of one call, by parameter name."""

    ctx: Context
    owner: str
    node: tree.Call
    parameters: Mapping[str, Parameter]
    given: dict[str, tree.Argument] = field(default_factory=dict[str, tree.Argument])
    misspelt: dict[str, tree.Argument] = field(default_factory=dict[str, tree.Argument])
    """Unknown arguments by the parameter that each is probably meant to be: it stands for that."""

    def __contains__(self, name: str) -> bool:
        return name in self.given

    @property
    def place(self) -> Span:
        """The name of what is called."""
        return self.node.callee.span

    def raw(self, name: str) -> tree.Expr | tree.Emit | None:
        """Return an argument as written, or None."""
        found = self.given.get(name)
        return None if found is None else found.value

    def first_of(self, *names: str) -> str | None:
        """Return the first of several spellings of a parameter that is given."""
        return next((name for name in names if name in self.given), None)

    def expression(self, name: str) -> tree.Expr | None:
        """Return an argument as an expression; strings are read by the parameter's role."""
        node = self.raw(name)
        if node is None:
            return None
        if isinstance(node, tree.Emit):
            self.ctx.report(InvalidSetting(node.span, name, "a value"))
            return None
        return expression_of(self.ctx, node, self.parameters[name].role)

    def constant(self, name: str, default: Any = None) -> Any:
        """Return a constant argument as plain data (durations in microseconds)."""
        node = self.raw(name)
        if node is None:
            return default
        role = self.parameters[name].role
        if isinstance(node, tree.Emit) or not _fits(node, role):
            self.ctx.report(InvalidSetting(node.span, name, _EXPECTED.get(role, "a constant")))
            return default
        return plain(self.ctx, node, name)

    def settings(self, *names: str) -> dict[str, Any]:
        """Return the given ones of several constant parameters."""
        return {name: self.constant(name) for name in names if name in self.given}

    def refuse(self, form: str, useless: Mapping[str, str | None]) -> bool:
        """Report what this form of the call does not read, with what to write instead, if any."""
        found = [
            (name, argument.name)
            for name, argument in self.given.items()
            if name in useless and argument.name is not None and argument.name.text == name
        ]
        known = tuple(each for each in self.parameters if each not in useless)
        for name, at in found:
            self.ctx.report(UnknownParameter(at.span, form, name, useless[name], known))
        return bool(found)

    def require(self, *names: str) -> bool:
        """Report the parameters that are missing; return whether all are there."""
        missing = [name for name in names if name not in self.given]
        for name in missing:
            meaning = self.parameters[name].meaning
            self.ctx.report(MissingArgument(self.place, self.owner, name, meaning))
        return not missing


def bind_arguments(
    ctx: Context,
    owner: str,
    node: tree.Call,
    parameters: Mapping[str, Parameter],
    positional: Sequence[str] = (),
) -> Arguments:
    """Match the arguments of a call with parameters; what does not fit is a diagnostic."""
    result = Arguments(ctx, owner, node, parameters)
    count = 0
    for argument in node.arguments:
        if argument.name is not None:
            _bind_named(result, argument, argument.name)
        elif count < len(positional):
            result.given.setdefault(positional[count], argument)
            count += 1
        else:
            ctx.report(ExtraArgument(argument.span, owner, len(positional)))
    result.given = {**result.misspelt, **result.given}
    result.require(*(n for n, p in parameters.items() if p.is_required))
    return result


def expression_of(ctx: Context, node: tree.Expr, role: Role) -> tree.Expr | None:
    """Return the expression that `node` stands for in a parameter of this role."""
    if role is Role.REFERENCE and isinstance(node, tree.Array):
        items = [expression_of(ctx, item, role) for item in node.items]
        return tree.Array(node.span, tuple(item for item in items if item is not None))
    if role not in (Role.REFERENCE, Role.CONDITION) or not isinstance(node, tree.String):
        return node
    expr, diagnostics = parse_expression(node)
    ctx.diagnostics.extend(diagnostics)
    if expr is None:
        return None
    return as_reference(expr) if role is Role.REFERENCE else expr


def text_pairs(ctx: Context, node: tree.Object, name: str) -> dict[str, str]:
    """Return an object of strings; other values are diagnostics."""
    result: dict[str, str] = {}
    for key, pair in pairs_of(ctx, node).items():
        if isinstance(pair.value, tree.String):
            check_no_secret(ctx, pair.value, key)
            result[key] = pair.value.value
        else:
            ctx.report(InvalidSetting(pair.value.span, f"{name}.{key}", "a string"))
    return result


def _bind_named(result: Arguments, argument: tree.Argument, name: tree.Name) -> None:
    ctx, known = result.ctx, result.parameters
    if name.text not in known:
        close = nearest(name.text, known)
        if close:
            result.misspelt.setdefault(close, argument)
        ctx.report(UnknownParameter(name.span, result.owner, name.text, close, tuple(known)))
    elif name.text in result.given:
        ctx.report(DuplicateKey(name.span, name.text))
    else:
        result.given[name.text] = argument


def _fits(node: tree.Expr, role: Role) -> bool:
    match role:
        case Role.TEXT:
            return isinstance(node, tree.String)
        case Role.INTEGER:
            return isinstance(node, tree.Int)
        case Role.NUMBER:
            return isinstance(node, tree.Int | tree.Float)
        case Role.BOOLEAN:
            return isinstance(node, tree.Bool)
        case Role.DURATION:
            return isinstance(node, tree.Duration)
        case _:
            return True
