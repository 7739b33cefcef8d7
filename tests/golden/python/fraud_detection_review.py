# generated from examples/fraud_detection.kumeo by kumeo 1.2.3; do not edit
"""The service `review`."""

from kumeo_runtime.activation import Activation
from kumeo_runtime.flow import held
from kumeo_runtime.values import Failure

from fraud_detection.agents import REVIEW
from fraud_detection.endpoints import ALERTS
from fraud_detection.schemas import Alerts, RunReview


def run_review(act: Activation, m: RunReview) -> None:
    """Go on with a message of `run.review`."""
    assess = held(act, "assess", m.assess)
    record = held(act, "record", m.record)
    review = REVIEW(act, input=record)
    if isinstance(assess, Failure):
        record_2 = assess
    elif isinstance(review, Failure):
        record_2 = review
    else:
        record_2 = Alerts(tx=m.source, assess=assess, review=review)
    if isinstance(record_2, Failure):
        act.observe(record_2)
        return
    act.emit(ALERTS, record_2, site="emit:alerts")
