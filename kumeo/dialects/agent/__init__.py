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
from kumeo.dialects.agent.infer import InferOp
from kumeo.dialects.agent.language_models import LlmOp, is_decision
from kumeo.dialects.agent.observing import FIRST_TYPE, FailureOfOp, ObserveOp, WatchOp
from kumeo.dialects.agent.outside import (
    PASSAGE,
    REDUCERS,
    AggregateOp,
    QueryOp,
    RetrieveOp,
    ReviewOp,
)
from kumeo.dialects.agent.stage_ends import BranchOp, DoneOp, GotoOp, ParkOp, SwitchOp
from kumeo.dialects.agent.stages import (
    DONE,
    ENDED,
    INLINE,
    MESSAGE,
    PARK,
    Edge,
    EdgeTarget,
    StageBody,
    StageEnd,
    StageOp,
)

__all__ = [
    "AGENT",
    "BACKOFFS",
    "DONE",
    "EFFECTS",
    "ENDED",
    "FIRST_TYPE",
    "INLINE",
    "LANGUAGES",
    "MESSAGE",
    "MODES",
    "PARK",
    "PASSAGE",
    "REDUCERS",
    "AgentOp",
    "AggregateOp",
    "BayesOp",
    "BranchOp",
    "CallOp",
    "Cost",
    "CostAttr",
    "DecideOp",
    "DoneOp",
    "Edge",
    "EdgeTarget",
    "ExternOp",
    "FailureOfOp",
    "GotoOp",
    "InferOp",
    "LlmOp",
    "ModelOp",
    "ObserveOp",
    "ParkOp",
    "PolicyAttr",
    "ProcessOp",
    "QueryOp",
    "RetrieveOp",
    "ReviewOp",
    "Shared",
    "StageBody",
    "StageEnd",
    "StageOp",
    "SwitchOp",
    "WatchOp",
    "YieldOp",
    "is_decision",
]

AGENT = Dialect(
    "agent",
    [
        ExternOp,
        ProcessOp,
        ModelOp,
        BayesOp,
        DecideOp,
        InferOp,
        LlmOp,
        RetrieveOp,
        QueryOp,
        ReviewOp,
        AggregateOp,
        CallOp,
        YieldOp,
        StageOp,
        GotoOp,
        BranchOp,
        SwitchOp,
        ParkOp,
        DoneOp,
        WatchOp,
        ObserveOp,
        FailureOfOp,
    ],
    [PolicyAttr, CostAttr],
)
