"""The builders that the parser calls for each grammar rule: children in, tree node out.

`BUILDERS` is keyed by the name of the rule or its `-> alias` in `grammar.lark`. A builder gets the
`Builder` of the source, the node's place and the kept children, whose shapes the grammar decides.
"""

from collections.abc import Callable
from typing import Any

from kumeo.diagnostics import Diagnostic, Source, Span
from kumeo.frontend import tree
from kumeo.frontend.errors.syntax import (
    ChainedComparison,
    InvalidDuration,
    InvalidEscape,
    InvalidNumber,
)
from kumeo.frontend.literals import decode_escapes, dedent, duration_us

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
_MAX_DIGITS = 4000


class Builder:
    """What builders share: the source and the list of what they find wrong."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []


Build = Callable[[Builder, Span, list[Any]], Any]
Leaf = Callable[[Builder, Span, str], Any]


def _nth(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None


def _binary(operator: tree.BinaryOperator) -> Build:
    return lambda b, s, v: tree.Binary(s, operator, v[0], v[1])


def _agent(b: Builder, span: Span, v: list[Any]) -> tree.AgentDeclaration:
    parameters = v[1] if len(v) > 3 else ()
    return tree.AgentDeclaration(span, v[0], parameters, v[-2], v[-1])


def _callee(b: Builder, span: Span, v: list[Any]) -> tree.Expr:
    callee: tree.Expr = tree.Variable(v[0].span, v[0].text)
    for name in v[1:]:
        callee = tree.Get(span._replace(end=name.span.end), callee, name)
    return callee


def _generator(b: Builder, span: Span, v: list[Any]) -> tuple[tree.Argument, ...]:
    return (tree.Argument(span, None, _comprehension(span, v, bracketed=False)),)


def _comprehension(span: Span, v: list[Any], *, bracketed: bool) -> tree.Comprehension:
    item, (variable, source, *condition) = v
    return tree.Comprehension(span, item, variable, source, _nth(condition, 0), bracketed)


def _pair(b: Builder, span: Span, v: list[Any]) -> tree.Pair:
    key, value = v
    if isinstance(key, tree.String):
        return tree.Pair(span, tree.Name(key.span, key.value), value, True)
    return tree.Pair(span, key, value)


def _compare(b: Builder, span: Span, v: list[Any]) -> tree.Binary:
    return _comparison(b, span, v[1], v[0], v[2])


def _comparison(
    b: Builder, span: Span, operator: tree.BinaryOperator, left: tree.Expr, right: tree.Expr
) -> tree.Binary:
    if not (isinstance(left, tree.Binary) and left.operator in COMPARISONS):
        return tree.Binary(span, operator, left, right)
    if left.span.start != span.start:  # An operand in parentheses begins behind its bracket.
        return tree.Binary(span, operator, left, right)
    again = span._replace(start=left.right.span.start)
    place = _strip(Span(span.source, left.span.end, right.span.start))
    b.diagnostics.append(ChainedComparison(place, f"{left.span.text} and {again.text}"))
    return tree.Binary(span, "and", left, tree.Binary(again, operator, left.right, right))


def _strip(span: Span) -> Span:
    """Return the span without white space at its ends."""
    text = span.text
    start = span.start + len(text) - len(text.lstrip())
    return Span(span.source, start, max(start, span.end - len(text) + len(text.rstrip())))


BUILDERS: dict[str, Build] = {
    # Items.
    "start": lambda b, s, v: tree.File(s, tuple(v)),
    "import": lambda b, s, v: tree.Import(s, v[0], _nth(v, 1)),
    "schema": lambda b, s, v: tree.Schema(s, v[0], tuple(v[1:])),
    "field": lambda b, s, v: tree.Field(s, v[0], v[1], _nth(v, 2)),
    "enum": lambda b, s, v: tree.Enum(s, v[0], tuple(v[1:])),
    "provider": lambda b, s, v: tree.Provider(s, v[0], v[1]),
    "agent": _agent,
    "params": lambda b, s, v: tuple(v),
    "param": lambda b, s, v: tree.Parameter(s, v[0], v[1]),
    "workflow": lambda b, s, v: tree.Workflow(s, v[0], v[1]),
    "subworkflow": lambda b, s, v: tree.Subworkflow(s, v[0], v[1]),
    "integration": lambda b, s, v: tree.Integration(s, v[0]),
    "test": lambda b, s, v: tree.Test(s, v[0], v[1], v[2]),
    # Types.
    "named_type": lambda b, s, v: tree.NamedType(s, v[0].text),
    "list_type": lambda b, s, v: tree.ListType(s, v[0]),
    "map_type": lambda b, s, v: tree.MapType(s, v[0], v[1]),
    "optional_type": lambda b, s, v: tree.OptionalType(s, v[0]),
    # Sections and statements.
    "body": lambda b, s, v: tree.Body(s, tuple(v)),
    "section": lambda b, s, v: tree.Section(s, v[0], v[1]),
    "program": lambda b, s, v: tree.Program(s, tuple(v)),
    "block": lambda b, s, v: tree.Block(s, tuple(v)),
    "bind": lambda b, s, v: tree.Bind(s, v[0], v[1]),
    "if": lambda b, s, v: tree.If(s, v[0], v[1], _nth(v, 2)),
    "for": lambda b, s, v: tree.For(s, v[0], v[1], v[2]),
    "match": lambda b, s, v: tree.Match(s, v[0], tuple(v[1:])),
    "case": lambda b, s, v: tree.Case(s, tuple(v[:-1]), v[-1]),
    "else_case": lambda b, s, v: tree.Case(s, (), v[0], is_else=True),
    "parallel": lambda b, s, v: tree.Parallel(s, v[0]),
    "try": lambda b, s, v: tree.Try(s, v[0], v[1], v[2]),
    "emit": lambda b, s, v: tree.Emit(s, v[0], v[1]),
    "callee": _callee,
    # Calls.
    "call": lambda b, s, v: tree.Call(s, v[0], v[1] if len(v) > 1 else ()),
    "args": lambda b, s, v: tuple(v),
    "generator": _generator,
    "positional": lambda b, s, v: tree.Argument(s, None, v[0]),
    "named": lambda b, s, v: tree.Argument(s, v[0], v[1]),
    "named_by_equals": lambda b, s, v: tree.Argument(s, v[0], v[1], equals=True),
    # Expressions.
    "variable": lambda b, s, v: tree.Variable(s, v[0].text),
    "true": lambda b, s, v: tree.Bool(s, True),
    "false": lambda b, s, v: tree.Bool(s, False),
    "null": lambda b, s, v: tree.Null(s),
    "negative_literal": lambda b, s, v: tree.Unary(s, "-", v[0]),
    "object": lambda b, s, v: tree.Object(s, tuple(v)),
    "pair": _pair,
    "array": lambda b, s, v: tree.Array(s, tuple(v)),
    "comprehension": lambda b, s, v: v,
    "list_comprehension": lambda b, s, v: _comprehension(s, v, bracketed=True),
    "get": lambda b, s, v: tree.Get(s, v[0], v[1]),
    "get_optional": lambda b, s, v: tree.Get(s, v[0], v[1], optional=True),
    "index": lambda b, s, v: tree.Index(s, v[0], v[1]),
    "optional": lambda b, s, v: tree.Optional(s, v[0]),
    "negate": lambda b, s, v: tree.Unary(s, "-", v[0]),
    "negation": lambda b, s, v: tree.Unary(s, "not", v[0]),
    "or": _binary("or"),
    "and": _binary("and"),
    "coalesce": _binary("??"),
    "add": _binary("+"),
    "subtract": _binary("-"),
    "multiply": _binary("*"),
    "divide": _binary("/"),
    "remainder": _binary("%"),
    "compare": _compare,
    "contains": lambda b, s, v: _comparison(b, s, "in", v[0], v[1]),
    "lacks": lambda b, s, v: _comparison(b, s, "not in", v[0], v[1]),
}


def _string(b: Builder, span: Span, text: str) -> tree.String:
    value = text[1:-1]
    if "\\" not in value:
        return tree.String(span, value)
    decoded = decode_escapes(value, span.start + 1)
    for offset, escape, reason in decoded.faults:
        place = Span(span.source, offset, offset + len(escape))
        b.diagnostics.append(InvalidEscape(place, escape, reason))
    return tree.String(span, decoded.value)


def _int(b: Builder, span: Span, text: str) -> tree.Int:
    if len(text) > _MAX_DIGITS:
        b.diagnostics.append(InvalidNumber(span, text[:20] + "…", "too many digits"))
        return tree.Int(span, 0)
    return tree.Int(span, int(text))


def _float(b: Builder, span: Span, text: str) -> tree.Float:
    value = float(text)
    if value == float("inf"):
        b.diagnostics.append(InvalidNumber(span, text[:20], "larger than any float"))
    return tree.Float(span, value, text)


def _duration(b: Builder, span: Span, text: str) -> tree.Duration:
    value = duration_us(text)
    if value is None:
        reason = "not a whole number of microseconds below 292,000 years"
        b.diagnostics.append(InvalidDuration(span, text, reason))
    return tree.Duration(span, value or 0, text)


LEAVES: dict[str, Leaf] = {
    "STRING": _string,
    "RAW_STRING": lambda b, s, t: tree.String(s, dedent(t[3:-3]).value, raw=True),
    "INT": _int,
    "FLOAT": _float,
    "DURATION": _duration,
    **{kind: lambda b, s, t: t for kind in ("EQ", "NE", "LE", "GE", "LT", "GT")},
}
"""Makers of the values of literals and comparison operators; other tokens make a Name."""
