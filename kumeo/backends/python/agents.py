"""The agents of a workflow as values of the runtime: one constructor call for each site."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from xdsl.dialects.builtin import IntegerAttr
from xdsl.ir import Attribute, Operation

from kumeo.analysis.runnable import database_limit
from kumeo.backends.python.calls import input_names
from kumeo.backends.python.code import Expr, call, listing, literal, mapping, tupled
from kumeo.backends.python.declarations import assigned, data_expr, made
from kumeo.backends.python.errors import NotPrintable, Unprintable, refuse
from kumeo.backends.python.language_models import (
    code_fields,
    model_fields,
    python_function,
    setting_expr,
)
from kumeo.backends.python.types import Types
from kumeo.dialects import agent
from kumeo.dialects.agent import AgentOp, PolicyAttr
from kumeo.dialects.agent.infer import BATCH_MAX
from kumeo.dialects.data import OptionType
from kumeo.dialects.facts import own_facts
from kumeo.dialects.settings import from_setting, strings_of
from kumeo.dialects.workflow.declarations import Endpoint

Symbols = Mapping[str, Operation]
Fields = dict[str, Any]
Maker = Callable[[Any, Types, Symbols], Fields]

CLASSES: Mapping[type[AgentOp], tuple[str, str]] = {
    agent.ModelOp: ("onnx_model", "OnnxModel"),
    agent.BayesOp: ("bayes_net", "BayesNet"),
    agent.DecideOp: ("decide", "Decide"),
    agent.InferOp: ("infer_model", "InferModel"),
    agent.LlmOp: ("language_model", "LanguageModel"),
    agent.RetrieveOp: ("knowledge_base", "KnowledgeBase"),
    agent.QueryOp: ("database", "Database"),
    agent.ReviewOp: ("review", "Review"),
    agent.AggregateOp: ("aggregate", "Aggregate"),
    agent.CallOp: ("user_code", "UserCode"),
}
"""Module and class of the runtime by kind of agent."""


def agent_lines(label: str, op: AgentOp, types: Types, symbols: Symbols) -> list[str]:
    """Return the declaration of an agent."""
    found = CLASSES.get(type(op))
    if found is None:
        raise Unprintable(NotPrintable.of(op))
    kind, result = found[1], types.of(op.result.type)
    fields: Fields = {
        "site": op.site,
        "id": None if op.agent_id == op.site else op.agent_id,
        **_MAKERS[type(op)](op, types, symbols),
        "result": Expr(result),
        "policy": policy_expr(op.policy),
        "inputs": _renamed(op),
        "acts": _acts(op),
    }
    return assigned(label, made(kind, fields), f"{kind}[{result}]")


def _renamed(op: AgentOp) -> tuple[str, ...] | None:
    """Return the names of the inputs, where they cannot be those of the call."""
    names = input_names(op)
    is_same = all(key == value for key, value in names.items())
    return None if is_same or not op.operand_names() or type(op) in _PLAIN else tuple(names)


_PLAIN = (agent.DecideOp, agent.AggregateOp, agent.ReviewOp, agent.LlmOp, agent.RetrieveOp)


def _acts(op: AgentOp) -> bool | None:
    """Say that an agent of a kind that does not act does: its tools do, or its fallback emits."""
    if isinstance(op, agent.LlmOp) and not own_facts(op).discardable:
        return True
    inner = [other for region in op.optional_regions() for other in region.walk()]
    has_effect = any(not own_facts(other).discardable for other in inner)
    return True if has_effect and own_facts(op).discardable else None


def policy_expr(policy: PolicyAttr | None) -> Expr | None:
    """Return a policy, or None when it is the usual one."""
    if policy is None:
        return None
    fields = {
        "timeout_s": None if policy.timeout_us is None else policy.timeout_us / 1e6,
        "attempts": policy.attempts if policy.attempts != 1 else None,
        "backoff": policy.backoff if policy.backoff != "none" else None,
        "delay_s": policy.delay_us / 1e6 if policy.delay_us else None,
    }
    return made("Policy", fields)


def _address(name: str, symbols: Symbols) -> str:
    found = symbols.get(name)
    return found.address.data if isinstance(found, Endpoint) else name


def _settings(op: Any) -> Fields:
    return {key: from_setting(value) for key, value in op.settings.data.items()}


def _model(op: agent.ModelOp, types: Types, symbols: Symbols) -> Fields:
    return {"artifact": _address(op.model_name, symbols)}


def _bayes(op: agent.BayesOp, types: Types, symbols: Symbols) -> Fields:
    path = _address(op.network_name, symbols)
    return {"artifact": network_path(path), "query": strings_of(op.query)}


def network_path(path: str) -> str:
    """Return the file of a package that holds a network: the build step writes it as JSON."""
    return f"{path}.json"


def _infer(op: agent.InferOp, types: Types, symbols: Symbols) -> Fields:
    kinds = [_taken(value.type, types) for value in op.inputs]
    takes = mapping(list(zip(op.operand_names(), kinds, strict=True)))
    most = op.attributes.get(BATCH_MAX)
    limit = {"max_batch": most.value.data} if isinstance(most, IntegerAttr) else {}
    return {"artifact": infer_path(op), "takes": takes, **limit}


def _taken(kind: Attribute, types: Types) -> Expr:
    """Return the type of an input; an optional one as a pair, in which an enum keeps its order."""
    if isinstance(kind, OptionType):
        return tupled([Expr(types.of(kind.inner)), literal(None)])
    return Expr(types.of(kind))


def infer_path(op: agent.InferOp) -> str:
    """Return the file of a package that holds the graph of a numeric program."""
    plain = re.sub(r"[^\w.-]+", "_", op.site)
    digest = hashlib.sha256(op.site.encode()).hexdigest()[:8]
    return f"{plain}.onnx" if plain == op.site else f"{plain}-{digest}.onnx"


def _decide(op: agent.DecideOp, types: Types, symbols: Symbols) -> Fields:
    return {
        "mode": op.mode.data,
        "outcomes": strings_of(op.outcomes),
        "rules": strings_of(op.rules),
        "weights": None if op.weights is None else tuple(from_setting(op.weights)),
        "thresholds": None if op.thresholds is None else tuple(from_setting(op.thresholds)),
        "default": None if op.default is None else op.default.data,
    }


def _retrieve(op: agent.RetrieveOp, types: Types, symbols: Symbols) -> Fields:
    context = symbols.get(op.context_name)
    given = _settings(context) if isinstance(context, Endpoint) else {}
    settings = {**given, **_settings(op)}
    kept = {key: settings[key] for key in ("top", "chunk", "embedder") if key in settings}
    several = tuple(settings.get("path", ()))
    return {"path": several or _address(op.context_name, symbols), "settings": kept or None}


def _query(op: agent.QueryOp, types: Types, symbols: Symbols) -> Fields:
    context = symbols.get(op.context_name)
    given = _settings(context) if isinstance(context, Endpoint) else {}
    if isinstance(context, Endpoint) and context.kind.data == "table":
        tables = {str(given.get("name", op.context_name)): context.address.data}
        return {"tables": tables, "sql": op.sql.data}
    fields = {"address": _place(op.context_name, symbols), "sql": op.sql.data}
    return fields | ({"read_only": False} if given.get("read_only") is False else {})


def _place(name: str, symbols: Symbols) -> str | Expr:
    """Return where a database is, or the secret that says so."""
    context = symbols.get(name)
    url = _settings(context).get("url") if isinstance(context, Endpoint) else None
    if url is not None:
        return setting_expr(url)
    address = _address(name, symbols)
    if isinstance(context, Endpoint):
        refuse(context, name, database_limit(address))
    return address


def _review(op: agent.ReviewOp, types: Types, symbols: Symbols) -> Fields:
    given = _settings(op)
    texts = ("title", "instructions", "form", "assignees", "group", "on_timeout", "escalate_to")
    fields: Fields = {key: given.get(key) for key in (*texts, "priority")}
    for key in ("assignees", "escalate_to"):
        if isinstance(fields[key], str):
            fields[key] = (fields[key],)
        elif fields[key] is not None:
            fields[key] = tuple(fields[key])
    for key in ("timeout", "due", "reminder"):
        time_us = given.get(f"{key}_us")
        fields[f"{key}_s"] = None if time_us is None else time_us / 1e6
    edit = None if op.edit is None else Expr(types.of(op.edit.type))
    return {"input": Expr(types.of(op.input.type)), "edit": edit, **fields}


def _aggregate(op: agent.AggregateOp, types: Types, symbols: Symbols) -> Fields:
    return {
        "reducers": strings_of(op.reducers),
        "values": listing([Expr(types.of(value.type)) for value in op.values]),
        "key": Expr(types.of(op.key.type)),
        "window_us": op.window_us,
    }


def _call(op: agent.CallOp, types: Types, symbols: Symbols) -> Fields:
    return code_fields(python_function(op, op.callee_name, symbols))


_MAKERS: Mapping[type[AgentOp], Maker] = {
    agent.ModelOp: _model,
    agent.BayesOp: _bayes,
    agent.DecideOp: _decide,
    agent.InferOp: _infer,
    agent.LlmOp: model_fields,
    agent.RetrieveOp: _retrieve,
    agent.QueryOp: _query,
    agent.ReviewOp: _review,
    agent.AggregateOp: _aggregate,
    agent.CallOp: _call,
}

__all__ = [
    "CLASSES",
    "agent_lines",
    "call",
    "data_expr",
    "infer_path",
    "network_path",
    "policy_expr",
]
