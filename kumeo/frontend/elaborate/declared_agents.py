"""`agent Name(…) -> T { python: "module:function" }` becomes an `agent.extern`."""

from collections.abc import Mapping

from xdsl.dialects.builtin import FunctionType
from xdsl.ir import Attribute

from kumeo.dialects import agent
from kumeo.dialects.settings import Setting
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context, is_poison
from kumeo.frontend.elaborate.library import DeclaredAgent
from kumeo.frontend.elaborate.own_code import Declared, check_own_code
from kumeo.frontend.elaborate.programs import (
    Programs,
)
from kumeo.frontend.elaborate.settings import pairs_of, plain
from kumeo.frontend.elaborate.types import resolve_type
from kumeo.frontend.errors.sections import (
    DuplicateKey,
    InvalidSetting,
)

_KEPT = (
    ("description", tree.String, "a string"),
    ("isolate", tree.Bool, "`true` or `false`"),
)
"""Settings that the IR keeps as they are, with their forms."""


def declare_agent(programs: Programs, node: tree.AgentDeclaration) -> None:
    """Insert the `agent.extern` of `agent Name(…) -> T { python: "module:function" }`."""
    ctx = programs.ctx
    name = node.name.text
    parameters: dict[str, Attribute] = {}
    for parameter in node.parameters:
        if parameter.name.text in parameters:
            ctx.report(DuplicateKey(parameter.name.span, parameter.name.text))
        parameters[parameter.name.text] = resolve_type(ctx, parameter.type)
    result = resolve_type(ctx, node.result)
    settings = pairs_of(ctx, node.settings)
    language, function = _function(ctx, node, settings)
    effects = _effects(ctx, settings)
    _check_settings(ctx, node, settings)
    symbol = programs.shared.symbol(name)
    programs.library.agents[name] = DeclaredAgent(symbol, parameters, result, effects, node)
    if function is None or any(is_poison(kind) for kind in (*parameters.values(), result)):
        return
    written = settings.get("python")
    if written is not None and isinstance(written.value, tree.String):
        check_own_code(ctx, Declared(node, written.value, parameters, result))
    type = FunctionType.from_lists(list(parameters.values()), [result])
    kept = _settings(ctx, settings, list(parameters))
    with ctx.inside(programs.module):
        ctx.add(agent.ExternOp(symbol, language, function, type, effects, kept), node)


def _function(
    ctx: Context, node: tree.AgentDeclaration, settings: Mapping[str, tree.Pair]
) -> tuple[str, str | None]:
    for language in ("python", "rust"):
        pair = settings.get(language)
        if pair is None:
            continue
        if isinstance(pair.value, tree.String) and ":" in pair.value.value:
            return language, pair.value.value
        ctx.report(InvalidSetting(pair.value.span, language, '`"module:function"`'))
        return language, None
    expected = '`{ python: "module:function" }` or `{ rust: "crate:function" }`'
    ctx.report(InvalidSetting(node.settings.span, node.name.text, expected))
    return "python", None


def _effects(ctx: Context, settings: Mapping[str, tree.Pair]) -> str:
    """Return what the function may do; the safest assumption when nothing is said."""
    pair = settings.get("effects")
    if pair is None:
        return "acts"
    text = plain(ctx, pair.value, "effects")
    if isinstance(text, str) and text in ("pure", "read", "acts"):
        return text
    ctx.report(InvalidSetting(pair.value.span, "effects", '`"pure"`, `"read"` or `"acts"`'))
    return "acts"


def _settings(
    ctx: Context, settings: Mapping[str, tree.Pair], parameters: list[str]
) -> dict[str, Setting]:
    """Return what the declaration keeps beside its type."""
    found: dict[str, Setting] = {"parameters": parameters} if parameters else {}
    for name, kind, expected in _KEPT:
        pair = settings.get(name)
        value = None if pair is None else pair.value
        if isinstance(value, kind):
            found[name] = value.value
        elif value is not None:
            ctx.report(InvalidSetting(value.span, name, expected))
    return found


def _check_settings(
    ctx: Context, node: tree.AgentDeclaration, settings: Mapping[str, tree.Pair]
) -> None:
    known = ("python", "rust", "effects", *(name for name, _, _ in _KEPT))
    for name, pair in settings.items():
        if name not in known:
            expected = f"one of {', '.join(known)}"
            ctx.report(InvalidSetting(pair.key.span, name, expected))
