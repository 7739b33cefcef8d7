"""The workflow that a package is made of, with what can be asked of it."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation

from kumeo.analysis.text import print_module
from kumeo.backends.python.agents import infer_path, network_path
from kumeo.backends.python.errors import NotPrintable, Unprintable
from kumeo.backends.python.parts import Artifact
from kumeo.dialects.agent import AgentOp, BayesOp, DecideOp, InferOp, ProcessOp
from kumeo.dialects.agent import ModelOp as ModelAgentOp
from kumeo.dialects.messaging import ServiceOp
from kumeo.dialects.workflow import Declaration, EmitOp, WorkflowOp
from kumeo.dialects.workflow.declarations import Endpoint


@dataclass
class Program:
    """One workflow of a module, with its declarations in reach."""

    module: ModuleOp
    workflow: WorkflowOp
    symbols: dict[str, Operation] = field(default_factory=dict[str, Operation])

    def __post_init__(self) -> None:
        for op in (*self.workflow.body.block.ops, *self.module.ops):
            if isinstance(op, Declaration):
                self.symbols.setdefault(op.symbol, op)

    def of(self, *kinds: type[Any]) -> list[Any]:
        """Return the declarations of some kinds, in program order."""
        return [op for op in self.symbols.values() if isinstance(op, kinds)]

    @property
    def services(self) -> list[ServiceOp]:
        """The services in program order."""
        return [op for op in self.workflow.body.block.ops if isinstance(op, ServiceOp)]

    @property
    def agents(self) -> list[AgentOp]:
        """The agents that need a value of the runtime, one for each site."""
        found: dict[str, AgentOp] = {}
        for op in self.workflow.walk():
            if isinstance(op, AgentOp) and not _is_printed(op):
                found.setdefault(op.site, op)
        return list(found.values())

    def sent_to(self, target: str) -> list[Attribute]:
        """Return the types of what is emitted to a target."""
        emits = [op for op in self.workflow.walk() if isinstance(op, EmitOp)]
        kinds = [op.value.type for op in emits if op.target_name == target]
        return list(dict.fromkeys(kinds))

    @property
    def token(self) -> str:
        """The name of the workflow in subjects."""
        from kumeo.analysis.tokens import workflow_token

        return workflow_token(self.workflow.symbol)

    @property
    def version(self) -> str:
        """What tells this build from others."""
        text = print_module(self.module, locations=False)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The files of models."""
        found: dict[str, Artifact] = {}
        for op in self.agents:
            if isinstance(op, ModelAgentOp):
                path = self._address(op.model_name)
                is_estimator = self._kind(op.model_name) == "sklearn"
                found[path] = Artifact(path, path, False, is_estimator=is_estimator)
            if isinstance(op, BayesOp):
                path = self._address(op.network_name)
                found[path] = Artifact(path, network_path(path), is_network=True)
            if isinstance(op, InferOp):
                path = infer_path(op)
                found[path] = Artifact(path, path, is_network=False, infer=op)
        return tuple(found.values())

    def _kind(self, symbol: str) -> str:
        op = self.symbols[symbol]
        return op.kind.data if isinstance(op, Endpoint) else ""

    def _address(self, symbol: str) -> str:
        op = self.symbols[symbol]
        return op.address.data if isinstance(op, Endpoint) else symbol


def _is_printed(op: AgentOp) -> bool:
    """Say whether the work of an agent is printed code."""
    is_rules = isinstance(op, DecideOp) and op.mode.data == "first_match"
    return isinstance(op, ProcessOp) or is_rules


def find_workflow(module: ModuleOp, name: str | None) -> WorkflowOp:
    """Return a workflow of a module. Raises: Unprintable."""
    found = [op for op in module.ops if isinstance(op, WorkflowOp)]
    chosen = [op for op in found if name in (None, op.symbol)]
    if len(chosen) == 1:
        return chosen[0]
    known = ", ".join(op.symbol for op in found) or "it has none"
    place = NotPrintable.of(module).place
    raise Unprintable(NotPrintable(place, "a module", f"name one workflow: {known}"))
