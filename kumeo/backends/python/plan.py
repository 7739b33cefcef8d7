"""What a package holds: every decision is made here, `render` only puts it into files.

    plan = plan_package(module, None, origin)
    plan.services[0].lines        // the text of one service, without header and imports' order

The module is at the level `messaging`.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from kumeo.backends.python import agents, declarations, endpoints
from kumeo.backends.python.code import Expr, tupled
from kumeo.backends.python.declarations import assigned, made, separated
from kumeo.backends.python.extras import EXTRAS, extras_of
from kumeo.backends.python.handlers import Functions
from kumeo.backends.python.literals import constant_expr
from kumeo.backends.python.module import Module, Symbols, names_in
from kumeo.backends.python.names import constant, pascal, snake
from kumeo.backends.python.parts import Artifact, Origin, PackagePlan, PythonFile
from kumeo.backends.python.program import Program, find_workflow
from kumeo.backends.python.raw import raw_fields
from kumeo.backends.python.specs import Specs, allowed, handler_label
from kumeo.backends.python.types import Types
from kumeo.backends.python.uses import Step
from kumeo.dialects.agent import AgentOp, ExternOp, LlmOp
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.messaging import (
    EdgeOp,
    HandlerOp,
    ServiceOp,
    StepOp,
)
from kumeo.dialects.workflow import (
    ConfigOp,
    SecretOp,
    SourceOp,
    TargetOp,
)
from kumeo.dialects.workflow.declarations import Endpoint


def plan_package(
    module: ModuleOp,
    workflow: str | None,
    origin: Origin,
    given: Mapping[Attribute, str] | None = None,
) -> PackagePlan:
    """Return the plan of a workflow. `given` are names of schemas. Raises: Unprintable."""
    program = Program(module, find_workflow(module, workflow))
    return Planner(program, origin, dict(given or {})).plan()


class Planner:
    """Collects the files of one package."""

    def __init__(self, program: Program, origin: Origin, given: dict[Attribute, str]) -> None:
        self.program = program
        self.origin = origin
        self.package = package_name(program.workflow.symbol)
        self.types = Types(given, raw_fields(program.workflow))
        self.names = self.types.names
        self.edges: list[EdgeOp] = program.of(EdgeOp)
        self._learn_types()
        self.symbols = self._symbols()

    def plan(self) -> PackagePlan:
        """Return the whole package."""
        services = [self._service(op) for op in self.program.services]
        others = [self._endpoints(), self._edges(), self._agents(), *services, self._workflow()]
        files = [file for file in others if file is not None]
        files.insert(0, self._schemas(files))
        artifacts = self.program.artifacts
        return PackagePlan(
            self.package,
            self.program.workflow.symbol,
            self.program.version,
            self.origin,
            tuple(files),
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
        found = {"http"} if is_http else set[str]()
        found |= {"models"} if has_models else set()
        for op in self.program.agents:
            found |= extras_of(op, self.program.symbols)
        return tuple(each for each in EXTRAS if each in found)

    # -- names

    def _learn_types(self) -> None:
        """Name the records after the first thing that has them."""
        for op in self.program.of(SourceOp):
            self.types.learn(op.payload, "event" if op.symbol == "source" else op.symbol)
        for op in self.program.workflow.walk():
            if isinstance(op, AgentOp):
                name = op.agent_id.rpartition("/")[2]
                kinds = [value.type for value in op.operands]
                self._learn_signature(name, op.operand_names(), kinds, op.result.type)
        for tool in self._tools():
            inputs, (result,) = tool.function_type.inputs.data, tool.function_type.outputs.data
            self._learn_signature(tool.symbol, tool.parameters, inputs, result)
        for op in self.program.of(TargetOp):
            for kind in self.program.sent_to(op.symbol):
                self.types.learn(kind, op.symbol)
        for op in self.program.workflow.walk():
            for value in op.results:
                self.types.learn(value.type, value.name_hint or "value")

    def _learn_signature(
        self, owner: str, names: Sequence[str], kinds: Sequence[Attribute], result: Attribute
    ) -> None:
        for name, kind in zip(names, kinds, strict=False):
            self.types.learn(kind, f"{owner} {name}")
        self.types.learn(result, f"{owner} result")

    def _tools(self) -> list[ExternOp]:
        """Return the functions that models may call, each once."""
        models = [op for op in self.program.agents if isinstance(op, LlmOp)]
        names = dict.fromkeys(name for op in models for name in op.tool_names)
        found = [self.program.symbols.get(name) for name in names]
        return [each for each in found if isinstance(each, ExternOp)]

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

    def _schemas(self, others: Sequence[PythonFile]) -> PythonFile:
        messages = [(self.symbols.messages[op.symbol], op) for op in self.edges]
        entries = {self.symbols.config[op.symbol]: op for op in self.program.of(ConfigOp)}
        module = self._module()
        config: list[str] = []
        if entries:
            defaults = {
                label: constant_expr(from_attribute(op.value, op.type), op.type, module)
                for label, op in entries.items()
            }
            config = declarations.config_lines(self.types, entries, defaults)
        texts = ["\n".join(file.lines) for file in others]
        used = {name for text in ("\n".join(config), *texts) for name in names_in(text)}
        lines = declarations.schema_lines(self.types, messages, used)
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
        labels = {each: module.names.fresh(handler_label(each)) for each in op.handlers}
        functions = self._functions(module, op)
        functions.plan([each.body.block for each in op.handlers])
        for each in op.handlers:
            self._handler(functions, each, labels[each])
        module.functions += functions.lines
        path = f"services/{_module_of(op)}.py"
        for label in labels.values():
            self.symbols.modules[label] = f"services.{_module_of(op)}"
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
        module, specs = self._module(), Specs(self.program, self.symbols, self.sources)
        secrets = tuple(op.env_name.data for op in self.program.of(SecretOp))
        artifacts = {each.path: "" for each in self.program.artifacts}
        fields = {
            "name": self.program.workflow.symbol,
            "token": self.program.token,
            "version": self.program.version,
            "services": tupled([specs.service(op) for op in self.program.services]),
            "sources": tupled([Expr(label) for label in self.sources.values()]),
            "targets": tupled([Expr(label) for label in self.symbols.targets.values()]),
            "edges": tupled([Expr(label) for label in self.symbols.edges.values()]),
            "config": Expr("Config") if self.symbols.config else None,
            "dynamic": self._dynamic(),
            "secrets": secrets or None,
            "artifacts": Expr("ARTIFACTS") if artifacts else None,
            "sizes": specs.sizes,
        }
        if artifacts:
            self.symbols.modules["ARTIFACTS"] = "digests"
        lines = assigned("WORKFLOW", made("Workflow", fields))
        return self._file("workflow.py", "The workflow: what runs where.", module, lines)

    def _dynamic(self) -> tuple[str, ...] | None:
        """Return the entries of the configuration that may change while the workflow runs."""
        names = self.symbols.config
        found = [names[op.symbol] for op in self.program.of(ConfigOp) if op.is_dynamic]
        return tuple(found) or None

    def _manifest(self) -> dict[str, Any]:
        return {
            "workflow": self.program.workflow.symbol,
            "token": self.program.token,
            "version": self.program.version,
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


def _step(name: str, op: HandlerOp | StepOp) -> Step:
    return Step(name, op.body.block, op.failing)


def _module_of(op: ServiceOp) -> str:
    return snake(op.service_name.data, "service")


__all__ = [
    "Artifact",
    "Origin",
    "PackagePlan",
    "Planner",
    "Program",
    "PythonFile",
    "find_workflow",
    "plan_package",
]
