"""The `agent` dialect: work on a value that may take long, cost money or fail.

    %s = agent.model @anomaly (amount = %amount) id "anomaly" site "anomaly"
      : (f64) -> !data.record<{score: f64}>

Every agent op has one interface (`AgentOp`); passes use it and never a list of op names. The
frontend creates agents; the stages level moves them into `agent.stage`.
See `docs/dialects/agent.md`.
"""

from xdsl.ir import Dialect

from kumeo.dialects.agent.attrs import BACKOFFS, Cost, CostAttr, PolicyAttr
from kumeo.dialects.agent.base import LANGUAGES, AgentOp, Shared
from kumeo.dialects.agent.compute import MODES, BayesOp, DecideOp, ModelOp, ProcessOp
from kumeo.dialects.agent.functions import EFFECTS, CallOp, ExternOp, YieldOp
from kumeo.dialects.agent.outside import (
    PASSAGE,
    REDUCERS,
    AggregateOp,
    LlmOp,
    QueryOp,
    RetrieveOp,
    ReviewOp,
)

__all__ = [
    "AGENT",
    "BACKOFFS",
    "EFFECTS",
    "LANGUAGES",
    "MODES",
    "PASSAGE",
    "REDUCERS",
    "AgentOp",
    "AggregateOp",
    "BayesOp",
    "CallOp",
    "Cost",
    "CostAttr",
    "DecideOp",
    "ExternOp",
    "LlmOp",
    "ModelOp",
    "PolicyAttr",
    "ProcessOp",
    "QueryOp",
    "RetrieveOp",
    "ReviewOp",
    "Shared",
    "YieldOp",
]

AGENT = Dialect(
    "agent",
    [
        ExternOp,
        ProcessOp,
        ModelOp,
        BayesOp,
        DecideOp,
        LlmOp,
        RetrieveOp,
        QueryOp,
        ReviewOp,
        AggregateOp,
        CallOp,
        YieldOp,
    ],
    [PolicyAttr, CostAttr],
)
