"""The agent kinds of the language: one table, and the function that elaborates a call of any."""

from collections.abc import Mapping

from kumeo.diagnostics import nearest
from kumeo.frontend import tree
from kumeo.frontend.elaborate.agents import (
    compute,
    decisions,
    llm,
    models,
    outside,
    review,
    state,
)
from kumeo.frontend.elaborate.agents.calls import elaborate_declared
from kumeo.frontend.elaborate.agents.kind import Kind, callee_name, elaborate_kind
from kumeo.frontend.elaborate.agents.router import elaborate_router
from kumeo.frontend.elaborate.body import BlockScope, Body
from kumeo.frontend.errors.flow import UnknownAgent

KINDS: Mapping[str, Kind] = {
    "LLM": llm.LLM,
    "MLModel": models.ML_MODEL,
    "DataProcessor": compute.DATA_PROCESSOR,
    "DataNormalizer": compute.NORMALIZER,
    "MissingValueHandler": compute.MISSING_VALUES,
    "DecisionMatrix": decisions.DECISION,
    "RuleEngine": decisions.DECISION,
    "HumanReview": review.HUMAN_REVIEW,
    "HumanInLoop": review.HUMAN_REVIEW,
    "Retrieve": outside.RETRIEVE,
    "Query": outside.QUERY,
    "Aggregate": state.AGGREGATE,
}


def elaborate_call(body: Body, node: tree.Call, scope: BlockScope, name: tree.Name | None) -> bool:
    """Insert the ops of a call and bind its result.

    With a `name` (`x = callee(…)`) an unknown callee may still be a function of an expression:
    then nothing is done and the result is False. As a statement it is a diagnostic.
    """
    callee = callee_name(node)
    callee = None if callee is None else body.ctx.unqualified(callee)
    if callee == "Router":
        elaborate_router(body, node, scope)
        return True
    if callee is not None and callee in KINDS:
        elaborate_kind(body, callee, KINDS[callee], node, scope, name)
        return True
    if callee is not None and elaborate_declared(body, callee, node, scope, name):
        return True
    if name is None or callee is None or callee[:1].isupper():
        _report_unknown(body, node, callee)
        if name is not None:
            body.bind(scope, name, body.ctx.poison())
        return True
    return False


def _report_unknown(body: Body, node: tree.Call, callee: str | None) -> None:
    shown = callee or node.callee.span.text
    close = nearest(shown, {*KINDS, "Router", *body.library.names()})
    fix = None
    if callee is not None and callee[:1].islower() and close is None:
        fix = f"a function gives a value: write `name = {callee}(…)`"
    body.ctx.report(UnknownAgent(node.callee.span, shown, close, fix))


__all__ = ["KINDS", "elaborate_call"]
