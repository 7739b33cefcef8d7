"""The settings of an `LLM`: engines, limits, tools, and what goes with what.

They are kept as plain data, in the form in which the dialect and the runtime read them: durations
are microseconds, `max_price` is a budget of one event.
"""

from collections.abc import Callable, Mapping
from typing import Any

from xdsl.ir import Attribute

from kumeo.diagnostics import nearest
from kumeo.dialects.agent import is_decision
from kumeo.dialects.agent.language_models import MODES, PERIODS, STRATEGIES
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.library import DeclaredAgent
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.errors.flow import UnknownAgent
from kumeo.frontend.errors.sections import InvalidSetting

Check = tuple[str, Callable[[Any], bool]]

SETTINGS: Mapping[str, Parameter] = {
    "strategy": Parameter(Role.TEXT, "which engine begins: the first one, or each in turn"),
    "mode": Parameter(Role.TEXT, '`"decision"` for an answer that is one of a few'),
    "stream": Parameter(Role.BOOLEAN, "whether answers are read while they are made"),
    "temperature": Parameter(Role.NUMBER, "0 for the most likely answer, more for variety"),
    "max_tokens": Parameter(Role.INTEGER, "the longest answer"),
    "top_p": Parameter(Role.NUMBER, "the share of likely tokens to choose from"),
    "seed": Parameter(Role.INTEGER, "makes a server's answers repeatable where it can"),
    "stop": Parameter(Role.SETTINGS, "texts that end the answer"),
    "tools": Parameter(Role.RAW, "declared agents that the model may call"),
    "max_steps": Parameter(Role.INTEGER, "how many rounds of tools there are; 8 when left out"),
    "cache": Parameter(Role.RAW, "`true` or `{ ttl: 1h }`: equal prompts share an answer"),
    "reask": Parameter(Role.INTEGER, "how often a malformed answer is asked for again"),
    "budget": Parameter(Role.RAW, "what it may use, as `{ tokens: 5000, usd: 0.1, per: … }`"),
    "max_price": Parameter(Role.NUMBER, "the highest price of one event, in US dollars"),
}


def _names(known: tuple[str, ...]) -> Check:
    listed = " or ".join(f'`"{each}"`' for each in known)
    return listed, lambda value: value in known


_CHECKS: Mapping[str, Check] = {
    "strategy": _names(STRATEGIES),
    "mode": _names(MODES),
    "temperature": ("a number, 0 or more", lambda value: value >= 0),
    "max_tokens": ("an integer above 0", lambda value: value > 0),
    "top_p": ("a number above 0 and up to 1", lambda value: 0 < value <= 1),
    "max_steps": ("an integer above 0", lambda value: value > 0),
    "reask": ("an integer, 0 or more", lambda value: value >= 0),
    "max_price": ("a number above 0", lambda value: value > 0),
}
_BUDGET = '`{ tokens: 5000, usd: 0.1, per: "event" }`'
_LIMITS = {
    "tokens": "an integer above 0",
    "usd": "a number above 0",
    "per": '`"event"`, `"hour"` or `"day"`',
}
_CACHE = "`true`, `false` or `{ ttl: 1h }`"


def settings_of(call: AgentCall, engines: tuple[str, ...], result: Attribute) -> dict[str, Any]:
    """Return the settings of a call, checked."""
    plainly = [name for name in SETTINGS if name not in ("tools", "cache", "budget", "max_price")]
    found = call.arguments.settings(*plainly)
    for name in list(found):
        if not _holds(call, name, found[name]):
            del found[name]
    found |= {"engines": list(engines)} if len(engines) > 1 else {}
    found |= _budget(call) | _cache(call)
    is_wrong = not (is_decision(result) or is_poison(result))
    if found.get("mode") == "decision" and is_wrong:
        expected = '`"auto"`, or an `output` that is a bool, an enum or a record of these'
        _report(call, "mode", expected)
        del found["mode"]
    return found


def _holds(call: AgentCall, name: str, value: Any) -> bool:
    expected, is_valid = _CHECKS.get(name, ("", lambda _: True))
    if value is None or is_valid(value):
        return value is not None
    _report(call, name, expected)
    return False


def _report(call: AgentCall, name: str, expected: str) -> None:
    node = call.arguments.raw(name)
    place = call.arguments.place if node is None else node.span
    call.body.ctx.report(InvalidSetting(place, name, expected))


def engines_of(call: AgentCall, node: tree.Expr | tree.Emit) -> tuple[str, ...]:
    """Return the engines of `engine: ["a/b", "c/d"]`; none after a diagnostic."""
    items = node.items if isinstance(node, tree.Array) else ()
    texts = [item.value for item in items if isinstance(item, tree.String) and item.value]
    if texts and len(texts) == len(items) == len(set(texts)):
        for item, text in zip(items, texts, strict=True):
            check_engine(call, item, text)
        return tuple(texts)
    _report(call, "engine", 'a string, or a list such as `["openai/large", "ollama/small"]`,')
    return ()


