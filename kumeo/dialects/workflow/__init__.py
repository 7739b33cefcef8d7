"""The `workflow` dialect: what happens for each event, as the author wrote it.

    workflow.workflow @Fraud {
      workflow.source @transactions nats("transactions.raw") : !tx
      workflow.target @alerts nats("alerts.high_risk")
      workflow.on @transactions (%tx: !tx) {
        %amount = data.get %tx["amount"] : f64
        workflow.if %hot {
          workflow.emit %tx : !tx to @alerts site "alerts"
          workflow.yield
        }
        workflow.return
      }
    }

The frontend creates it; the stages level lowers it. See `docs/dialects/workflow.md`.
"""

from xdsl.ir import Dialect

from kumeo.dialects.workflow.control import (
    ERROR_TYPE,
    ControlOp,
    ForeachOp,
    IfOp,
    TryOp,
    YieldOp,
)
from kumeo.dialects.workflow.declarations import (
    CONTEXT_KINDS,
    MODEL_KINDS,
    SOURCE_KINDS,
    TARGET_KINDS,
    ConfigOp,
    ContextOp,
    Declaration,
    ModelOp,
    ProviderOp,
    SecretOp,
    SourceOp,
    TargetOp,
)
from kumeo.dialects.workflow.leaves import CallOp, EmitOp, NowOp, ReadConfigOp
from kumeo.dialects.workflow.match import MatchOp
from kumeo.dialects.workflow.program import OnOp, ReturnOp, SubworkflowOp, WorkflowOp

__all__ = [
    "CONTEXT_KINDS",
    "ERROR_TYPE",
    "MODEL_KINDS",
    "SOURCE_KINDS",
    "TARGET_KINDS",
    "WORKFLOW",
    "CallOp",
    "ConfigOp",
    "ContextOp",
    "ControlOp",
    "Declaration",
    "EmitOp",
    "ForeachOp",
    "IfOp",
    "MatchOp",
    "ModelOp",
    "NowOp",
    "OnOp",
    "ProviderOp",
    "ReadConfigOp",
    "ReturnOp",
    "SecretOp",
    "SourceOp",
    "SubworkflowOp",
    "TargetOp",
    "TryOp",
    "WorkflowOp",
    "YieldOp",
]

WORKFLOW = Dialect(
    "workflow",
    [
        WorkflowOp,
        SourceOp,
        TargetOp,
        ModelOp,
        ContextOp,
        ConfigOp,
        SecretOp,
        ProviderOp,
        OnOp,
        SubworkflowOp,
        CallOp,
        ReadConfigOp,
        NowOp,
        IfOp,
        MatchOp,
        ForeachOp,
        TryOp,
        EmitOp,
        YieldOp,
        ReturnOp,
    ],
    [],
)
