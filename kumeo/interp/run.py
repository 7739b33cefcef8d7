"""`run`: executes a workflow on a list of events. This is the meaning of the program.

Events are handled one after the other, in order. Each starts one activation of every body that
reads its source. What goes wrong in one event never reaches another, but for the state of
aggregates and what is used up of the mock answers.
"""

from collections.abc import Sequence
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.dialects.data.dialect import DATA
from kumeo.dialects.data.failures import DataFailure
from kumeo.dialects.data.op import DataOp
from kumeo.dialects.workflow import SourceOp, WorkflowOp
from kumeo.interp import agents, data, stages, workflow
from kumeo.interp.errors import UnknownWorkflow
from kumeo.interp.evaluate import Rule
from kumeo.interp.results import Reported, Run
from kumeo.interp.session import Activation, Session
from kumeo.interp.stages import Body, bodies_of, sources_of
from kumeo.interp.values import Failure
from kumeo.interp.wire import from_json
from kumeo.interp.world import Event, World


def run(
    module: ModuleOp,
    workflow: str | None,
    events: Sequence[Event],
    world: World,
) -> Run:
    """Return what the workflow named `workflow` does on `events`.

    The module is verified. None stands for its only workflow. Mistakes of the caller are in
    `Run.diagnostics`.
    """
    chosen = find_workflow(module, workflow)
    if isinstance(chosen, UnknownWorkflow):
        return Run(diagnostics=[chosen])
    session = Session(module, chosen, world, {**world.rules, **all_rules()})
    return run_session(session, events)


def run_session(session: Session, events: Sequence[Event]) -> Run:
    """Return what a new session does on `events`."""
    session.start_config()
    for event in events:
        handle(session, event)
    return session.run


def find_workflow(module: ModuleOp, name: str | None) -> WorkflowOp | UnknownWorkflow:
    """Return a workflow of the module, or what is wrong with the name."""
    found = {op.symbol: op for op in module.ops if isinstance(op, WorkflowOp)}
    known = tuple(found)
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None:
        return UnknownWorkflow(None, "the workflow to run is not named", "", known)
    if name not in found:
        return UnknownWorkflow(None, f"there is no workflow `{name}`", name, known)
    return found[name]


def all_rules() -> dict[type[Operation], Rule]:
    """Return the rules of Kumeo's own ops."""
    plain = {op: data.plain for op in DATA.operations if issubclass(op, DataOp)}
    return {**plain, **data.RULES, **workflow.RULES, **agents.RULES, **stages.RULES}


def handle(session: Session, event: Event) -> None:
    """Start an activation of each body that reads the event's source."""
    bodies: list[Body] = session.once("bodies", lambda: bodies_of(session.workflow))
    reading = [body for body in bodies if event.source in sources_of(body)]
    if not reading:
        failure = Failure("unknown-source", f"nothing reads a source named `{event.source}`")
        session.run.reports.append(Reported(None, failure, event))
    for body in reading:
        activate(session, event, body)


def activate(session: Session, event: Event, body: Body) -> None:
    """Run one body on one event, or report that the payload does not have the source's type."""
    source = session.symbols[event.source]
    assert isinstance(source, SourceOp), "the verifier checks what a body reads"
    now_us = session.world.time_of(event)
    activation = Activation(session, event, body, now_us, session.config_at(event))
    try:
        payload = from_json(event.payload, source.payload)
    except DataFailure as failure:
        activation.report(Failure("invalid-event", failure.message))
        return
    if source.time is not None:
        activation.now_us = _value_at(payload, source.time.data)
    activation.run(payload)


def _value_at(payload: Any, path: str) -> Any:
    for name in path.split("."):
        payload = payload[name]
    return payload
