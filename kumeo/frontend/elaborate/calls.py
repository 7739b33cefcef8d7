"""Function calls, comprehensions and the quantifiers `all` and `any`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xdsl.ir import Attribute, Block, Region, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects.data import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    STR,
    AllOp,
    AnyOp,
    CallOp,
    FilterOp,
    LenOp,
    ListType,
    MapListOp,
    MapType,
    OptionType,
    YieldOp,
)
from kumeo.dialects.data.functions import (
    FUNCTIONS,
    AnyEnum,
    Function,
    ListOf,
    MapOf,
    OptionOf,
    Pattern,
    Resolved,
    Signature,
)
from kumeo.frontend import tree
from kumeo.frontend.elaborate import coercion, paths
from kumeo.frontend.elaborate.context import Scope, hint_of, is_poison
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.names import UnknownFunction
from kumeo.frontend.errors.types import WrongArguments

if TYPE_CHECKING:
    from kumeo.frontend.elaborate.expressions import Expressions

_SPECIAL = {
    "len": ("len(string)", "len([T])", "len({string: T})", "len(json)"),
    "all": ("all(condition for item in list)", "all([bool])"),
    "any": ("any(condition for item in list)", "any([bool])"),
    "now": ("now()",),
}
_FOREIGN = {
    "count": "len",
    "length": "len",
    "size": "len",
    "lowercase": "lower",
    "uppercase": "upper",
    "strip": "trim",
    "str": "to_string",
    "string": "to_string",
    "int": "to_int",
    "float": "to_float",
    "avg": "mean",
    "average": "mean",
    "log": "ln",
    "contains": "in",
}


def build_call(e: Expressions, expr: tree.Call, scope: Scope) -> SSAValue:
    """Return the value of a call of a function of the library."""
    if not isinstance(expr.callee, tree.Variable):
        return e.ctx.poison(_no_method(expr))
    name = expr.callee.name
    if name not in _SPECIAL and name not in FUNCTIONS:
        return e.ctx.poison(_unknown_function(expr.callee))
    arguments = _plain_arguments(e, expr, name)
    if arguments is None:
        return e.ctx.poison()
    if name in ("all", "any") and len(arguments) == 1:
        return _build_quantifier(e, expr, arguments[0], scope)
    values = [e.build_hinted(argument, scope) for argument in arguments]
    if any(map(is_poison, values)):
        return e.ctx.poison()
    for value, argument in zip(values, arguments, strict=True):
        if isinstance(value.type, OptionType):
            fix = coercion.default_fix(argument, value.type.inner)
            return e.ctx.poison(coercion.null_not_handled(e.ctx, value, argument, fix))
    if name == "now" and not values:
        return scope.now()
    if name == "len" and len(values) == 1 and _has_length(values[0].type):
        return e.ctx.add(LenOp(values[0]), expr).result
    return _build_library_call(e, expr, name, arguments, values)


def build_comprehension(
    e: Expressions, expr: tree.Comprehension, scope: Scope, hint: Attribute | None
) -> SSAValue:
    """Return the list of `[item for variable in source if condition]`."""
    source = _build_filtered(e, expr, scope)
    wanted = hint.inner if isinstance(hint, OptionType) else hint
    item_hint = wanted.item if isinstance(wanted, ListType) else None
    if is_poison(source):
        return source
    if isinstance(expr.item, tree.Variable) and expr.item.name == expr.variable.text:
        return source
    block, inside = _item_block(e, source, expr, scope)
    with e.ctx.inside(block):
        inside = _with_condition(e, expr, inside)
        value = e.build_hinted(expr.item, inside, item_hint)
        if is_poison(value):
            return e.ctx.poison()
        e.ctx.add(YieldOp([value]), expr.item)
    return e.ctx.add(MapListOp(source, Region(block)), expr).result


def _build_quantifier(
    e: Expressions, expr: tree.Call, argument: tree.Expr, scope: Scope
) -> SSAValue:
    """Return the truth of `all(…)` or `any(…)` over a comprehension or a list of `bool`."""
    assert isinstance(expr.callee, tree.Variable), "the caller looked"
    make = AllOp if expr.callee.name == "all" else AnyOp
    if not isinstance(argument, tree.Comprehension):
        source = e.coerce(e.list_of(argument, scope), ListType(BOOL), argument)
        if is_poison(source):
            return source
        block = Block(arg_types=[BOOL])
        with e.ctx.inside(block):
            e.ctx.add(YieldOp([block.args[0]]), argument)
        return e.ctx.add(make(source, Region(block)), expr).result
    source = _build_filtered(e, argument, scope)
    if is_poison(source):
        return source
    block, inside = _item_block(e, source, argument, scope)
    with e.ctx.inside(block):
        inside = _with_condition(e, argument, inside)
        value = e.condition(argument.item, inside)
        if is_poison(value):
            return e.ctx.poison()
        e.ctx.add(YieldOp([value]), argument.item)
    return e.ctx.add(make(source, Region(block)), expr).result


def _build_filtered(e: Expressions, expr: tree.Comprehension, scope: Scope) -> SSAValue:
    """Return the source list of a comprehension without what its condition leaves out."""
    paths.check_shadowing(e, expr.variable, scope)
    source = e.list_of(expr.source, scope)
    if is_poison(source) or expr.condition is None:
        return source
    block, inside = _item_block(e, source, expr, scope)
    with e.ctx.inside(block):
        value = e.condition(expr.condition, inside)
        if is_poison(value):
            return value
        e.ctx.add(YieldOp([value]), expr.condition)
    return e.ctx.add(FilterOp(source, Region(block)), expr).result


def _item_block(
    e: Expressions, source: SSAValue, expr: tree.Comprehension, scope: Scope
) -> tuple[Block, Scope]:
    assert isinstance(source.type, ListType), "`list_of` gives a list"
    block = Block(arg_types=[source.type.item])
    block.args[0].name_hint = hint_of(expr.variable.text)
    inside = Scope(scope)
    inside.bind(expr.variable.text, block.args[0], expr.variable.span)
    return block, inside


def _with_condition(e: Expressions, expr: tree.Comprehension, scope: Scope) -> Scope:
    """Return the scope that knows what the condition of the comprehension says about null."""
    return scope if expr.condition is None else e.narrowed(expr.condition, scope, True)


def _plain_arguments(e: Expressions, expr: tree.Call, name: str) -> list[tree.Expr] | None:
    """Return the arguments of a function call: positional, and no statement among them."""
    arguments: list[tree.Expr] = []
    for argument in expr.arguments:
        if argument.name is not None or isinstance(argument.value, tree.Emit):
            given = "named arguments"
            detail = "write the value alone"
            shown = _signatures(name)
            e.ctx.report(WrongArguments(argument.span, name, given, detail, shown))
            return None
        arguments.append(argument.value)
    return arguments


def _has_length(kind: Attribute) -> bool:
    return kind in (STR, JSON) or isinstance(kind, ListType | MapType)


def _build_library_call(
    e: Expressions,
    expr: tree.Call,
    name: str,
    arguments: Sequence[tree.Expr],
    values: Sequence[SSAValue],
) -> SSAValue:
    function = FUNCTIONS.get(name)
    fit = None if function is None else _resolve(function, [value.type for value in values])
    if fit is None:
        return e.ctx.poison(_wrong_arguments(e, expr, name, values))
    parts = zip(values, fit.parameters, arguments, strict=True)
    operands = [e.coerce(value, kind, argument) for value, kind, argument in parts]
    failed = next((value for value in operands if is_poison(value)), None)
    if failed is not None:
        return failed
    return e.ctx.add(CallOp(name, operands, fit.result), expr).result


def _resolve(function: Function, kinds: Sequence[Attribute]) -> Resolved | None:
    """Return the signature that fits; a number from `json` is a `float` where both would do."""
    fit = function.resolve(kinds)
    if fit is None:
        return None
    wider = [_as_float(kind, wanted) for kind, wanted in zip(kinds, fit.parameters, strict=True)]
    result = function.result_of(wider)
    return fit if result is None else Resolved(tuple(wider), result)


def _as_float(kind: Attribute, wanted: Attribute) -> Attribute:
    if kind != wanted and wanted == INT:
        return FLOAT
    if kind != wanted and wanted == ListType(INT):
        return ListType(FLOAT)
    return wanted


def _wrong_arguments(
    e: Expressions, expr: tree.Call, name: str, values: Sequence[SSAValue]
) -> WrongArguments:
    kinds = [f"`{display(value.type, e.ctx.types)}`" for value in values]
    given = ", ".join(kinds)
    allowed = _arities(name)
    counted = len(values) not in allowed
    wanted = " or ".join(map(str, sorted(allowed)))
    plural = "" if wanted == "1" else "s"
    detail = f"{wanted} argument{plural} expected" if counted else "no signature fits these types"
    if counted:
        given = f"{len(values)} argument{'s' * (len(values) != 1)}"
    return WrongArguments(expr.span, name, given, detail, _signatures(name))


def _arities(name: str) -> set[int]:
    if name in _SPECIAL:
        return {0} if name == "now" else {1}
    return {len(signature.parameters) for signature in FUNCTIONS[name].signatures}


def _signatures(name: str) -> tuple[str, ...]:
    if name in _SPECIAL:
        return _SPECIAL[name]
    return tuple(signature_text(name, each) for each in FUNCTIONS[name].signatures)


def signature_text(name: str, signature: Signature) -> str:
    """Return a signature as the author would write it: `split(string, string) → [string]`."""
    parameters = ", ".join(_pattern_text(each) for each in signature.parameters)
    return f"{name}({parameters}) → {_pattern_text(signature.result)}"


def _pattern_text(pattern: Pattern) -> str:
    match pattern:
        case AnyEnum():
            return "enum"
        case ListOf():
            return "[T]"
        case MapOf():
            return "{string: T}"
        case OptionOf():
            return "T?"
        case _:
            return display(pattern)


def _unknown_function(callee: tree.Variable) -> UnknownFunction:
    foreign = _FOREIGN.get(callee.name.lower())
    near = nearest(callee.name, [*FUNCTIONS, *_SPECIAL])
    fix = "write `item in container`" if foreign == "in" else None
    return UnknownFunction(callee.span, callee.name, foreign or near, fix)


def _no_method(expr: tree.Call) -> UnknownFunction:
    """Return the diagnostic for `x.f(y)`: functions stand before their arguments."""
    callee = expr.callee
    if not isinstance(callee, tree.Get):
        return UnknownFunction(callee.span, coercion.shown(callee))
    name = callee.name.text
    name = name if name in FUNCTIONS else _FOREIGN.get(name.lower(), name)
    rest = [coercion.shown(argument) for argument in expr.arguments]
    text = ", ".join([coercion.shown(callee.base), *rest])
    known = name in FUNCTIONS or name in _SPECIAL
    fix = f"write `{name}({text})`" if known else "values have no methods"
    return UnknownFunction(callee.name.span, callee.name.text, None, fix)
