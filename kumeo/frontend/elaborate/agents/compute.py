"""`DataProcessor`, `DataNormalizer` and `MissingValueHandler`: records from records."""

from collections.abc import Callable

from xdsl.ir import Attribute, Block, Region, SSAValue

from kumeo.diagnostics import nearest
from kumeo.dialects import agent, data
from kumeo.dialects.data import FLOAT, JSON, OptionType, RecordType
from kumeo.dialects.data.constants import to_attribute
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role, expression_of
from kumeo.frontend.elaborate.context import IsolatedScope, Scope, is_poison
from kumeo.frontend.elaborate.references import path_text
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.elaborate.types import display
from kumeo.frontend.errors.names import UnknownField
from kumeo.frontend.errors.sections import InvalidSetting
from kumeo.frontend.errors.types import TypeMismatch

_STEPS = ("select", "drop", "rename", "set", "fill")


def build_processor(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.process` of a `DataProcessor`."""
    fields = call.arguments.raw(call.arguments.first_of("fields", "features") or "fields")
    if "input" in call.arguments or not isinstance(fields, tree.Object):
        return _process(call, _processed)
    return _process_by_name(call, fields)


def build_missing_values(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.process` of a `MissingValueHandler`: defaults in place of null."""

    def fill(call: AgentCall, value: SSAValue, scope: IsolatedScope) -> SSAValue:
        node = call.arguments.raw("defaults")
        if isinstance(node, tree.Object):
            return _fill(call, value, scope, node)
        return _wrong(call, node, "defaults", "`{ field: value }`")

    return _process(call, fill)


def build_normalizer(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.process` of a `DataNormalizer`: numbers scaled by known statistics."""
    return _process(call, _normalized)


Work = Callable[[AgentCall, SSAValue, IsolatedScope], SSAValue]


def _process(call: AgentCall, work: Work) -> agent.AgentOp | SSAValue:
    """Build `work` in an isolated region whose arguments are the values that it reads."""
    body = call.body
    outer = call.input("input")
    if is_poison(outer):
        return outer
    block = Block()
    scope = IsolatedScope(_scope_with_input(call, outer), block, call.node)
    with body.ctx.inside(block):
        inner = scope.capture(outer)
        assert inner is not None
        result = work(call, inner, scope)
        body.ctx.add(agent.YieldOp([result]), call.node)
    if is_poison(result):
        return call.poison()
    return agent.ProcessOp(call.name, call.site, scope.inputs, result.type, Region(block))


def _process_by_name(call: AgentCall, fields: tree.Object) -> agent.AgentOp | SSAValue:
    """Build a record whose fields name the values that they read: there need be no input."""
    block = Block()
    scope = IsolatedScope(_scope_with_input(call, call.scope.find("source")), block, call.node)
    name = call.arguments.first_of("fields", "features") or "fields"
    with call.body.ctx.inside(block):
        result = call.body.expressions.build(_expressions(call, fields, name), scope)
        call.body.ctx.add(agent.YieldOp([result]), call.node)
    if is_poison(result):
        return call.poison()
    return agent.ProcessOp(call.name, call.site, scope.inputs, result.type, Region(block))


def _scope_with_input(call: AgentCall, value: SSAValue | None) -> Scope:
    """Return a scope in which `input` is what the agent is given."""
    scope = Scope(call.scope)
    if value is not None and not scope.defines("input"):
        scope.bind("input", value)
    return scope


def _processed(call: AgentCall, value: SSAValue, scope: IsolatedScope) -> SSAValue:
    arguments, expressions = call.arguments, call.body.expressions
    for name in ("fields", "features"):
        node = arguments.raw(name)
        if isinstance(node, tree.Object):
            return expressions.build(_expressions(call, node, name), scope)
        if isinstance(node, tree.Array):
            return _selected(call, value, scope, node)
        if node is not None:
            return _wrong(call, node, name, "`{ name: value }` or a list of field names")
    steps = arguments.raw("steps")
    if isinstance(steps, tree.Array):
        for step in steps.items:
            value = _step(call, value, scope, step)
    elif steps is not None:
        return _wrong(call, steps, "steps", "a list of steps")
    return value


def _expressions(call: AgentCall, node: tree.Object, name: str) -> tree.Object:
    """Return an object whose strings are read as expressions when the parameter is `features`."""
    if name == "fields":
        return node
    pairs: list[tree.Pair] = []
    for pair in node.pairs:
        value = expression_of(call.body.ctx, pair.value, Role.REFERENCE) or pair.value
        pairs.append(tree.Pair(pair.span, pair.key, value, pair.quoted))
    return tree.Object(node.span, tuple(pairs))


def _selected(call: AgentCall, value: SSAValue, scope: IsolatedScope, node: tree.Array) -> SSAValue:
    """Build a record of named fields: `["amount", "source.hour"]`."""
    fields: dict[str, SSAValue] = {}
    for item in node.items:
        expr = expression_of(call.body.ctx, item, Role.REFERENCE)
        path = None if expr is None else path_text(expr)
        if expr is None or path is None:
            _wrong(call, item, "features", "the name of a field")
            continue
        root, _, rest = path.partition(".")
        if not rest and not scope.defines(root):
            fields[root] = _field(call, value, root, item)
        else:
            fields[path.rpartition(".")[2]] = call.body.expressions.build(expr, scope)
    return _record(call, fields, node)


def _field(call: AgentCall, value: SSAValue, name: str, at: tree.Node) -> SSAValue:
    kind = value.type
    if isinstance(kind, RecordType) and kind.field(name) is None:
        shown = display(kind, call.body.ctx.types)
        close = nearest(name, kind.names)
        call.body.ctx.report(UnknownField(at.span, shown, name, close, kind.names))
        return call.poison()
    return call.body.ctx.add(data.GetOp(value, name), at).results[0]


def _record(call: AgentCall, fields: dict[str, SSAValue], at: tree.Node) -> SSAValue:
    if any(is_poison(value) for value in fields.values()):
        return call.poison()
    kind = RecordType.of({name: value.type for name, value in fields.items()})
    return call.body.ctx.add(data.RecordOp(list(fields.values()), kind), at).results[0]


def _step(call: AgentCall, value: SSAValue, scope: IsolatedScope, step: tree.Expr) -> SSAValue:
    """Build one step: `{ drop: ["a"] }`."""
    expected = f"one of {', '.join(f'`{{ {name}: … }}`' for name in _STEPS)}"
    if is_poison(value):
        return value
    if not isinstance(step, tree.Object) or len(step.pairs) != 1:
        return _wrong(call, step, "steps", expected)
    pair = step.pairs[0]
    fields = _fields_of(call, value, step)
    if fields is None:
        return call.poison()
    match pair.key.text, pair.value:
        case "select", tree.Array() as names:
            return _selected(call, value, scope, names)
        case "drop", tree.Array() as names:
            return _dropped(call, fields, names)
        case "rename", tree.Object() as names:
            return _renamed(call, fields, names)
        case "set", tree.Object(pairs=pairs):
            new = {p.key.text: call.body.expressions.build(p.value, scope) for p in pairs}
            return _record(call, {**fields, **new}, step)
        case "fill", tree.Object() as defaults:
            return _fill(call, value, scope, defaults)
        case _:
            return _wrong(call, step, "steps", expected)


def _fields_of(call: AgentCall, value: SSAValue, at: tree.Node) -> dict[str, SSAValue] | None:
    kind = value.type
    if not isinstance(kind, RecordType):
        shown = display(kind, call.body.ctx.types)
        problem = f"steps work on a record, not on {shown}"
        fix = "give the source a `schema`"
        call.body.ctx.report(TypeMismatch(at.span, problem, f"the input is {shown}", fix))
        return None
    return {name: _field(call, value, name, at) for name in kind.names}


def _known(call: AgentCall, item: tree.Expr, fields: dict[str, SSAValue]) -> None:
    name = item.value if isinstance(item, tree.String) else item.span.text
    if name not in fields:
        close = nearest(name, fields)
        call.body.ctx.report(UnknownField(item.span, "the input", name, close, tuple(fields)))


def _dropped(call: AgentCall, fields: dict[str, SSAValue], names: tree.Array) -> SSAValue:
    for item in names.items:
        _known(call, item, fields)
    dropped = {item.value for item in names.items if isinstance(item, tree.String)}
    return _record(call, {n: v for n, v in fields.items() if n not in dropped}, names)


def _renamed(call: AgentCall, fields: dict[str, SSAValue], names: tree.Object) -> SSAValue:
    renames = {pair.key.text: pair for pair in names.pairs}
    for name, pair in renames.items():
        if name not in fields:
            close = nearest(name, fields)
            known = tuple(fields)
            call.body.ctx.report(UnknownField(pair.key.span, "the input", name, close, known))
        if not isinstance(pair.value, tree.String):
            return _wrong(call, pair.value, "rename", 'a new name, such as `"b"`')
    result: dict[str, SSAValue] = {}
    for name, value in fields.items():
        pair = renames.get(name)
        new = pair.value.value if pair and isinstance(pair.value, tree.String) else name
        result[new] = value
    return _record(call, result, names)


def _fill(call: AgentCall, value: SSAValue, scope: IsolatedScope, node: tree.Object) -> SSAValue:
    """Build the record (or json object) with defaults in place of null."""
    body = call.body
    if value.type == JSON:
        return _fill_json(call, value, scope, node)
    fields = _fields_of(call, value, node)
    if fields is None:
        return call.poison()
    for name, pair in pairs_of(body.ctx, node).items():
        if name not in fields:
            _known(call, tree.String(pair.key.span, name), fields)
            continue
        old = fields[name]
        inner: Attribute = old.type.inner if isinstance(old.type, OptionType) else old.type
        default = body.expressions.build(pair.value, scope, inner)
        if isinstance(old.type, OptionType) and not is_poison(default):
            fields[name] = body.ctx.add(data.CoalesceOp(old, default), pair).results[0]
    return _record(call, fields, node)


def _fill_json(
    call: AgentCall, value: SSAValue, scope: IsolatedScope, node: tree.Object
) -> SSAValue:
    body = call.body
    for name, pair in pairs_of(body.ctx, node).items():
        default = body.expressions.build(pair.value, scope, JSON)
        if is_poison(default):
            return default
        old = body.ctx.add(data.GetOp(value, name), pair).results[0]
        filled = body.ctx.add(data.CoalesceOp(old, default), pair).results[0]
        value = body.ctx.add(data.SetOp(value, name, filled), pair).results[0]
    return value


def _normalized(call: AgentCall, value: SSAValue, scope: IsolatedScope) -> SSAValue:
    """Build the record with `(x - mean) / std` or `(x - min) / (max - min)` for given fields."""
    node = call.arguments.raw("fields")
    if not isinstance(node, tree.Object):
        return _wrong(call, node, "fields", "`{ amount: { mean: 10.0, std: 2.0 } }`")
    is_json = value.type == JSON
    fields = {} if is_json else _fields_of(call, value, node)
    if fields is None:
        return call.poison()
    for name, pair in pairs_of(call.body.ctx, node).items():
        if is_json:
            number = _scaled(call, _field(call, value, name, pair), pair)
            number = call.body.expressions.coerce(number, JSON, pair)
            if is_poison(number):
                return number
            value = call.body.ctx.add(data.SetOp(value, name, number), pair).results[0]
        elif name in fields:
            fields[name] = _scaled(call, fields[name], pair)
        else:
            _known(call, tree.String(pair.key.span, name), fields)
    return value if is_json else _record(call, fields, node)


def _scaled(call: AgentCall, value: SSAValue, pair: tree.Pair) -> SSAValue:
    expected = "`{ mean: 10.0, std: 2.0 }` or `{ min: 0.0, max: 100.0 }`"
    numbers: dict[str, float] = {}
    for each in pair.value.pairs if isinstance(pair.value, tree.Object) else ():
        if isinstance(each.value, tree.Int | tree.Float):
            numbers[each.key.text] = float(each.value.value)
    if set(numbers) == {"mean", "std"} and numbers["std"] > 0:
        offset, scale = numbers["mean"], numbers["std"]
    elif set(numbers) == {"min", "max"} and numbers["max"] > numbers["min"]:
        offset, scale = numbers["min"], numbers["max"] - numbers["min"]
    else:
        return _wrong(call, pair.value, pair.key.text, expected)
    ctx = call.body.ctx
    number = call.body.expressions.coerce(value, FLOAT, pair)
    if is_poison(number):
        return number
    shift = ctx.add(data.ConstantOp(to_attribute(offset, FLOAT), FLOAT), pair)
    divisor = ctx.add(data.ConstantOp(to_attribute(scale, FLOAT), FLOAT), pair)
    centred = ctx.add(data.SubOp(number, shift), pair)
    return ctx.add(data.DivOp(centred, divisor), pair).results[0]


def _wrong(call: AgentCall, node: tree.Node | None, name: str, expected: str) -> SSAValue:
    if node is None:
        call.arguments.require(name)
        return call.poison()
    call.body.ctx.report(InvalidSetting(node.span, name, expected))
    return call.poison()


_INPUT = Parameter(Role.REFERENCE, "the record to work on; `source` when left out")

DATA_PROCESSOR = Kind(
    "computes a record from values",
    {
        "input": _INPUT,
        "fields": Parameter(Role.RAW, "the fields of the result, as `{ name: value }`"),
        "features": Parameter(Role.RAW, "the draft's spelling of `fields`; strings are references"),
        "steps": Parameter(Role.RAW, f"changes of the input: {', '.join(_STEPS)}"),
    },
    build_processor,
)
MISSING_VALUES = Kind(
    "puts defaults in place of null",
    {
        "input": _INPUT,
        "defaults": Parameter(Role.RAW, "the default of each field", is_required=True),
    },
    build_missing_values,
)
NORMALIZER = Kind(
    "scales numbers by known statistics",
    {
        "input": _INPUT,
        "fields": Parameter(Role.RAW, "mean and std, or min and max, by field", is_required=True),
    },
    build_normalizer,
)
