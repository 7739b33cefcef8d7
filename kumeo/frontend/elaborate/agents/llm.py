"""`LLM`: a language model with a prompt and a typed answer."""

from xdsl.ir import Attribute, SSAValue

from kumeo.dialects import agent
from kumeo.dialects.data import STR, RecordType
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.agents.llm_settings import (
    SETTINGS,
    check_engine,
    effects_of,
    engines_of,
    settings_of,
    tools_of,
)
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.prompts import build_prompt
from kumeo.frontend.elaborate.type_arguments import type_argument
from kumeo.frontend.errors.sections import InvalidSetting


def build_llm(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.llm` of an `LLM`."""
    engines = _engines(call)
    scope = _scope_with_input(call)
    prompt = _prompt(call, "prompt", scope)
    system = _prompt(call, "system", scope)
    result = _result_type(call)
    settings = settings_of(call, engines, result)
    tools = tools_of(call)
    effects = effects_of(call, tools, settings)
    if not engines or prompt is None:
        call.arguments.require("prompt")
        return call.poison()
    if is_poison(prompt) or (system is not None and is_poison(system)) or is_poison(result):
        return call.poison()
    names = [tool.symbol for tool in tools]
    return agent.LlmOp(
        call.name, call.site, engines[0], prompt, system, result, settings, names, effects
    )


def _engines(call: AgentCall) -> tuple[str, ...]:
    """Return each `provider/model`, the first one first; none after a diagnostic."""
    node = call.arguments.raw("engine")
    if node is not None and not isinstance(node, tree.String):
        return engines_of(call, node)
    engine = call.arguments.constant("engine")
    provider = call.arguments.constant("provider")
    model = call.arguments.constant("model")
    if engine is None and model is not None:
        engine = f"{provider}/{model}" if provider else model
    if engine is None and provider is not None:
        engine = provider
    if not engine:
        call.arguments.require("engine")
    elif node is not None:
        check_engine(call, node, engine)
    return (engine,) if engine else ()


def _scope_with_input(call: AgentCall) -> Scope:
    """Return a scope in which `input` is what the agent is given."""
    node = call.arguments.raw("input")
    if node is None:
        return call.scope
    scope = Scope(call.scope)
    value = _inputs(call, node) if isinstance(node, tree.Array) else call.build("input")
    if value is not None and not scope.defines("input"):
        scope.bind("input", value)
    return scope


def _inputs(call: AgentCall, node: tree.Array) -> SSAValue:
    """Return several inputs as one record; each field is called like the last part of its path."""
    pairs: list[tree.Pair] = []
    for item in node.items:
        text = item.value if isinstance(item, tree.String) else item.span.text
        name = text.replace("/", ".").rpartition(".")[2]
        argument = tree.Argument(item.span, None, item)
        single = type(call.arguments)(
            call.body.ctx, "LLM", call.node, call.arguments.parameters, {"input": argument}
        )
        expr = single.expression("input")
        if expr is not None:
            pairs.append(tree.Pair(item.span, tree.Name(item.span, name), expr))
    return call.body.expressions.build(tree.Object(node.span, tuple(pairs)), call.scope)


def _prompt(call: AgentCall, name: str, scope: Scope) -> SSAValue | None:
    node = call.arguments.raw(name)
    if node is None:
        return None
    if isinstance(node, tree.String):
        return build_prompt(call.body.ctx, call.body.expressions, node, scope)
    if isinstance(node, tree.Emit):
        call.body.ctx.report(InvalidSetting(node.span, name, "a prompt"))
        return None
    return call.body.expressions.build(node, scope, STR)


def _result_type(call: AgentCall) -> Attribute:
    """Return the type of the answer: `output: T` or the draft's `schema: T`, else text."""
    for name in ("schema", "output"):
        node = call.arguments.raw(name)
        is_channel = name == "output" and isinstance(node, tree.String)
        if node is None or is_channel or isinstance(node, tree.Emit):
            continue
        kind = type_argument(call.body.ctx, node)
        if kind is not None:
            return kind
        call.body.ctx.report(InvalidSetting(node.span, name, "a type"))
        return call.poison().type
    return RecordType.of({"text": STR})


LLM = Kind(
    "asks a language model",
    {
        "engine": Parameter(Role.SETTINGS, 'the model, such as `"ollama/llama3"`, or a list'),
        "provider": Parameter(Role.TEXT, "the provider, in the draft's style"),
        "model": Parameter(Role.TEXT, "the model, in the draft's style"),
        "prompt": Parameter(Role.TEMPLATE, "what to ask, with `{{ … }}`"),
        "system": Parameter(Role.TEMPLATE, "the role of the model"),
        "input": Parameter(Role.REFERENCE, "what the prompt reads as `input`"),
        "output": Parameter(Role.TYPE, "the type of the answer"),
        "schema": Parameter(Role.TYPE, "the type of the answer, in the draft's style"),
        **SETTINGS,
    },
    build_llm,
    positional=("engine",),
)