def check_engine(call: AgentCall, node: tree.Expr | tree.Emit, engine: str) -> None:
    """Report an engine without a provider: nothing could say where its models are."""
    provider, _, model = engine.partition("/")
    if not provider or not model:
        fix = f'write for instance `"ollama/{engine.strip("/")}"`'
        report = InvalidSetting(node.span, "engine", "a provider and a model", fix)
        call.body.ctx.report(report)


def _budget(call: AgentCall) -> dict[str, Any]:
    """Return `budget: { tokens: …, usd: …, per: … }`, or what `max_price: x` stands for."""
    price = call.arguments.constant("max_price")
    node = call.arguments.raw("budget")
    if node is None:
        if price is None or not _holds(call, "max_price", price):
            return {}
        return {"budget": {"usd": float(price), "per": "event"}}
    if price is not None:
        _report(call, "max_price", "nothing beside `budget`")
    if not isinstance(node, tree.Object):
        _report(call, "budget", _BUDGET)
        return {}
    limits: dict[str, Any] = {}
    for key, pair in pairs_of(call.body.ctx, node).items():
        value = _limit(key, pair.value)
        if value is None:
            _refuse_limit(call, key, pair)
            return {}
        limits[key] = value
    if not {"tokens", "usd"} & set(limits):
        _report(call, "budget", _BUDGET)
        return {}
    return {"budget": {**limits, "per": limits.get("per", "event")}}


def _refuse_limit(call: AgentCall, key: str, pair: tree.Pair) -> None:
    report, expected = call.body.ctx.report, _LIMITS.get(key)
    if expected is not None:
        report(InvalidSetting(pair.value.span, key, expected))
        return
    close = nearest(key, _LIMITS)
    fix = f"write `{close}`" if close else f"write as in {_BUDGET}"
    report(InvalidSetting(pair.span, key, "one of `tokens`, `usd`, `per`", fix))


def _limit(key: str, value: tree.Expr) -> Any:
    match key, value:
        case "tokens", tree.Int(value=number) if number > 0:
            return number
        case "usd", tree.Int(value=number) | tree.Float(value=number) if number > 0:
            return float(number)
        case "per", tree.String(value=text) if text in PERIODS:
            return text
        case _:
            return None


def _cache(call: AgentCall) -> dict[str, Any]:
    node = call.arguments.raw("cache")
    match node:
        case None | tree.Bool(value=False):
            return {}
        case tree.Bool(value=True):
            return {"cache": True}
        case tree.Object(pairs=(tree.Pair(key=key, value=tree.Duration(value_us=time)),)) if (
            key.text == "ttl" and time > 0
        ):
            return {"cache": {"ttl_us": time}}
        case _:
            _report(call, "cache", _CACHE)
            return {}


def tools_of(call: AgentCall) -> tuple[DeclaredAgent, ...]:
    """Return the declared agents of `tools: [Stock, "Price"]`, each once."""
    node = call.arguments.raw("tools")
    if node is None:
        return ()
    if not isinstance(node, tree.Array):
        _report(call, "tools", "a list of declared agents such as `[Stock]`")
        return ()
    found = [_tool(call, item) for item in node.items]
    tools = {tool.symbol: tool for tool in found if tool is not None}
    if len(tools) < len(found) and None not in found:
        _report(call, "tools", "each agent once")
    return tuple(tools.values())


def _tool(call: AgentCall, node: tree.Expr) -> DeclaredAgent | None:
    ctx, library = call.body.ctx, call.body.library
    text = node.value if isinstance(node, tree.String) else path_text(node)
    name = ctx.unqualified(text or "")
    found = library.agents.get(name)
    if found is None:
        bare = node.span.text.partition("(")[0]  # Somebody who writes `Stock()` means `Stock`.
        close = bare if bare in library.agents else nearest(name, library.agents)
        fix = 'declare it: `agent Name(x: string) -> string { python: "module:function" }`'
        ctx.report(UnknownAgent(node.span, text or node.span.text, close, fix))
    return found


def effects_of(
    call: AgentCall, tools: tuple[DeclaredAgent, ...], settings: dict[str, Any]
) -> str | None:
    """Return what a model with these tools does: `"acts"`, or None when it only reads."""
    is_acting = any(tool.effects == "acts" for tool in tools)
    if is_acting and settings.pop("cache", None) is not None:
        _report(call, "cache", "nothing beside tools that act")
    if tools and settings.get("mode") == "decision":
        _report(call, "mode", '`"auto"` beside `tools`')
    if not tools and "max_steps" in settings:
        _report(call, "max_steps", "nothing without `tools`")
    return "acts" if is_acting else None


__all__ = ["SETTINGS", "check_engine", "effects_of", "engines_of", "settings_of", "tools_of"]
