"""`random_module`: declarations, subworkflows and workflows with random bodies."""

import random
from collections.abc import Iterator, Sequence

from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region

from kumeo.analysis.levels import set_level
from kumeo.analysis.symbols import uses_of
from kumeo.dialects.agent import EFFECTS, ExternOp
from kumeo.dialects.data import FLOAT, INT, STR, EnumType, to_attribute
from kumeo.dialects.workflow import (
    ConfigOp,
    ContextOp,
    Declaration,
    EmitOp,
    ModelOp,
    OnOp,
    ProviderOp,
    ReturnOp,
    SecretOp,
    SourceOp,
    SubworkflowOp,
    TargetOp,
    WorkflowOp,
)
from kumeo.frontend.collector import without_gc
from kumeo.testing.generator.agents import Function, Names, aggregate
from kumeo.testing.generator.constants import random_constant
from kumeo.testing.generator.kinds import Kinds
from kumeo.testing.generator.scope import Scope
from kumeo.testing.generator.statements import Statements

Configs = Sequence[tuple[str, Attribute]]


def random_module(seed: int | str = 0, size: int = 15) -> ModuleOp:
    """Return a valid module with about `size` statements."""
    with without_gc():
        module = _Maker(random.Random(seed), size).module()
    set_level(module, "workflow")
    return module


class _Maker:
    """Makes one module."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self.rng = rng
        self.size = max(size, 1)
        self.kinds = Kinds(rng)
        self.functions = tuple(self._function(name) for name in EFFECTS)
        self.configs: Configs = [
            ("limit", rng.choice((INT, FLOAT))),
            ("word", STR),
            ("mode", self.kinds.small),
            ("live", rng.choice((INT, FLOAT, self.kinds.small))),
        ]
        self.subworkflows: list[SubworkflowOp] = []

    def module(self) -> ModuleOp:
        """Return the module; subworkflows call only those before them."""
        for index in range(self.rng.choice((0, 0, 1, 1, 2))):
            self.subworkflows.append(self._subworkflow(f"sub{index}"))
        workflow = self._workflow()
        programs: list[Operation] = [*self.subworkflows, workflow]
        named = {name for program in programs for name in _names_in(program)}
        shared = [op for op in self._shared() if op.symbol in named or self.rng.random() < 0.1]
        return ModuleOp([*shared, *programs])

    def _shared(self) -> list[Declaration]:
        """Return the declarations that subworkflows need too."""
        return [
            TargetOp("log", "nats", "log"),
            ModelOp("trees", "onnx", "trees.onnx"),
            ModelOp("linear", "sklearn", "linear.skops"),
            ModelOp("slope", "sklearn", "slope.skops"),
            ModelOp("risk", "bayesian", "risk.bif"),
            ContextOp("policies", "knowledge", "policies"),
            ContextOp("cards", "database", "cards"),
            *map(_extern, self.functions),
            *(self._config(name, kind) for name, kind in self.configs),
        ]

    def _config(self, name: str, kind: Attribute) -> ConfigOp:
        value = to_attribute(random_constant(self.rng, kind), kind)
        return ConfigOp(name, value, kind, dynamic=name == "live")

    def _function(self, effects: str) -> Function:
        inputs = tuple(self.kinds.any() for _ in range(self.rng.randrange(1, 3)))
        return Function(f"f_{effects}", inputs, self.kinds.answer(), effects)

    def _statements(self, names: Names, size: int) -> Statements:
        names.functions = self.functions
        names.callees = list(self.subworkflows)
        return Statements(self.rng, self.kinds, names, self.configs, size)

    def _subworkflow(self, name: str) -> SubworkflowOp:
        inputs = [self.kinds.any() for _ in range(self.rng.randrange(1, 3))]
        outputs = [self.kinds.any() for _ in range(self.rng.randrange(3))]
        scope = Scope(Block(arg_types=inputs))
        statements = self._statements(Names(("log",)), self.size // 4 + 1)
        statements.fill(scope, self.size)
        values = [statements.make.value(scope, kind, 1) for kind in outputs]
        scope.block.add_op(ReturnOp(values))
        return SubworkflowOp(name, inputs, outputs, Region(scope.block))

    def _workflow(self) -> WorkflowOp:
        names = Names(("log", "out", "alerts"))
        sources = [self._source("first")]
        if self.rng.random() < 0.2:
            sources.append(self._source("second"))
        bodies = [self._body(source, names, self.size // len(sources)) for source in sources]
        ops: list[Operation] = [
            *sources,
            TargetOp("out", "nats", "out"),
            TargetOp("alerts", "file", "alerts.jsonl"),
            TargetOp("errors", "nats", "errors"),
            SecretOp("key", "KEY"),
            ProviderOp("m", {"url": "http://localhost"}),
            *bodies,
        ]
        return WorkflowOp("Random", Region(Block(ops)), budget={"calls": 10})

    def _source(self, name: str) -> SourceOp:
        kind = self.kinds.outer if self.rng.random() < 0.2 else self.kinds.record
        if self.rng.random() < 0.1:
            return SourceOp(name, "nats", name, self.kinds.any())
        simple = [n for n, t in kind.fields if t in (STR, INT) or isinstance(t, EnumType)]
        key = simple[0] if simple and self.rng.random() < 0.7 else None
        return SourceOp(name, "nats", name, kind, key=key)

    def _body(self, source: SourceOp, names: Names, size: int) -> OnOp:
        scope = Scope(Block(arg_types=[source.payload]))
        statements = self._statements(names, size)
        if self.rng.random() < 0.3:
            statements.agents.written(aggregate, scope, names)
        statements.fill(scope, size)
        self._send_results(scope, statements)
        scope.block.add_op(ReturnOp())
        on_error = "errors" if self.rng.random() < 0.4 else None
        return OnOp([source.symbol], on_error, Region(scope.block))

    def _send_results(self, scope: Scope, statements: Statements) -> None:
        """Emit most of what the agents at the top found out; the rest stays unread."""
        for agent in scope.agents:
            if self.rng.random() < 0.5:
                site = statements.names.fresh("send")
                scope.add(EmitOp(agent.result, "out", site))


def _names_in(program: Operation) -> Iterator[str]:
    """Yield the symbols that a program uses."""
    return (use.name for op in program.walk() for use in uses_of(op))


def _extern(function: Function) -> ExternOp:
    signature = FunctionType.from_lists(list(function.inputs), [function.output])
    return ExternOp(function.name, "python", f"m:{function.name}", signature, function.effects)
