"""Implicit conversions at compile time, and the messages about the ones that do not exist."""

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import Related, nearest
from kumeo.dialects.data import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    STR,
    TIME,
    CastOp,
    EnumType,
    ListType,
    OptionType,
    RecordType,
    SomeOp,
    is_nullable,
)
from kumeo.dialects.data.casts import is_implicit
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.types import NullNotHandled, TypeMismatch

_EXAMPLES: dict[Attribute, str] = {STR: '"unknown"', BOOL: "false", INT: "0", FLOAT: "0.0"}
_FUNCTIONS: dict[tuple[Attribute, Attribute], str] = {
    (INT, STR): "to_string",
    (FLOAT, STR): "to_string",
    (BOOL, STR): "to_string",
    (TIME, STR): "to_string",
    (DURATION, STR): "to_string",
    (STR, INT): "to_int",
    (FLOAT, INT): "round",
    (STR, FLOAT): "to_float",
    (STR, TIME): "timestamp",
    (DURATION, FLOAT): "seconds",
    (TIME, FLOAT): "epoch",
}
"""Which function converts one type to another explicitly, for help."""

_WIDEST = 40


def coerce(
    ctx: Context, value: SSAValue, expected: Attribute, at: tree.Node, what: str = "value"
) -> SSAValue:
    """Return `value` as `expected`; a conversion that the language does not do is reported."""
    found = value.type
    if is_poison(value) or is_poison(expected) or found == expected:
        return value
    if isinstance(at, tree.Null) and not is_nullable(expected):
        return ctx.poison(_never_null(ctx, expected, at, what))
    if is_implicit(found, expected):
        wraps = isinstance(expected, OptionType) and expected.inner == found
        return ctx.add(SomeOp(value) if wraps else CastOp(value, expected), at).result
    if isinstance(found, OptionType) and is_implicit(found.inner, expected):
        return ctx.poison(null_not_handled(ctx, value, at, default_fix(at, found.inner)))
    return ctx.poison(mismatch(ctx, found, expected, at, what))


def _never_null(ctx: Context, expected: Attribute, at: tree.Node, what: str) -> TypeMismatch:
    """Say that the literal `null`, which is `json`, would fail as `expected` for every event."""
    shown = display(expected, ctx.types)
    return TypeMismatch(at.span, f"the {what} is `null`, but `{shown}` is expected", "never fits")


def mismatch(
    ctx: Context, found: Attribute, expected: Attribute, at: tree.Node, what: str = "value"
) -> TypeMismatch:
    """Return the diagnostic that names both types, and where the expected one comes from."""
    left, right = display(found, ctx.types), display(expected, ctx.types)
    name = ctx.types.name_of(expected)
    place = ctx.types.places.get(name) if name is not None else None
    return TypeMismatch(
        at.span,
        f"the {what} is `{left}`, but `{right}` is expected",
        f"this is `{left}`",
        _conversion(found, expected, at),
        related=() if place is None else (Related(place, f"`{right}` is declared here"),),
        notes=_reason(ctx, found, expected),
    )


def null_not_handled(ctx: Context, value: SSAValue, at: tree.Node, fix: str) -> NullNotHandled:
    """Return the diagnostic for an optional value that is used as if it never were null."""
    return NullNotHandled(at.span, f"`{shown(at)}`", display(value.type, ctx.types), fix)


def default_fix(at: tree.Node, inner: Attribute) -> str:
    """Return help that shows `??` with a default of the type."""
    example = f'"{inner.names[0]}"' if isinstance(inner, EnumType) else _EXAMPLES.get(inner)
    text = f"{shown(at)} ?? {example or '…'}"
    return f"write `{text}`, or use it only where `{shown(at)} != null`"


def shown(at: tree.Node) -> str:
    """Return the source text of a node in one line, shortened."""
    text = " ".join(at.span.text.split())
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _conversion(found: Attribute, expected: Attribute, at: tree.Node) -> str | None:
    """Return help with the function that converts explicitly, if there is one."""
    text = shown(at)
    if isinstance(found, OptionType) and not is_nullable(expected):
        return f"give a default first: `{text} ?? …`"
    if isinstance(expected, ListType) and is_implicit(found, expected.item):
        return f"write `[{text}]`"
    if expected == BOOL:
        return "compare the value with something, for example `!= …`"
    if isinstance(at, tree.Int | tree.Float) and expected == STR:
        return f'write `"{text}"`'
    if isinstance(at, tree.String) and expected in (INT, FLOAT):
        return f"write `{at.value}` without quotes" if _is_number(at.value) else None
    if expected == STR and isinstance(found, EnumType):
        return f"write `to_string({text})`"
    function = _FUNCTIONS.get((found, expected))
    return f"write `{function}({text})`" if function else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reason(ctx: Context, found: Attribute, expected: Attribute) -> tuple[str, ...]:
    """Return which field of two records does not fit."""
    inner = expected.inner if isinstance(expected, OptionType) else expected
    if not isinstance(found, RecordType) or not isinstance(inner, RecordType):
        return ()
    for name, wanted in inner.fields:
        given = found.field(name)
        if given is None and not is_nullable(wanted):
            near = nearest(name, set(found.names) - set(inner.names))
            hint = f"; the nearest is `{near}`" if near else ""
            return (f"the field `{name}` is missing{hint}",)
        if given is not None and not is_implicit(given, wanted):
            left, right = display(given, ctx.types), display(wanted, ctx.types)
            return (f"the field `{name}` is `{left}`, but `{right}` is expected",)
    return ()
