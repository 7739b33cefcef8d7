"""`DecisionMatrix` and `RuleEngine`: the first rule that holds, or weighted criteria, decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, SSAValue

from kumeo.diagnostics import Source, Span, nearest
from kumeo.dialects import agent, data
from kumeo.dialects.agent.compute import HIT_POLICY
from kumeo.dialects.data import FLOAT, STR, EnumType, ListType, RecordType, option_of
from kumeo.dialects.data.constants import to_attribute
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind
from kumeo.frontend.elaborate.arguments import Parameter, Role, expression_of
from kumeo.frontend.elaborate.context import Scope, is_poison
from kumeo.frontend.elaborate.paths import SECTIONS
from kumeo.frontend.elaborate.settings import pairs_of
from kumeo.frontend.errors.names import UnknownName
from kumeo.frontend.errors.sections import InvalidSetting
from kumeo.frontend.parser import parse_expression
from kumeo.frontend.signatures import Cell, DecisionTable, read_decision_table

_CONDITIONS = ("when", "if", "condition")
_OUTCOMES = ("then", "decision", "outcome", "action")
_MODES = ("first_match", "all_match", "weighted_sum", "weighted_product", "topsis")


@dataclass
class Rules:
    """Rules as they are built: a condition and an outcome each."""

    names: list[str] = field(default_factory=list[str])
    conditions: list[SSAValue] = field(default_factory=list[SSAValue])
    outcomes: list[str] = field(default_factory=list[str])
    default: str | None = None
    policy: str = "first"
    """The hit policy of a table."""

    def add(self, name: str | None, condition: SSAValue, outcome: str) -> None:
        """Append a rule; one without a name, or with a taken one, is numbered."""
        wanted = name or f"rule_{len(self.names) + 1}"
        taken = wanted in self.names
        self.names.append(f"{wanted}_{len(self.names) + 1}" if taken else wanted)
        self.conditions.append(condition)
        self.outcomes.append(outcome)


def build_decision(call: AgentCall) -> agent.AgentOp | SSAValue:
    """Return the `agent.decide` of a `DecisionMatrix` or `RuleEngine`."""
    mode = call.arguments.constant("mode", "")
    if mode and mode not in _MODES:
        node = call.arguments.raw("mode")
        assert node is not None
        known = ", ".join(f'`"{each}"`' for each in _MODES)
        call.body.ctx.report(InvalidSetting(node.span, "mode", f"one of {known}"))
        return call.poison()
    if mode in _MODES[2:] or (not mode and "criteria" in call.arguments):
        is_other = call.arguments.refuse("DecisionMatrix(criteria: …)", {"rules": None})
        return call.poison() if is_other else _weighted(call, mode or "weighted_sum")
    useless: dict[str, str | None] = {"criteria": None, "thresholds": None}
    if call.arguments.refuse("DecisionMatrix(rules: …)", useless):
        return call.poison()
    return _by_rules(call, mode or "first_match")


def _by_rules(call: AgentCall, mode: str) -> agent.AgentOp | SSAValue:
    node = call.arguments.raw("rules")
    scope = _scope(call)
    rules = Rules(default=_default(call))
    match node:
        case tree.Array(items=items):
            for item in items:
                _rule(call, scope, rules, item)
        case tree.Object():
            _rule_pairs(call, scope, rules, node)
        case tree.String():
            rules.policy = _table(call, scope, rules, node)
            mode = "all_match" if rules.policy == "collect" else mode
        case None:
            call.arguments.require("rules")
        case _:
            _report(call, node, "rules", '`[{ when: …, then: "…" }]` or a table file')
    if any(is_poison(each) for each in rules.conditions) or not rules.conditions:
        if node is not None and not rules.conditions and not isinstance(node, tree.String):
            _report(call, node, "rules", "at least one rule")
        return call.poison()
    return _decide(call, mode, rules)


def _decide(call: AgentCall, mode: str, rules: Rules) -> agent.AgentOp:
    kind: Attribute = EnumType.of(*_distinct(rules.outcomes, rules.default))
    decision = ListType(kind) if mode == "all_match" else kind
    op = agent.DecideOp(
        call.name,
        call.site,
        mode,
        rules.conditions,
        rules.names,
        rules.outcomes,
        _result(decision),
        default=rules.default,
    )
    if rules.policy in ("unique", "any"):
        op.attributes[HIT_POLICY] = StringAttr(rules.policy)
    return op


def _distinct(outcomes: Sequence[str], default: str | None) -> list[str]:
    every = [*outcomes, *([] if default is None else [default])]
    return list(dict.fromkeys(every))


def _result(decision: Attribute) -> RecordType:
    return RecordType.of({"decision": decision, "rule": STR, "score": option_of(FLOAT)})


def _scope(call: AgentCall) -> Scope:
    """Return a scope in which `input` is what the agent is given."""
    scope = Scope(call.scope)
    if "input" in call.arguments and not scope.defines("input"):
        value = call.build("input")
        if value is not None:
            scope.bind("input", value)
    return scope


def _default(call: AgentCall) -> str | None:
    """Return the decision when no rule holds: `default: "x"` or `on_failure: { decision: "x" }`."""
    node = call.arguments.raw("default")
    if node is not None:
        return _outcome(call, node, "default")
    failure = call.arguments.raw("on_failure")
    if not isinstance(failure, tree.Object):
        if failure is not None:
            _report(call, failure, "on_failure", '`{ decision: "…" }`')
        return None
    pairs = pairs_of(call.body.ctx, failure)
    found = next((pairs[key] for key in (*_OUTCOMES, "default") if key in pairs), None)
    if found is None:
        _report(call, failure, "on_failure", '`{ decision: "…" }`')
        return None
    return _outcome(call, found.value, "on_failure")


def _outcome(call: AgentCall, node: tree.Node, name: str) -> str | None:
    if isinstance(node, tree.String):
        return node.value
    if isinstance(node, tree.Variable):
        return node.name
    _report(call, node, name, "a decision, as a name or string")
    return None


def _rule(call: AgentCall, scope: Scope, rules: Rules, item: tree.Expr) -> None:
    """Add `{ name: "big", when: source.amount > 100, then: "review" }`."""
    expected = '`{ when: …, then: "…" }`'
    if not isinstance(item, tree.Object):
        _report(call, item, "rules", expected)
        return
    pairs = pairs_of(call.body.ctx, item)
    when = next((pairs[key].value for key in _CONDITIONS if key in pairs), None)
    then = next((pairs[key].value for key in _OUTCOMES if key in pairs), None)
    named = pairs.get("name") or pairs.get("id")
    default = pairs.get("default")
    if default is not None and when is None:
        rules.default = _outcome(call, default.value, "default")
        return
    if when is None or then is None:
        _report(call, item, "rules", expected)
        return
    outcome = _outcome(call, then, "then")
    name = named.value.value if named and isinstance(named.value, tree.String) else None
    if outcome is not None:
        rules.add(name, _condition(call, scope, when), outcome)


def _rule_pairs(call: AgentCall, scope: Scope, rules: Rules, node: tree.Object) -> None:
    """Add `{ "source.amount > 100": "review", default: "pass" }`; the order counts."""
    for pair in pairs_of(call.body.ctx, node).values():
        outcome = _outcome(call, pair.value, pair.key.text)
        if outcome is None:
            continue
        if pair.key.text == "default":
            rules.default = outcome
            continue
        when = tree.String(pair.key.span, pair.key.text)
        rules.add(None, _condition(call, scope, when), outcome)


def _condition(call: AgentCall, scope: Scope, node: tree.Expr) -> SSAValue:
    expr = expression_of(call.body.ctx, node, Role.CONDITION)
    return call.poison() if expr is None else call.body.expressions.condition(expr, scope)


def _table(call: AgentCall, scope: Scope, rules: Rules, path: tree.String) -> str:
    """Add the rules of a table file; return its hit policy."""
    ctx = call.body.ctx
    content = ctx.read(path)
    if content is None:
        return rules.policy
    table, found = read_decision_table(content, path.value, path.span)
    ctx.diagnostics.extend(found)
    if table is None:
        return rules.policy
    columns = _columns(call, scope, table)
    for rule in table.rules:
        tests = [_cell(call, columns, cell) for cell in rule.cells]
        rules.add(rule.name, _all_of(call, tests), rule.outcome)
    return table.hit_policy


def _columns(call: AgentCall, scope: Scope, table: DecisionTable) -> Scope:
    """Return a scope in which the fields of the input are visible, for the columns of a table."""
    inner = Scope(scope)
    value = scope.find("input") or scope.find("source")
    if value is None:
        return inner
    for cell in table.inputs:
        root = cell.text.partition(".")[0]
        if not inner.defines(root):
            found = _column(call, inner, value, cell, root)
            if found is not None:
                inner.bind(root, found)
    return inner


def _column(
    call: AgentCall, scope: Scope, value: SSAValue, cell: Cell, root: str
) -> SSAValue | None:
    """Return the field of the input that a column reads, poison after a fault, None if another."""
    kind = value.type
    if kind == data.JSON or (isinstance(kind, RecordType) and kind.field(root) is not None):
        return call.body.ctx.add(data.GetOp(value, root), call.node).results[0]
    if is_poison(value):
        return value
    is_path = all(part.isidentifier() for part in cell.text.split("."))
    if not isinstance(kind, RecordType) or not is_path or root in SECTIONS:
        return None
    near = nearest(root, {*kind.names, *scope.visible()})
    return call.body.ctx.poison(UnknownName(cell.place, root, near))


def _cell(call: AgentCall, scope: Scope, cell: Cell) -> SSAValue:
    """Build the condition of one cell; its diagnostics point at the cell in the table file."""
    ctx = call.body.ctx
    quoted = cell.text.replace("\\", "\\\\").replace('"', '\\"')
    place = cell.place
    indent = "\n" * (place.line - 1) + " " * max(place.column - 2, 0)
    source = Source(place.path, f'{indent}"{quoted}"')  # Ops get the line of the cell.
    string = tree.String(Span(source, len(indent), len(source.text)), cell.text)
    before = len(ctx.diagnostics)
    expr, found = parse_expression(string)
    ctx.diagnostics.extend(found)
    value = call.poison() if expr is None else call.body.expressions.condition(expr, scope)
    moved = [replace(each, place=cell.place, related=()) for each in ctx.diagnostics[before:]]
    ctx.diagnostics[before:] = moved
    return value


def _all_of(call: AgentCall, tests: Sequence[SSAValue]) -> SSAValue:
    ctx = call.body.ctx
    if not tests:
        constant = data.ConstantOp(to_attribute(True, data.BOOL), data.BOOL)
        return ctx.add(constant, call.node).results[0]
    result = tests[0]
    for test in tests[1:]:
        if is_poison(result) or is_poison(test):
            return call.poison()
        result = ctx.add(data.AndOp(result, test), call.node).results[0]
    return result


def _weighted(call: AgentCall, mode: str) -> agent.AgentOp | SSAValue:
    """Build criteria with weights: `{ price: { value: x, weight: 0.3 } }`, and thresholds."""
    criteria, thresholds = call.arguments.raw("criteria"), call.arguments.raw("thresholds")
    form = "`{ name: { value: …, weight: 0.5 } }`"
    if not isinstance(criteria, tree.Object) or not criteria.pairs:
        _report(call, criteria or call.node, "criteria", form)
        return call.poison()
    if not isinstance(thresholds, tree.Object) or not thresholds.pairs:
        _report(call, thresholds or call.node, "thresholds", "`{ approve: 0.8, review: 0.5 }`")
        return call.poison()
    built = _criteria(call, criteria, form)
    levels = _levels(call, thresholds)
    if built is None or levels is None:
        return call.poison()
    values, weights = built
    names = [pair.key.text for pair in criteria.pairs]
    default = _default(call)
    outcomes = list(levels)
    every = EnumType.of(*_distinct(outcomes, default))
    return agent.DecideOp(
        call.name,
        call.site,
        mode,
        values,
        names,
        outcomes,
        _result(every),
        weights=weights,
        thresholds=list(levels.values()),
        default=default,
    )


def _criteria(
    call: AgentCall, node: tree.Object, form: str
) -> tuple[list[SSAValue], list[float]] | None:
    """Build the values of the criteria with their weights; None after a diagnostic."""
    scope = _scope(call)
    values: list[SSAValue] = []
    weights: list[float] = []
    for pair in pairs_of(call.body.ctx, node).values():
        value, weight = _criterion(pair.value)
        if value is None or weight is None:
            is_weight = value is not None
            _report(call, pair, pair.key.text, "a weight of 0 or more" if is_weight else form)
            return None
        values.append(call.body.expressions.build(value, scope, FLOAT))
        weights.append(weight)
    if not any(weights):
        _report(call, node, "criteria", "one weight above 0 at least")
        return None
    return None if any(is_poison(value) for value in values) else (values, weights)


def _levels(call: AgentCall, node: tree.Object) -> dict[str, float] | None:
    """Return the lowest score of each decision, lowest first; they may be written in any order."""
    levels: dict[str, float] = {}
    for name, pair in pairs_of(call.body.ctx, node).items():
        number = _literal_number(pair.value)
        if number is None or number in levels.values():
            expected = "a number of its own, such as `0.8`"
            _report(call, pair.value, name, expected)
            return None
        levels[name] = number
    return dict(sorted(levels.items(), key=lambda level: level[1]))


def _criterion(node: tree.Expr) -> tuple[tree.Expr | None, float | None]:
    if not isinstance(node, tree.Object):
        return node, 1.0
    pairs = {pair.key.text: pair.value for pair in node.pairs}
    weight = pairs.get("weight")
    return pairs.get("value"), 1.0 if weight is None else _literal_number(weight)


def _literal_number(node: tree.Expr) -> float | None:
    return float(node.value) if isinstance(node, tree.Int | tree.Float) else None


def _report(call: AgentCall, node: tree.Node, name: str, expected: str) -> None:
    call.body.ctx.report(InvalidSetting(node.span, name, expected))


DECISION = Kind(
    "decides by rules or weighted criteria",
    {
        "input": Parameter(Role.REFERENCE, "what the rules read as `input`"),
        "rules": Parameter(Role.RAW, '`[{ when: …, then: "…" }]`, or a table file'),
        "default": Parameter(Role.RAW, "the decision when no rule holds"),
        "on_failure": Parameter(Role.RAW, "the same, in the draft's style"),
        "mode": Parameter(Role.TEXT, "how rules or criteria decide"),
        "criteria": Parameter(Role.RAW, "values with weights"),
        "thresholds": Parameter(Role.RAW, "the lowest score of each decision"),
    },
    build_decision,
)
