"""What a package holds: every decision is made here, `render` only puts it into files.

    plan = plan_package(module, None, origin)
    plan.services[0].lines        // the text of one service, without header and imports' order

The module is at the level `messaging`.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation

from kumeo.analysis.text import print_module
from kumeo.backends.python import agents, declarations, endpoints
from kumeo.backends.python.code import Expr, tupled
from kumeo.backends.python.declarations import assigned, data_expr, made, separated
from kumeo.backends.python.errors import NotPrintable, Unprintable
from kumeo.backends.python.handlers import Functions
from kumeo.backends.python.literals import constant_expr
from kumeo.backends.python.module import Module, Symbols
from kumeo.backends.python.names import Names, constant, pascal, snake
from kumeo.backends.python.raw import raw_fields
from kumeo.backends.python.types import Types
from kumeo.backends.python.uses import Step
from kumeo.dialects.agent import AgentOp, BayesOp, DecideOp, ProcessOp
from kumeo.dialects.agent import ModelOp as ModelAgentOp
from kumeo.dialects.data import RecordType
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.messaging import (
    EdgeOp,
    HandlerOp,
    JournalOp,
    PermissionOp,
    ServiceOp,
    StepOp,
    StreamOp,
)
from kumeo.dialects.workflow import (
    ConfigOp,
    Declaration,
    EmitOp,
    SecretOp,
    SourceOp,
    TargetOp,
    WorkflowOp,
)
from kumeo.dialects.workflow.declarations import Endpoint


class Origin(NamedTuple):
    """What a package is made from, for its headers."""

    file: str
    version: str
    """Of Kumeo."""


@dataclass(frozen=True)
class Artifact:
    """A file that goes into the package: where it is from, where it goes."""

    source: str
    path: str
    is_network: bool
    """Whether it is a Bayesian network, which the package holds in a form of its own."""


@dataclass(frozen=True)
class PythonFile:
    """A module of the package."""

    path: str
    doc: str
    lines: tuple[str, ...]
    """Imports and body."""


@dataclass(frozen=True)
class PackagePlan:
    """A package, ready to be put into files."""

    package: str
    workflow: str
    version: str
    origin: Origin
    files: tuple[PythonFile, ...]
    artifacts: tuple[Artifact, ...]
    services: tuple[str, ...]
    secrets: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    """Names and addresses, for the README."""
    targets: tuple[tuple[str, str], ...]
    extras: tuple[str, ...]
    """Optional parts of the runtime that it needs."""
    manifest: Mapping[str, Any]


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


def _is_printed(op: AgentOp) -> bool:
    """Say whether the work of an agent is printed code."""
    is_rules = isinstance(op, DecideOp) and op.mode.data == "first_match"
    return isinstance(op, ProcessOp) or is_rules


def plan_package(
    module: ModuleOp,
    workflow: str | None,
    origin: Origin,
    given: Mapping[Attribute, str] | None = None,
) -> PackagePlan:
    """Return the plan of a workflow. `given` are names of schemas. Raises: Unprintable."""
    program = Program(module, find_workflow(module, workflow))
    return Planner(program, origin, dict(given or {})).plan()


def find_workflow(module: ModuleOp, name: str | None) -> WorkflowOp:
    """Return a workflow of a module. Raises: Unprintable."""
    found = [op for op in module.ops if isinstance(op, WorkflowOp)]
    chosen = [op for op in found if name in (None, op.symbol)]
    if len(chosen) == 1:
        return chosen[0]
    known = ", ".join(op.symbol for op in found) or "it has none"
    place = NotPrintable.of(module).place
    raise Unprintable(NotPrintable(place, "a module", f"name one workflow: {known}"))


class Planner:
    """Collects the files of one package."""

    def __init__(self, program: Program, origin: Origin, given: dict[Attribute, str]) -> None:
        self.program = program
        self.origin = origin
        self.package = package_name(program.workflow.symbol)
        self.types = Types(given, raw_fields(program.workflow))
        self.names = Names(())
        self.edges: list[EdgeOp] = program.of(EdgeOp)
        self._learn_types()
        self.symbols = self._symbols()

    def plan(self) -> PackagePlan:
        """Return the whole package."""
        services = [self._service(op) for op in self.program.services]
        files = [
            self._schemas(),
            self._endpoints(),
            self._edges(),
            self._agents(),
            *services,
            self._workflow(),
        ]
        artifacts = self._artifacts()
        return PackagePlan(
            self.package,
            self.program.workflow.symbol,
            self._version(),
            self.origin,
            tuple(file for file in files if file is not None),
            artifacts,
            tuple(op.service_name.data for op in self.program.services),
            tuple(op.env_name.data for op in self.program.of(SecretOp)),
            tuple((op.symbol, op.address.data) for op in self.program.of(SourceOp)),
            tuple((op.symbol, op.address.data) for op in self.program.of(TargetOp)),
            self._extras(bool(artifacts)),
            self._manifest(),
        )

    def _extras(self, has_models: bool) -> tuple[str, ...]:
        is_http = any(op.kind.data == "http" for op in self.program.of(SourceOp))
        return (*(("http",) if is_http else ()), *(("models",) if has_models else ()))

    # -- names

    def _learn_types(self) -> None:
        """Name the records after the first thing that has them."""
        for op in self.program.of(SourceOp):
            self.types.learn(op.payload, "event" if op.symbol == "source" else op.symbol)
        for op in self.program.workflow.walk():
            if isinstance(op, AgentOp):
                for name, value in zip(op.operand_names(), op.operands, strict=False):
                    self.types.learn(value.type, f"{op.agent_id.rpartition('/')[2]} {name}")
                self.types.learn(op.result.type, f"{op.agent_id.rpartition('/')[2]} result")
        for op in self.program.of(TargetOp):
            for kind in self.program.sent_to(op.symbol):
                self.types.learn(kind, op.symbol)
        for op in self.program.workflow.walk():
            for value in op.results:
                self.types.learn(value.type, value.name_hint or "value")

    def _symbols(self) -> Symbols:
        targets = {op.symbol: self._constant(op.symbol) for op in self.program.of(TargetOp)}
        self.sources = {op.symbol: self._constant(op.symbol) for op in self.program.of(SourceOp)}
        edges = {op.symbol: self._constant(op.symbol) for op in self.edges}
        messages = {op.symbol: self.types.names.fresh(pascal(op.symbol)) for op in self.edges}
        sites = {op.site: self._constant(op.site) for op in self.program.agents}
        config = {op.symbol: snake(op.symbol) for op in self.program.of(ConfigOp)}
        modules = {
            **dict.fromkeys(targets.values(), "endpoints"),
            **dict.fromkeys(self.sources.values(), "endpoints"),
            **dict.fromkeys(edges.values(), "edges"),
            **dict.fromkeys(messages.values(), "schemas"),
            **dict.fromkeys(sites.values(), "agents"),
            "Config": "schemas",
        }
        return Symbols(targets, edges, messages, sites, config, modules)

    def _constant(self, text: str) -> str:
        return self.names.fresh(constant(text))

    def _module(self) -> Module:
        taken = (*self.symbols.modules, *self.types.records.values(), *self.types.enums.values())
        module = Module(self.types, self.symbols)
        for name in taken:
            module.names.fresh(name)
        return module

    # -- files

    def _file(self, path: str, doc: str, module: Module, lines: Sequence[str]) -> PythonFile:
        """Return a file: the own names of a module need no import."""
        own = path.removesuffix(".py").replace("/", ".")
        imports = [
            *module.import_lines(list(lines), self.package, own),
        ]
        gap = ["", ""] if lines and lines[0].startswith(("class ", "def ", "async ")) else [""]
        body = [*imports, *(gap if imports else []), *lines]
        return PythonFile(f"{self.package}/{path}", doc, tuple(body))

    def _schemas(self) -> PythonFile:
        messages = [(self.symbols.messages[op.symbol], op) for op in self.edges]
        lines = declarations.schema_lines(self.types, messages)
        entries = {self.symbols.config[op.symbol]: op for op in self.program.of(ConfigOp)}
        module = self._module()
        if entries:
            defaults = {
                label: constant_expr(from_attribute(op.value, op.type), op.type, module)
                for label, op in entries.items()
            }
            config = declarations.config_lines(self.types, entries, defaults)
            lines = separated([block for block in (lines, config) if block])
        return self._file("schemas.py", "The types of events and messages.", module, lines)

    def _endpoints(self) -> PythonFile:
        lines: list[str] = []
        for op in self.program.of(SourceOp):
            lines += endpoints.source_lines(self.sources[op.symbol], op, self.types)
        for op in self.program.of(TargetOp):
            kinds, label = self.program.sent_to(op.symbol), self.symbols.targets[op.symbol]
            lines += endpoints.target_lines(label, op, kinds, self.types)
        doc = "Where events come from and where results go."
        return self._file("endpoints.py", doc, self._module(), lines)

    def _edges(self) -> PythonFile | None:
        if not self.edges:
            return None
        lines: list[str] = []
        for op in self.edges:
            label, message = self.symbols.edges[op.symbol], self.symbols.messages[op.symbol]
            lines += declarations.edge_lines(label, op, message)
        return self._file("edges.py", "Messages between services.", self._module(), lines)

    def _agents(self) -> PythonFile | None:
        lines: list[str] = []
        for op in self.program.agents:
            label = self.symbols.agents[op.site]
            lines += agents.agent_lines(label, op, self.types, self.program.symbols)
        if not lines:
            return None
        return self._file("agents.py", "The agents of the workflow.", self._module(), lines)

    def _service(self, op: ServiceOp) -> PythonFile:
        module = self._module()
        labels = {each: module.names.fresh(_label(each)) for each in op.handlers}
        functions = self._functions(module, op)
        functions.plan([each.body.block for each in op.handlers])
        for each in op.handlers:
            self._handler(functions, each, labels[each])
        module.functions += functions.lines
        path = f"services/{_module_of(op)}.py"
        for label in labels.values():
            self.symbols.modules[label] = f"services.{_module_of(op)}"  # type: ignore[index]
        doc = f"The service `{op.service_name.data}`."
        return self._file(path, doc, module, module.body_lines())

    def _functions(self, module: Module, op: ServiceOp) -> Functions:
        heads = {
            name: _step(each.handler_name.data, each)
            for service in self.program.services
            for each in service.handlers
            for name in each.read_names
        }
        steps = {name: _step(name, each) for name, each in op.steps.items()}
        edges = {edge.symbol: edge for edge in self.edges}
        return Functions(module, steps, edges, heads)

    def _handler(self, functions: Functions, op: HandlerOp, label: str) -> None:
        step = _step(op.handler_name.data, op)
        first = self.program.symbols[op.read_names[0]]
        if isinstance(first, EdgeOp):
            functions.edge(label, step, first, f"Go on with a message of `{first.symbol}`.")
            return
        shown = ", ".join(
            f"`{source.address.data}`"
            for source in map(self.program.symbols.get, op.read_names)
            if isinstance(source, Endpoint)
        )
        functions.source(label, step, f"Handle one event of {shown}.")

    # -- the workflow itself

    def _workflow(self) -> PythonFile:
        module = self._module()
        secrets = tuple(op.env_name.data for op in self.program.of(SecretOp))
        artifacts = {each.path: "" for each in self._artifacts()}
        fields = {
            "name": self.program.workflow.symbol,
            "token": self._token(),
            "version": self._version(),
            "services": tupled([self._service_spec(op) for op in self.program.services]),
            "sources": tupled([Expr(label) for label in self.sources.values()]),
            "targets": tupled([Expr(label) for label in self.symbols.targets.values()]),
            "edges": tupled([Expr(label) for label in self.symbols.edges.values()]),
            "config": Expr("Config") if self.symbols.config else None,
            "dynamic": self._dynamic(),
            "secrets": secrets or None,
            "artifacts": Expr("ARTIFACTS") if artifacts else None,
            "sizes": self._sizes(),
        }
        if artifacts:
            self.symbols.modules["ARTIFACTS"] = "digests"  # type: ignore[index]
        lines = assigned("WORKFLOW", made("Workflow", fields))
        return self._file("workflow.py", "The workflow: what runs where.", module, lines)

    def _service_spec(self, op: ServiceOp) -> Expr:
        handlers = tupled([self._handler_spec(each) for each in op.handlers])
        sites = {
            self.symbols.agents[agent.site]: None
            for agent in op.walk()
            if isinstance(agent, AgentOp) and agent.site in self.symbols.agents
        }
        permission = next((o for o in op.body.block.ops if isinstance(o, PermissionOp)), None)
        fields = {
            "name": op.service_name.data,
            "handlers": handlers,
            "agents": tupled([Expr(label) for label in sites]) if sites else None,
            "permission": None if permission is None else _permission(permission),
        }
        return made("ServiceSpec", fields)

    def _handler_spec(self, op: HandlerOp) -> Expr:
        first = self.program.symbols[op.read_names[0]]
        service = op.parent_op()
        assert isinstance(service, ServiceOp), "the verifier checks where handlers stand"
        edges, targets = self._ways_out(op, service)
        is_edge = isinstance(first, EdgeOp)
        labels = self.symbols.edges if is_edge else self.sources
        reads = [Expr(labels[name]) for name in op.read_names]
        on_error = op.on_error_name
        fields = {
            "name": op.handler_name.data,
            "function": Expr(_label(op)),
            "reads": reads[0] if is_edge else tupled(reads),
            "sends": tupled([Expr(self.symbols.edges[name]) for name in edges]) if edges else None,
            "emits": tupled([Expr(self.symbols.targets[n]) for n in targets]) if targets else None,
            "on_error": None if on_error is None else Expr(self.symbols.targets[on_error]),
            "consumer": _consumer(op),
        }
        return made("Handler", fields)

    def _ways_out(self, op: HandlerOp, service: ServiceOp) -> tuple[list[str], list[str]]:
        """Return the edges and targets that a handler reaches, also through steps."""
        edges: dict[str, None] = {}
        targets: dict[str, None] = {}
        names = {edge.symbol for edge in self.edges}
        for block in reached(op, service):
            for inner in block.walk():
                if isinstance(inner, EmitOp):
                    targets[inner.target_name] = None
            for edge in block.last_op.edges if hasattr(block.last_op, "edges") else ():  # type: ignore[union-attr]
                if edge.target in names:
                    edges[edge.target] = None
        return list(edges), list(targets)

    def _sizes(self) -> Expr | None:
        found = {
            op.kind.data: op.number("max_bytes")
            for op in self.program.workflow.body.block.ops
            if isinstance(op, StreamOp)
        }
        fields = {"edges_bytes": found.get("edges"), "journal_bytes": found.get("journal")}
        return made("StreamSizes", fields) if any(fields.values()) else None

    def _token(self) -> str:
        from kumeo.analysis.tokens import workflow_token

        return workflow_token(self.program.workflow.symbol)

    def _version(self) -> str:
        text = print_module(self.program.module, locations=False)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _artifacts(self) -> tuple[Artifact, ...]:
        found: dict[str, Artifact] = {}
        for op in self.program.agents:
            if isinstance(op, ModelAgentOp):
                path = self._address(op.model_name)
                found[path] = Artifact(path, path, is_network=False)
            if isinstance(op, BayesOp):
                path = self._address(op.network_name)
                found[path] = Artifact(path, agents.network_path(path), is_network=True)
        return tuple(found.values())

    def _address(self, symbol: str) -> str:
        op = self.program.symbols[symbol]
        return op.address.data if isinstance(op, Endpoint) else symbol

    def _dynamic(self) -> tuple[str, ...] | None:
        """Return the entries of the configuration that may change while the workflow runs."""
        names = self.symbols.config
        found = [names[op.symbol] for op in self.program.of(ConfigOp) if op.is_dynamic]
        return tuple(found) or None

    def _manifest(self) -> dict[str, Any]:
        return {
            "workflow": self.program.workflow.symbol,
            "token": self._token(),
            "version": self._version(),
            "package": self.package,
            "services": [
                {
                    "name": op.service_name.data,
                    "handlers": [each.handler_name.data for each in op.handlers],
                    "permission": allowed(op),
                }
                for op in self.program.services
            ],
            "edges": {op.symbol: op.text("layout") for op in self.edges},
            "secrets": [op.env_name.data for op in self.program.of(SecretOp)],
        }


def package_name(workflow: str) -> str:
    """Return the name of the package of a workflow: none of the standard library."""
    name = snake(workflow, "flow")
    is_taken = name in sys.stdlib_module_names or name in ("kumeo", "kumeo_runtime")
    return f"{name}_flow" if is_taken else name


def allowed(service: ServiceOp) -> dict[str, list[str]]:
    """Return the subjects that a service may use."""
    found = [op for op in service.body.block.ops if isinstance(op, PermissionOp)]
    return {
        "publish": [text for op in found for text in op.texts("publish")],
        "subscribe": [text for op in found for text in op.texts("subscribe")],
    }


def reached(op: HandlerOp, service: ServiceOp) -> Iterator[Any]:
    """Yield the blocks of a handler and of the steps that it goes on in."""
    steps, seen, todo = service.steps, set[str](), [op.body.block]
    while todo:
        block = todo.pop()
        yield block
        for edge in getattr(block.last_op, "edges", ()):
            if edge.target in steps and edge.target not in seen:
                seen.add(edge.target)
                todo.append(steps[edge.target].body.block)


def _step(name: str, op: HandlerOp | StepOp) -> Step:
    return Step(name, op.body.block, op.failing)


def _label(op: HandlerOp) -> str:
    return snake(op.handler_name.data)


def _module_of(op: ServiceOp) -> str:
    return snake(op.service_name.data, "service")


def _consumer(op: HandlerOp) -> Expr | None:
    names: Mapping[str, tuple[str, Callable[[int], Any]]] = {
        "ack_wait_s": ("ack_wait_s", float),
        "credit": ("credit", int),
        "credit_bytes": ("credit_bytes", int),
        "concurrency": ("concurrency", int),
        "attempts": ("attempts", int),
        "live_max": ("live_max", int),
    }
    fields: dict[str, Any] = {}
    for key, (label, convert) in names.items():
        value = op.setting(key)
        if value is not None:
            fields[label] = convert(value)
    return made("Consumer", fields) if fields else None


def _permission(op: PermissionOp) -> Expr:
    fields = {"publish": op.texts("publish"), "subscribe": op.texts("subscribe")}
    return made("Permission", fields)


__all__ = [
    "Artifact",
    "JournalOp",
    "Origin",
    "PackagePlan",
    "PythonFile",
    "RecordType",
    "data_expr",
    "plan_package",
]
