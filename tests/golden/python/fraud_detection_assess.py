# generated from examples/fraud_detection.kumeo by kumeo 1.2.3; do not edit
"""The service `assess`."""

from kumeo_runtime.activation import Activation
from kumeo_runtime.flow import held, keep
from kumeo_runtime.values import Failure

from fraud_detection.agents import ASSESS, REVIEW
from fraud_detection.edges import RUN_REVIEW
from fraud_detection.endpoints import ALERTS
from fraud_detection.schemas import (
    Alerts,
    Assessment,
    ReviewInput,
    ReviewResult,
    RunAssess,
    RunReview,
    Transaction,
)


def run_emit_alerts(
    act: Activation,
    review: ReviewResult | None | Failure,
    source: Transaction,
    assess: Assessment | Failure,
) -> None:
    """Go on with `run.emit:alerts`."""
    if isinstance(assess, Failure):
        act.observe(assess)
        return
    if isinstance(review, Failure):
        record = review
    else:
        record = Alerts(tx=source, assess=assess, review=review)
    if isinstance(record, Failure):
        act.observe(record)
        return
    act.emit(ALERTS, record, site="emit:alerts")


async def run_assess(act: Activation, m: RunAssess) -> None:
    """Go on with a message of `run.assess`."""
    source = m.source
    format_2 = held(act, "format", m.format)
    if isinstance(format_2, Failure):
        assess = format_2
    else:
        assess = await ASSESS(act, prompt=format_2)
        if isinstance(assess, Failure):
            assess = Assessment(level="high", reason="model unavailable")
    if isinstance(assess, Failure):
        act.observe(assess)
        run_emit_alerts(act, assess, source, assess)
        return
    if assess.level == "high":
        record = ReviewInput(tx=source, assess=assess)
        act.park(
            RUN_REVIEW,
            RunReview(
                act.meta,
                source=source,
                assess=keep(act, "assess", assess),
                record=keep(act, "record", record),
            ),
            REVIEW.task(record),
        )
        return
    run_emit_alerts(act, None, source, assess)
