"""Ids of agents and sites: each names one place of a program.

An id is unique in its body or stage, but the regions of one `if`, `match` or `try` may use an id
again: the program reads the result of at most one of them under that name. A site is unique in its
workflow or subworkflow without exception, because ids of messages are made from it.
"""

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis.errors import IrInvalid
from kumeo.analysis.places import point_of
from kumeo.analysis.walk import Step, walk_events
from kumeo.diagnostics import Diagnostic, Related
from kumeo.dialects.agent import AgentOp, StageBody
from kumeo.dialects.messaging import ServiceOp
from kumeo.dialects.workflow import (
    CallOp,
    EmitOp,
    IfOp,
    MatchOp,
    OnOp,
    SubworkflowOp,
    TryOp,
    WorkflowOp,
)

Names = dict[str, Operation]
_SITE_SCOPES = (WorkflowOp, SubworkflowOp, ServiceOp)
"""A step that several services reach stands in each of them, with its sites."""


def find_repeated_names(module: ModuleOp) -> list[Diagnostic]:
    """Return a diagnostic for each id or site that is used twice."""
    found: list[Diagnostic] = []
    sites: list[Names] = [{}]
    ids = _Ids(found)
    for step, op, _ in walk_events(module):
        if step is Step.OP:
            if isinstance(op, AgentOp | EmitOp | CallOp):
                _claim(sites[-1], "site", op.site, op, found)
            if isinstance(op, AgentOp):
                ids.claim(op.agent_id, op)
        elif step is Step.ENTER:
            ids.enter(op)
            if isinstance(op, _SITE_SCOPES):
                sites.append({})
        elif step is Step.LEAVE:
            ids.leave(op)
            if isinstance(op, _SITE_SCOPES):
                sites.pop()
        else:
            ids.close(op)
    return found


class _Ids:
    """The ids of the regions around the current op.

    Ids of a region that was left belong to the region around it: at once, or for branches
    when the whole op is done.
    """

    def __init__(self, found: list[Diagnostic]) -> None:
        self.found = found
        self.scopes: list[Names] = [{}]
        self.waiting: list[tuple[Operation, Names]] = []

    def claim(self, name: str, op: Operation) -> None:
        """Note that `op` uses the id `name`."""
        for scope in self.scopes:
            if name in scope:
                self.found.append(_repeated("id", name, op, scope[name]))
                return
        self.scopes[-1][name] = op

    def enter(self, op: Operation) -> None:
        """Begin a region; the body of a workflow starts without ids."""
        if isinstance(op, IfOp | MatchOp | TryOp) and op.regions and not self._waits_for(op):
            self.waiting.append((op, {}))
        self.scopes.append({})

    def leave(self, op: Operation) -> None:
        """End a region and pass its ids on."""
        names = self.scopes.pop()
        if isinstance(op, OnOp | SubworkflowOp | StageBody):
            return
        if self._waits_for(op):
            names = {**names, **self.waiting[-1][1]}
            self.waiting[-1] = (op, names)
            return
        self.scopes[-1].update(names)

    def close(self, op: Operation) -> None:
        """Pass on the ids of branches."""
        if self._waits_for(op):
            self.scopes[-1].update(self.waiting.pop()[1])

    def _waits_for(self, op: Operation) -> bool:
        return bool(self.waiting) and self.waiting[-1][0] is op


def _claim(names: Names, what: str, name: str, op: Operation, found: list[Diagnostic]) -> None:
    if not name:
        found.append(IrInvalid(point_of(op), op.name, f"has an empty {what}: name it"))
        return
    first = names.setdefault(name, op)
    if first is not op:
        found.append(_repeated(what, name, op, first))


def _repeated(what: str, name: str, op: Operation, first: Operation) -> Diagnostic:
    point = point_of(first)
    related = () if point is None else (Related(point, "it is used here first"),)
    article = "an" if what == "id" else "a"
    message = f'uses the {what} "{name}" again: give it {article} {what} of its own'
    return IrInvalid(point_of(op), op.name, message, related=related)
