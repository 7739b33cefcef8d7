"""Language models as values of the runtime: their settings, their providers, their tools."""

from collections.abc import Mapping
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.backends.python.code import Expr, call, mapping, tupled
from kumeo.backends.python.declarations import data_expr, made
from kumeo.backends.python.errors import NotPrintable, Unprintable
from kumeo.backends.python.types import Types
from kumeo.dialects.agent import ExternOp, LlmOp
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import ProviderOp

Symbols = Mapping[str, Operation]
Fields = dict[str, Any]
_PROVIDER = (
    *("kind", "url", "key", "max_concurrent", "requests_per_minute", "capabilities", "prices"),
)
"""Settings of a provider that the runtime reads."""


def model_fields(op: LlmOp, types: Types, symbols: Symbols) -> Fields:
    """Return the arguments of a `LanguageModel` that are its own."""
    settings = {key: from_setting(value) for key, value in op.settings.data.items()}
    return {
        "engine": op.engine.data,
        "settings": settings or None,
        "providers": _providers(op),
        "tools": _tools(op, types, symbols),
    }


def _providers(op: LlmOp) -> Expr | None:
    """Return the blocks that say where the engines are; others are known by their names."""
    module = op.get_toplevel_object()
    blocks = module.walk() if isinstance(module, ModuleOp) else ()
    declared = {each.symbol: each for each in blocks if isinstance(each, ProviderOp)}
    names = dict.fromkeys(engine.partition("/")[0] for engine in op.engines)
    found = [_provider(declared[name]) for name in names if name in declared]
    return tupled(found) if found else None


def _provider(op: ProviderOp) -> Expr:
    given = {key: from_setting(value) for key, value in op.settings.data.items()}
    fields = {key: setting_expr(given[key]) for key in _PROVIDER if key in given}
    return made("Provider", {"name": op.symbol, **fields})


def setting_expr(value: Any) -> Expr:
    """Return plain data as an expression; `{"secret": NAME}` stands for the secret."""
    if isinstance(value, dict) and set(cast(Fields, value)) == {"secret"}:
        return call("Secret", [data_expr(cast(Fields, value)["secret"])])
    return data_expr(value)


def _tools(op: LlmOp, types: Types, symbols: Symbols) -> Expr | None:
    found = [_tool(op, name, types, symbols) for name in op.tool_names]
    return tupled(found) if found else None


def _tool(op: LlmOp, name: str, types: Types, symbols: Symbols) -> Expr:
    function = python_function(op, name, symbols)
    kinds = [Expr(types.of(kind)) for kind in function.function_type.inputs.data]
    fields = {
        "name": name,
        "agent": _user_code(op, function, types),
        "takes": mapping(list(zip(function.parameters, kinds, strict=True))),
        "description": function.setting("description"),
    }
    return made("Tool", fields)


def _user_code(op: LlmOp, function: ExternOp, types: Types) -> Expr:
    fields = {
        "site": f"{op.site}/tools/{function.symbol}",
        "id": f"{op.agent_id}/{function.symbol}",
        **code_fields(function),
        "result": Expr(types.of(function.function_type.outputs.data[0])),
    }
    return made("UserCode", fields)


def code_fields(function: ExternOp) -> Fields:
    """Return the arguments of a `UserCode` that its declaration says."""
    isolate = True if function.setting("isolate") else None
    return {
        "target": function.function.data,
        "effects": function.effects.data,
        "isolate": isolate,
    }


def python_function(op: Operation, name: str, symbols: Symbols) -> ExternOp:
    """Return the declaration of a function. Raises: Unprintable when it is not in Python."""
    found = symbols.get(name)
    if isinstance(found, ExternOp) and found.language.data == "python":
        return found
    place = NotPrintable.of(op).place
    raise Unprintable(NotPrintable(place, op.name, "write the function in Python"))
