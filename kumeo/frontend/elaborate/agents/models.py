"""`MLModel`: a model file with its own signature, ONNX, scikit-learn or a Bayesian network."""

from collections.abc import Sequence

from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects import agent, data
from kumeo.dialects.data import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    STR,
    EnumType,
    ListType,
    OptionType,
    RecordType,
    option_of,
)
from kumeo.dialects.data.casts import is_implicit
from kumeo.dialects.data.constants import to_attribute
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.declarations import Model, declare_model_file
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.outside import ModelInputs, UnknownModel, UnknownState, UnknownVariable
from kumeo.frontend.errors.sections import DuplicateKey, InvalidSetting
from kumeo.frontend.signatures import ModelSignature, NetworkSignature, TensorSpec

_TRUE = ("yes", "true", "1", "y", "t", "on", "present", "positive")
_FALSE = ("no", "false", "0", "n", "f", "off", "absent", "negative")

_OF_TENSORS = {"evidence": "input", "query": None}
_OF_NETWORKS = {"input": "evidence", "features": "evidence"}
"""What the other form of `MLModel` takes, with what to write in its place."""


def build_model(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.model` or `agent.bayes` of an `MLModel`."""
    name = call.arguments.first_of("model", "network")
    node = None if name is None else call.arguments.raw(name)
    if node is None or isinstance(node, tree.Emit):
        call.arguments.require("model")
        return call.poison()
    model = _model(call, node)
    if model is None:
        return call.poison()
    if model.kind == "bayesian":
        is_other = call.arguments.refuse("MLModel(network: …)", _OF_NETWORKS)
        return call.poison() if is_other else _bayes(call, model)
    is_other = call.arguments.refuse("MLModel(model: …)", _OF_TENSORS)
    return call.poison() if is_other else _tensor_model(call, model)


def _model(call: AgentCall, node: tree.Expr) -> Model | None:
    """Return the model that an argument names: `models.x`, `"models.x"`, a file, `{ file: … }`."""
    declared, ctx = call.body.declared, call.body.ctx
    if isinstance(node, tree.Object):
        file = pairs_of(ctx, node).get("file")
        if file is not None and isinstance(file.value, tree.String):
            return _inline(call, file.value)
        ctx.report(InvalidSetting(node.span, "model", '`models.name` or `"file.onnx"`'))
        return None
    is_file = isinstance(node, tree.String) and ("/" in node.value or _is_file(node.value))
    if isinstance(node, tree.String) and is_file:
        return _inline(call, node)
    path = node.value if isinstance(node, tree.String) else path_text(node)
    if path is None:
        ctx.report(InvalidSetting(node.span, "model", '`models.name` or `"file.onnx"`'))
        return None
    name = path.removeprefix("models.").removeprefix("context.")
    if name not in declared.models:
        close = nearest(name, declared.models)
        ctx.report(UnknownModel(node.span, "model", name, f"models.{close}" if close else None))
    return declared.models.get(name)


def _is_file(text: str) -> bool:
    suffix = text.rpartition(".")[2].lower()
    return suffix in ("onnx", "bif", "xmlbif", "xml", "skops", "pkl", "pickle", "joblib")


def _inline(call: AgentCall, path: tree.String) -> Model | None:
    known = call.body.declared.models.get(path.value)
    if known is None:
        with call.body.ctx.inside(call.body.declarations):
            known = declare_model_file(call.body.ctx, call.body.declared, path)
    if known is not None:
        call.body.declared.models[path.value] = known
    return known


# Models of tensors.


def _tensor_model(call: AgentCall, model: Model) -> agent.AgentOp | SSAValue:
    signature = model.model
    value = call.input("input", "features")
    if signature is None or is_poison(value):
        return call.poison()
    if len(signature.inputs) > 1:
        built = _by_name(call, model, signature, value)
    else:
        built = _as_vector(call, model, signature, value)
    if built is None:
        return call.poison()
    values, names = built
    return agent.ModelOp(call.name, call.site, model.symbol, values, names, signature.result)


Built = tuple[list[SSAValue], list[str]] | None


def _by_name(call: AgentCall, model: Model, signature: ModelSignature, value: SSAValue) -> Built:
    """Build one operand for each input tensor, from the fields of the input."""
    ctx, names = call.body.ctx, [spec.name for spec in signature.inputs]
    kind = value.type
    given = kind.names if isinstance(kind, RecordType) else ()
    if kind != JSON and not set(names) <= set(given):
        return _mismatch(call, model, f"the inputs {_listed(names)}", value)
    values: list[SSAValue] = []
    for spec in signature.inputs:
        got = ctx.add(data.GetOp(value, spec.name), call.node).results[0]
        wide = _width(spec)
        number = _number(call, got, spec.element, wide)
        if number is None:
            return _mismatch(call, model, f"{_shown(spec)} in `{spec.name}`", got)
        values.append(number)
    return values, names


def _as_vector(call: AgentCall, model: Model, signature: ModelSignature, value: SSAValue) -> Built:
    """Build the operands of the only input tensor: a record's fields in order, or a list."""
    spec = signature.inputs[0] if signature.inputs else TensorSpec("features", "float32", None)
    width = signature.features
    kind = value.type
    wanted = f"{width} features" if width is not None else "features"
    if isinstance(kind, ListType) or kind == JSON:
        item = _element_type(spec.element)
        return [call.body.expressions.coerce(value, ListType(item), call.node)], [spec.name]
    if not isinstance(kind, RecordType):
        number = _number(call, value, spec.element, 1) if width in (1, None) else None
        return (
            ([number], [spec.name]) if number is not None else _mismatch(call, model, wanted, value)
        )
    names = _feature_order(signature, kind)
    if names is None:
        return _mismatch(call, model, f"the features {_listed(signature.feature_names)}", value)
    if width is not None and len(names) != width:
        return _mismatch(call, model, wanted, value, f"{len(names)} field{'s' * (len(names) != 1)}")
    values: list[SSAValue] = []
    for name in names:
        got = call.body.ctx.add(data.GetOp(value, name), call.node).results[0]
        number = _number(call, got, spec.element, 1)
        if number is None:
            shown = display(got.type, call.body.ctx.types)
            return _mismatch(call, model, "numbers", value, f"`{name}`, which is {shown}")
        values.append(number)
    return values, list(names)


def _feature_order(signature: ModelSignature, kind: RecordType) -> Sequence[str] | None:
    """Return the fields in the order of the model's own feature names, if the file has them."""
    if not signature.feature_names:
        return kind.names
    known = set(kind.names)
    return signature.feature_names if set(signature.feature_names) == known else None


def _width(spec: TensorSpec) -> int | None:
    if spec.shape is None or len(spec.shape) < 2:
        return 1
    last = spec.shape[-1]
    return last if isinstance(last, int) else None


def _element_type(element: str) -> Attribute:
    if element.startswith(("float", "double", "bfloat")):
        return FLOAT
    if element.startswith(("int", "uint")):
        return INT
    return STR if element == "string" else BOOL


def _number(call: AgentCall, value: SSAValue, element: str, width: int | None) -> SSAValue | None:
    """Return the value as an element (or a list of them) of a tensor, or None if it cannot be."""
    ctx, wanted = call.body.ctx, _element_type(element)
    if width != 1:
        wanted = ListType(wanted)
    if value.type == BOOL and wanted == FLOAT:
        one = ctx.add(data.ConstantOp(to_attribute(1.0, FLOAT), FLOAT), call.node)
        zero = ctx.add(data.ConstantOp(to_attribute(0.0, FLOAT), FLOAT), call.node)
        return ctx.add(data.SelectOp(value, one, zero), call.node).results[0]
    if isinstance(value.type, EnumType) and wanted == STR:
        return ctx.add(data.CastOp(value, STR), call.node).results[0]
    if not is_implicit(value.type, wanted):
        return None
    return call.body.expressions.coerce(value, wanted, call.node)


def _shown(spec: TensorSpec) -> str:
    width = _width(spec)
    return f"{spec.element}" if width == 1 else f"a list of {spec.element}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _mismatch(
    call: AgentCall, model: Model, wanted: str, value: SSAValue, given: str | None = None
) -> None:
    node = call.arguments.raw("input") or call.arguments.raw("features") or call.node
    shown = given or display(value.type, call.body.ctx.types)
    call.body.ctx.report(ModelInputs(node.span, model.symbol, wanted, shown))


# Bayesian networks.


def _bayes(call: AgentCall, model: Model) -> agent.AgentOp | SSAValue:
    network = model.network
    query = _query(call, model)
    evidence = call.arguments.raw("evidence")
    if network is None or query is None:
        return call.poison()
    values: list[SSAValue] = []
    names: list[str] = []
    for name, pair in _evidence(call, evidence).items():
        value = _observed(call, model, network, name, pair, query)
        values.append(value)
        names.append(name)
    if any(is_poison(value) for value in values):
        return call.poison()
    fields = {
        name: RecordType.of({state: FLOAT for state in network.variables[name]}) for name in query
    }
    result = RecordType.of(fields)
    return agent.BayesOp(call.name, call.site, model.symbol, values, names, query, result)


def _evidence(call: AgentCall, node: tree.Expr | tree.Emit | None) -> dict[str, tree.Pair]:
    if isinstance(node, tree.Object):
        return pairs_of(call.body.ctx, node)
    if node is not None:
        call.body.ctx.report(InvalidSetting(node.span, "evidence", "`{ Variable: value }`"))
    return {}


def _query(call: AgentCall, model: Model) -> list[str] | None:
    """Return the variables that are asked for, all of them known."""
    node = call.arguments.raw("query")
    items = node.items if isinstance(node, tree.Array) else [node]
    strings = [item for item in items if isinstance(item, tree.String)]
    if node is None or model.network is None:
        call.arguments.require("query")
        return None
    if len(strings) != len(items) or not strings:
        call.body.ctx.report(InvalidSetting(node.span, "query", "the name of a variable"))
        return None
    known = [_known_variable(call, model.network, item.value, item) for item in strings]
    names = [item.value for item in strings]
    for again in (item for at, item in enumerate(strings) if item.value in names[:at]):
        call.body.ctx.report(DuplicateKey(again.span, again.value))
    return list(dict.fromkeys(names)) if all(known) else None


def _known_variable(call: AgentCall, network: NetworkSignature, name: str, at: tree.Node) -> bool:
    if name in network.variables:
        return True
    close = nearest(name, network.variables)
    known = ", ".join(f"`{each}`" for each in list(network.variables)[:8])
    fix = f"write `{close}`" if close else f"the variables are {known}"
    problem = f"the network has no variable `{name}`"
    call.body.ctx.report(UnknownVariable(at.span, problem, "unknown variable", fix))
    return False


def _observed(
    call: AgentCall,
    model: Model,
    network: NetworkSignature,
    name: str,
    pair: tree.Pair,
    query: Sequence[str],
) -> SSAValue:
    """Build the value of an evidence variable: one of its states, a bool, or null."""
    if not _known_variable(call, network, name, pair.key):
        return call.poison()
    if name in query:
        problem = f"`{name}` is both asked for and given"
        fix = f"remove `{name}` from `evidence` or from `query`"
        call.body.ctx.report(UnknownVariable(pair.key.span, problem, "also in `query`", fix))
        return call.poison()
    states = network.variables[name]
    if isinstance(pair.value, tree.String) and pair.value.value not in states:
        text = f"`{pair.value.value}`"
        close = nearest(pair.value.value, states)
        call.body.ctx.report(UnknownState(pair.value.span, name, text, states, close))
        return call.poison()
    wanted = EnumType.of(*states)
    if isinstance(pair.value, tree.String):
        return call.body.expressions.build(pair.value, call.scope, wanted)
    return _as_state(call, name, wanted, pair.value)


def _as_state(call: AgentCall, name: str, wanted: EnumType, node: tree.Expr) -> SSAValue:
    states = wanted.names
    if isinstance(node, tree.Variable) and node.name in states:
        return call.body.expressions.build(node, call.scope, wanted)
    value = call.body.expressions.build(node, call.scope)
    kind = value.type
    is_optional = isinstance(kind, OptionType)
    inner = kind.inner if isinstance(kind, OptionType) else kind
    if is_poison(value) or inner == wanted:
        return value
    if inner == BOOL and _truth_states(states) is not None:
        return _truth(call, value, wanted, node)
    if inner in (STR, JSON):
        target = option_of(wanted) if is_optional else wanted
        return call.body.ctx.add(data.CastOp(value, target), node).results[0]
    if isinstance(inner, EnumType):
        missing = [state for state in inner.names if state not in states]
        if missing:
            shown = _listed(missing)
            call.body.ctx.report(UnknownState(node.span, name, shown, states))
            return call.poison()
        return _recast(call, value, wanted, is_optional, node)
    shown = display(kind, call.body.ctx.types)
    call.body.ctx.report(UnknownState(node.span, name, f"of type {shown}", states))
    return call.poison()


def _truth_states(states: Sequence[str]) -> tuple[str, str] | None:
    """Return the states that stand for true and false, such as `yes` and `no`."""
    true = [state for state in states if state.lower() in _TRUE]
    false = [state for state in states if state.lower() in _FALSE]
    return (true[0], false[0]) if len(states) == 2 and true and false else None


def _truth(call: AgentCall, value: SSAValue, wanted: EnumType, node: tree.Node) -> SSAValue:
    """Build the state that a bool stands for; null stays null."""
    ctx, states = call.body.ctx, _truth_states(wanted.names)
    assert states is not None, "the caller looked"
    true, false = (
        ctx.add(data.ConstantOp(to_attribute(state, wanted), wanted), node).results[0]
        for state in states
    )
    if not isinstance(value.type, OptionType):
        return ctx.add(data.SelectOp(value, true, false), node).results[0]
    truth = ctx.add(data.UnwrapOp(value), node).results[0]
    state = ctx.add(data.SelectOp(truth, true, false), node).results[0]
    given = ctx.add(data.SomeOp(state), node).results[0]
    missing = ctx.add(data.NoneOp(option_of(wanted)), node).results[0]
    is_given = ctx.add(data.IsSomeOp(value), node).results[0]
    return ctx.add(data.SelectOp(is_given, given, missing), node).results[0]


def _recast(
    call: AgentCall, value: SSAValue, wanted: EnumType, is_optional: bool, node: tree.Node
) -> SSAValue:
    """Build the cast of an enum with other states, by way of its text."""
    text: Attribute = option_of(STR) if is_optional else STR
    target: Attribute = option_of(wanted) if is_optional else wanted
    middle = call.body.ctx.add(data.CastOp(value, text), node)
    return call.body.ctx.add(data.CastOp(middle, target), node).results[0]


ML_MODEL = Kind(
    "runs a model file",
    {
        "model": Parameter(Role.RAW, '`models.name` or a file such as `"model.onnx"`'),
        "network": Parameter(Role.RAW, "the same, for a Bayesian network"),
        "input": Parameter(Role.REFERENCE, "the features: a record, in the order of the model"),
        "features": Parameter(Role.REFERENCE, "the same as `input`"),
        "evidence": Parameter(Role.RAW, "what is known, as `{ Variable: value }`"),
        "query": Parameter(Role.RAW, "the variable(s) asked for"),
    },
    build_model,
    positional=("model",),
)
