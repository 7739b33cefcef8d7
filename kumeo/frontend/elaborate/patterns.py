"""Patterns of `match`: constants of the subject's type, each handled once."""

from collections.abc import Mapping

from xdsl.dialects.builtin import IntegerAttr, StringAttr, i1, i64
from xdsl.ir import Attribute

from kumeo.diagnostics import Related, nearest
from kumeo.dialects.data import BOOL, INT, STR, EnumType
from kumeo.dialects.data.constants import INT_MAX, INT_MIN
from kumeo.frontend import tree
from kumeo.frontend.elaborate.body import Body
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.merging import Branch
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.branches import IncompleteMatch, UnreachableCase
from kumeo.frontend.errors.names import UnknownValue
from kumeo.frontend.errors.types import IntegerRange, TypeMismatch


def patterns_of(
    body: Body, case: tree.Case, kind: Attribute, seen: dict[Attribute, tree.Expr]
) -> list[Attribute]:
    """Return the constants of a case that no case above has, and remember them in `seen`."""
    values: list[Attribute] = []
    for pattern in case.patterns:
        value = _pattern(body, pattern, kind)
        if value is None:
            continue
        if value in seen:
            related = (Related(seen[value].span, "handled here"),)
            body.ctx.report(UnreachableCase(pattern.span, related=related))
            continue
        seen[value] = pattern
        values.append(value)
    return values


def _pattern(body: Body, pattern: tree.Expr, kind: Attribute) -> Attribute | None:
    """Return the constant of a pattern; a wrong one is a diagnostic."""
    if is_poison(kind):
        return None
    match pattern:
        case tree.Variable(name=text) | tree.String(value=text) if isinstance(kind, EnumType):
            if text in kind.names:
                return StringAttr(text)
            shown = display(kind, body.ctx.types)
            close = nearest(text, kind.names)
            body.ctx.report(UnknownValue(pattern.span, text, shown, kind.names, close))
            return None
        case tree.String(value=text) if kind == STR:
            return StringAttr(text)
        case tree.Int(value=number) if kind == INT:
            return _integer(body, pattern, number)
        case tree.Unary(operator="-", operand=tree.Int(value=number)) if kind == INT:
            return _integer(body, pattern, -number)
        case tree.Bool(value=truth) if kind == BOOL:
            return IntegerAttr(int(truth), i1)
        case _:
            shown = display(kind, body.ctx.types)
            problem = f"this pattern never equals a value of type `{shown}`"
            body.ctx.report(TypeMismatch(pattern.span, problem, f"`{shown}` is matched"))
            return None


def _integer(body: Body, pattern: tree.Expr, number: int) -> Attribute | None:
    if not INT_MIN <= number <= INT_MAX:
        body.ctx.report(IntegerRange(pattern.span, str(number)))
        return None
    return IntegerAttr(number, i64)


def _values_of(kind: Attribute) -> list[Attribute]:
    if isinstance(kind, EnumType):
        return [StringAttr(name) for name in kind.names]
    if kind == BOOL:
        return [IntegerAttr(1, i1), IntegerAttr(0, i1)]
    return []


def covers_all(kind: Attribute, seen: Mapping[Attribute, tree.Expr]) -> bool:
    """Return whether the patterns name every value of an enum or bool."""
    every = _values_of(kind)
    return bool(every) and all(value in seen for value in every)


def check_complete(
    body: Body,
    statement: tree.Match,
    kind: Attribute,
    seen: Mapping[Attribute, tree.Expr],
    default: Branch | None,
) -> None:
    """Report values that no case handles."""
    missing = [value for value in _values_of(kind) if value not in seen]
    if default is None and missing:
        shown = ", ".join(f"`{_shown(value)}`" for value in missing)
        body.ctx.report(IncompleteMatch(statement.subject.span, shown))


def _shown(value: Attribute) -> str:
    if isinstance(value, StringAttr):
        return value.data
    return "true" if value == IntegerAttr(1, i1) else "false"
