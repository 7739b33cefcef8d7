"""Exact inference in Bayesian networks, planned: what to compute, in which order, how exactly.

    plan(network, "Fraud", ["Night", "Amount"], optional=["Amount"]).steps

A plan knows nothing of the IR. It is a list of steps on tables whose last axis is the batch.
"""

from kumeo.models.elimination.cache import plan
from kumeo.models.elimination.constants import LOG_ZERO
from kumeo.models.elimination.planning import (
    BATCH_COST,
    BIND_LIMIT,
    COMPILE_COST,
    MAX_BIND_LIMIT,
    MAX_TABLE,
    SMALL_BATCH,
    Plan,
    Verdict,
    judge,
)
from kumeo.models.elimination.precision import FLOAT32_COST, Precision

__all__ = [
    "BATCH_COST",
    "BIND_LIMIT",
    "COMPILE_COST",
    "FLOAT32_COST",
    "LOG_ZERO",
    "MAX_BIND_LIMIT",
    "MAX_TABLE",
    "SMALL_BATCH",
    "Plan",
    "Precision",
    "Verdict",
    "judge",
    "plan",
]
