"""What events can cost, in words, and where it is more than the budget allows."""

import math
from collections.abc import Iterator

from kumeo.analysis import late
from kumeo.analysis.bills import LATENCY, METRICS, Bill, Line, budget_of
from kumeo.analysis.domains.describe import duration_text
from kumeo.analysis.places import point_of
from kumeo.analysis.value_names import name_of
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.workflow import OnOp, WorkflowOp

_VERBS = {"calls": "make", "tokens": "use", "price_usd": "cost", LATENCY: "take"}
_PARTS_MAX = 5


def over_budget(workflow: WorkflowOp, body: OnOp, bill: Bill) -> Iterator[Diagnostic]:
    """Yield an error for each number that the budget limits and an event can exceed."""
    budget = budget_of(workflow)
    for metric in METRICS:
        limit, amount = budget.get(metric), bill.amount(metric)
        if limit is None or amount <= limit:
            continue
        if math.isinf(amount) and bill.unbounded:
            loop = bill.unbounded[0]
            words = {"price_usd": "price"}.get(metric, metric)
            yield late.risk_errors.CostUnbounded(point_of(loop), words, name_of(loop.items))
            continue
        parts = bill.parts(metric)
        notes = tuple(_note(metric, line) for line in parts[:_PARTS_MAX])
        verb, shown = _VERBS[metric], amount_text(metric, amount)
        dearest = max(parts, key=lambda line: line.amount).agent
        fix = f"raise the limit to {amount_text(metric, amount)}, or make `{dearest}` cheaper"
        where = point_of(workflow) or point_of(body)
        yield late.risk_errors.BudgetExceeded(
            where, verb, shown, amount_text(metric, limit), fix, notes=notes
        )


def table_of(bill: Bill) -> str:
    """Return the numbers of a bill in one line."""
    parts = [amount_text(metric, bill.amount(metric)) for metric in METRICS]
    busy = amount_text(LATENCY, bill.busy_us)
    return f"{', '.join(parts)} ({busy} one after the other)"


def _note(metric: str, line: Line) -> str:
    why = f" ({line.why})" if "×" in line.why or "times" in line.why else ""
    return f"`{line.agent}`: {amount_text(metric, line.amount)}{why}"


def amount_text(metric: str, amount: float) -> str:
    """Return an amount with its unit."""
    if metric == LATENCY:
        return "any time" if math.isinf(amount) else duration_text(int(amount))
    if metric == "price_usd":
        return "any price" if math.isinf(amount) else f"{amount:.4g} USD"
    word = metric[:-1] if amount == 1 else metric
    return f"any number of {metric}" if math.isinf(amount) else f"{amount:g} {word}"
