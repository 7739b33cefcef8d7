# generated from examples/fraud_detection.kumeo by kumeo 1.2.3; do not edit
"""The service `source`."""

from kumeo_runtime import functions as f
from kumeo_runtime.activation import Activation
from kumeo_runtime.flow import keep
from kumeo_runtime.values import Failure

from fraud_detection.agents import ANOMALY, RISK
from fraud_detection.edges import RUN_ASSESS_POLICIES
from fraud_detection.endpoints import CLEARED
from fraud_detection.schemas import RunAssessPolicies, Transaction


def on_source(act: Activation, source: Transaction) -> None:
    """Handle one event of `transactions.raw`."""
    hour = f.hour(source.at)
    value = "CL" if source.country is None else source.country
    foreign = value != "CL"
    risk = RISK(act, Foreign="yes" if foreign else "no", Night="yes" if hour < 6 else "no")
    if isinstance(risk, Failure):
        act.observe(risk)
        return
    test = risk.Fraud.yes > 0.2 or source.amount > 10000.0
    if test:
        anomaly = ANOMALY(
            act, amount=source.amount, hour=float(hour), foreign=1.0 if foreign else 0.0
        )
        score = anomaly if isinstance(anomaly, Failure) else anomaly.score
        act.send(
            RUN_ASSESS_POLICIES,
            RunAssessPolicies(
                act.meta,
                source=source,
                risk_Fraud_yes=keep(act, "risk_Fraud_yes", risk.Fraud.yes),
                anomaly_score=keep(act, "anomaly_score", score),
            ),
        )
        return
    act.emit(CLEARED, source, site="emit:cleared")
