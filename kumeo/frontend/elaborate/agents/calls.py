"""Calls of what a file declares itself: agents in the user's own code, and subworkflows."""

from collections.abc import Mapping

from xdsl.ir import Attribute, SSAValue

from kumeo.dialects import agent, data, workflow
from kumeo.dialects.data import JSON, RecordType
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents.kind import AgentCall, Kind, elaborate_kind
from kumeo.frontend.elaborate.arguments import Parameter, Role
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.elaborate.context import is_poison
from kumeo.frontend.elaborate.library import DeclaredAgent, DeclaredSubworkflow
from kumeo.frontend.elaborate.types import display


def elaborate_declared(
    body: Body, callee: str, node: tree.Call, scope: BlockScope, name: tree.Name | None
) -> bool:
    """Insert the call of a declared agent or subworkflow; return False if there is none."""
    declared = body.library.agents.get(callee)
    if declared is not None:
        elaborate_kind(body, callee, _agent_kind(body, declared), node, scope, name)
        return True
    if callee not in body.library.subworkflows:
        return False
    subworkflow = body.library.elaborate(callee, node.callee.span)
    if subworkflow is not None:
        kind = _subworkflow_kind(body, subworkflow)
        elaborate_kind(body, callee, kind, node, scope, name)
    elif (given := name or _given_id(node)) is not None:
        body.bind(scope, given, body.ctx.poison())
    return True


def _given_id(node: tree.Call) -> tree.Name | None:
    """Return the name of `id: "name"`."""
    for argument in node.arguments:
        if argument.name is not None and argument.name.text == "id":
            value = argument.value
            return tree.Name(value.span, value.value) if isinstance(value, tree.String) else None
    return None


def _parameters(body: Body, types: Mapping[str, Attribute]) -> dict[str, Parameter]:
    return {
        name: Parameter(_role(kind), display(kind, body.ctx.types), is_required=True)
        for name, kind in types.items()
    }


def _role(kind: Attribute) -> Role:
    """A string for a json parameter is a reference, as in the draft; else it is a string."""
    return Role.REFERENCE if kind == JSON else Role.VALUE


def _values(call: AgentCall, types: Mapping[str, Attribute]) -> list[SSAValue]:
    values: list[SSAValue] = []
    for name, kind in types.items():
        expr = call.arguments.expression(name)
        if expr is None:
            values.append(call.poison())
            continue
        values.append(call.body.expressions.build(expr, call.scope, kind))
    return values


def _agent_kind(body: Body, declared: DeclaredAgent) -> Kind:
    def build(call: AgentCall) -> agent.AgentOp | SSAValue:
        values = _values(call, declared.parameters)
        if any(is_poison(value) for value in values) or is_poison(declared.result):
            return call.poison()
        return agent.CallOp(
            call.name, call.site, declared.symbol, values, declared.result, declared.effects
        )

    parameters = _parameters(body, declared.parameters)
    is_acting = declared.effects == "acts"
    return Kind("a declared agent", parameters, build, tuple(parameters), is_acting)


def _subworkflow_kind(body: Body, declared: DeclaredSubworkflow) -> Kind:
    def build(call: AgentCall) -> agent.AgentOp | SSAValue:
        values = _values(call, declared.inputs)
        results = list(declared.outputs.values())
        if any(is_poison(each) for each in (*values, *results)):
            return call.poison()
        ctx = call.body.ctx
        op = ctx.add(workflow.CallOp(declared.symbol, values, results, call.site), call.node)
        if not declared.is_record:
            return op.results[0] if op.results else _nothing(call)
        kind = RecordType.of(declared.outputs)
        return ctx.add(data.RecordOp(list(op.results), kind), call.node).results[0]

    parameters = _parameters(body, declared.inputs)
    return Kind(
        "a subworkflow", parameters, build, tuple(parameters), is_acting=True, has_attempts=False
    )


def _nothing(call: AgentCall) -> SSAValue:
    kind = RecordType.of({})
    return call.body.ctx.add(data.RecordOp([], kind), call.node).results[0]
