"""The `messaging` dialect: what runs where, and which messages go between.

    messaging.edge @run.assess message (source : !tx, risk : f64) carries_event
    messaging.service "assess" language "python" {
      messaging.handler "run.assess" reads [@run.assess] (%source: !tx, %risk: f64) { … agent.done }
    }

`convert-to-messaging` makes it from stages; backends and the interpreter read it. Declarations of
the `workflow` dialect stay, and so do the ops of `data` and `agent` inside of handlers.
See `docs/dialects/messaging.md`.
"""

from xdsl.ir import Dialect

from kumeo.dialects.messaging.clauses import WithClauses
from kumeo.dialects.messaging.edges import (
    CODECS,
    EDGE_KINDS,
    STREAM_KINDS,
    EdgeOp,
    Field,
    StreamOp,
)
from kumeo.dialects.messaging.journal import JournalOp
from kumeo.dialects.messaging.needs import (
    EGRESS_KINDS,
    ArtifactOp,
    EgressOp,
    EndpointOp,
    PermissionOp,
    ScheduleOp,
)
from kumeo.dialects.messaging.services import (
    CONSUMER,
    HandlerOp,
    ServiceOp,
    ServicePart,
    StepOp,
)

__all__ = [
    "CODECS",
    "CONSUMER",
    "EDGE_KINDS",
    "EGRESS_KINDS",
    "MESSAGING",
    "STREAM_KINDS",
    "ArtifactOp",
    "EdgeOp",
    "EgressOp",
    "EndpointOp",
    "Field",
    "HandlerOp",
    "JournalOp",
    "PermissionOp",
    "ScheduleOp",
    "ServiceOp",
    "ServicePart",
    "StepOp",
    "StreamOp",
    "WithClauses",
]

MESSAGING = Dialect(
    "messaging",
    [
        StreamOp,
        EdgeOp,
        ServiceOp,
        HandlerOp,
        StepOp,
        JournalOp,
        PermissionOp,
        ArtifactOp,
        EndpointOp,
        ScheduleOp,
        EgressOp,
    ],
    [],
)
