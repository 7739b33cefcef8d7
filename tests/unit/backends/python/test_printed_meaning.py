"""Printed functions mean what the interpreter says: random workflows, both sides, same answers.

The interpreter runs a workflow at the level `stages`. The printed package of the same workflow runs
on the activations of the runtime; messages are written and read in between as they are on the wire.
Agents answer from stubs by place on both sides; processes and rules are computed. It is one file:
the two sides serve only the random and the written workflows that stand below them.
"""

import asyncio
import importlib
import inspect
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest
from kumeo_runtime.activation import Activation, Routes, encode_body
from kumeo_runtime.decoding import from_json
from kumeo_runtime.meta import Meta
from kumeo_runtime.values import Failure, json_decoder, json_encoder, msgpack_decoder

from kumeo.backends.python import Origin, Unprintable, plan_package, render
from kumeo.backends.python.calls import PURE
from kumeo.backends.python.plan import Planner, Program, find_workflow
from kumeo.dialects.agent import AgentOp, DecideOp, ProcessOp
from kumeo.dialects.workflow import ConfigOp, WorkflowOp
from kumeo.interp.oracle.events import Trial, make_trials
from kumeo.interp.results import canonical_json
from kumeo.interp.run import run
from kumeo.interp.stubs import is_one_in, stub
from kumeo.interp.world import CallKey
from kumeo.testing.generator import random_module
from kumeo.tools.sources import compile_file, optimise

FAILED = {"fail": "the stub of this attempt fails"}
Observed = tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]


class Stubs(Mapping[CallKey, Any]):
    """The answer of every attempt, by event, site, path and number."""

    def __init__(self, workflow: WorkflowOp, fail_one_in: int) -> None:
        self.fail_one_in = fail_one_in
        self.ops = {
            op.site: op for op in workflow.walk() if isinstance(op, AgentOp) and not is_printed(op)
        }

    def __contains__(self, key: object) -> bool:
        return isinstance(key, CallKey) and key.site in self.ops

    def __getitem__(self, key: CallKey) -> Any:
        if is_sync(self.ops[key.site]):  # Equal inputs, equal answers: the place does not matter.
            key = key._replace(path=())
        if is_one_in(self.fail_one_in, *key):
            return FAILED
        return stub(self.ops[key.site].result.type, *key)

    def __iter__(self) -> Iterator[CallKey]:
        return iter(())

    def __len__(self) -> int:
        return 0


def is_printed(op: AgentOp) -> bool:
    return isinstance(op, ProcessOp) or (isinstance(op, DecideOp) and op.mode.data == "first_match")


class StubAgent:
    """Answers a printed call from the stubs."""

    def __init__(self, op: AgentOp, annotation: Any, stubs: Stubs) -> None:
        self.op, self.annotation, self.stubs = op, annotation, stubs

    def answer(self, act: "Probe", path: tuple[int, ...], inputs: dict[str, Any]) -> Any:
        cancelled = next((v for v in inputs.values() if isinstance(v, Failure)), None)
        if cancelled is not None:
            if not self.op.effect_facts().discardable:
                act.observe(cancelled)
            return cancelled
        outcome: Any = None
        for number in range(1, (1 if self.op.policy is None else self.op.policy.attempts) + 1):
            answer = self.stubs[CallKey(act.meta.event, self.op.site, path, number)]
            if answer is not FAILED:
                return from_json(answer, self.annotation)
            outcome = Failure("attempt-failed", FAILED["fail"], self.op.site)
        return outcome


class SyncStub(StubAgent):
    def __call__(self, act: "Probe", /, **inputs: Any) -> Any:
        return self.answer(act, (), inputs)

    def task(self, value: Any) -> None:
        return None


class AsyncStub(StubAgent):
    async def __call__(self, act: "Probe", /, *, path: tuple[int, ...] = (), **inputs: Any) -> Any:
        return self.answer(act, path, inputs)


class Probe(Activation):
    """An activation that keeps what it sends in a form that can be compared."""

    __slots__ = ("following", "found")

    def emit(self, target: Any, value: Any, *, site: str, path: tuple[int, ...] = ()) -> None:
        before = len(self.outputs)
        super().emit(target, value, site=site, path=path)
        for sent in self.outputs[before:]:
            payload = canonical_json(json.loads(sent.payload))
            self.found.append((self.meta.event, site, path, target.name, payload))

    def send(self, edge: Any, message: Any, *, path: tuple[int, ...] = ()) -> None:
        self.following = (edge, encode_body(edge, message))

    def park(self, edge: Any, message: Any, task: Any) -> None:
        self.following = (edge, encode_body(edge, message))


class Package:
    """A printed package, loaded, with stubs in the place of its agents."""

    def __init__(self, module: Any, folder: Path, stubs: Stubs) -> None:
        plan = plan_package(module, None, Origin("random.kumeo", "test"))
        for path, text in render(plan).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        for name in [n for n in sys.modules if n.partition(".")[0] == plan.package]:
            del sys.modules[name]
        self._load(plan.package, folder, module, stubs)

    def _load(self, package: str, folder: Path, module: Any, stubs: Stubs) -> None:
        sys.modules[package] = top = ModuleType(package)
        top.__path__ = [str(folder / package)]
        digests = ModuleType(f"{package}.digests")
        digests.ARTIFACTS = {}  # type: ignore[attr-defined]
        sys.modules[digests.__name__] = digests
        sys.modules[f"{package}.agents"] = agents = ModuleType(f"{package}.agents")
        names = _agent_names(module)
        schemas = importlib.import_module(f"{package}.schemas")
        for site, (label, annotation) in names.items():
            kind = SyncStub if is_sync(stubs.ops[site]) else AsyncStub
            scope = {**vars(importlib.import_module("kumeo_runtime.values")), **vars(schemas)}
            result = eval(annotation, {**scope, "Literal": Literal})
            setattr(agents, label, kind(stubs.ops[site], result, stubs))
        self.workflow = importlib.import_module(f"{package}.workflow").WORKFLOW


def _agent_names(module: Any) -> dict[str, tuple[str, str]]:
    planner = Planner(
        Program(module, find_workflow(module, None)), Origin("random.kumeo", "test"), {}
    )
    return {
        op.site: (planner.symbols.agents[op.site], planner.types.of(op.result.type))
        for op in planner.program.agents
    }


def is_sync(op: AgentOp) -> bool:
    return isinstance(op, PURE)


async def run_printed(package: Package, trial: Trial, configs: list[ConfigOp]) -> Observed:
    workflow = package.workflow
    emitted: Counter[tuple[Any, ...]] = Counter()
    reports: Counter[tuple[Any, ...]] = Counter()
    handlers = {
        handler.reads.token: handler
        for service in workflow.services
        for handler in service.handlers
        if not isinstance(handler.reads, tuple)
    }
    config, carried = Configs(trial, configs, workflow.config), {}
    targets = {target.name: target.address for target in workflow.targets}
    for event in trial.events:
        if event.id not in carried:
            carried[event.id] = config.at(event.id)
        routes = Routes(workflow.name, {}, targets, carried[event.id])
        starts = [
            (h, r)
            for s in workflow.services
            for h in s.handlers
            if isinstance(h.reads, tuple)
            for r in h.reads
            if r.name == event.source
        ]
        for handler, source in starts:
            value = json_decoder(source.type).decode(json.dumps(event.payload).encode())
            meta = Meta(event.source, event.id, trial.world.time_of(event))
            if isinstance(value, Failure):
                name = handler.on_error.name if handler.on_error else None
                reports[name, "invalid-event", "", event.id, ""] += 1
                continue
            act = Probe(routes, meta)
            act.found, act.following = [], None
            await _call(handler.function, act, value)
            while act.following is not None:
                edge, body = act.following
                handler = handlers[edge.token]
                emitted.update(act.found)
                message = msgpack_decoder(edge.message).decode(body)
                act = Probe(routes, message.meta)
                act.found, act.following = [], None
                await _call(handler.function, act, message)
            emitted.update(act.found)
            first = act.first
            if first is not None:
                name = handler.on_error.name if handler.on_error else None
                reports[name, first.code, first.message, event.id, first.agent or ""] += 1
    return emitted, reports


async def _call(function: Any, act: Probe, value: Any) -> None:
    result = function(act, value)
    if inspect.isawaitable(result):
        await result


class Configs:
    """The configuration that each event finds."""

    def __init__(self, trial: Trial, entries: list[ConfigOp], kind: Any) -> None:
        self.trial, self.kind = trial, kind
        self.dynamic = {op.symbol for op in entries if op.is_dynamic}
        self.values: dict[str, Any] = {}

    def at(self, event: str) -> Any:
        changes = self.trial.world.config_changes.get(event, {})
        self.values |= {name: v for name, v in changes.items() if name in self.dynamic}
        if self.kind is None:
            return None
        defaults = json.loads(json_encoder().encode(self.kind()))
        return from_json({**defaults, **self.values}, self.kind)


def run_interpreter(module: Any, trial: Trial) -> Observed:
    done = run(module, trial.workflow, trial.events, trial.world)
    emitted = Counter(
        (e.event, e.site, e.path, e.target, canonical_json(e.payload)) for e in done.emitted
    )
    reports: Counter[tuple[Any, ...]] = Counter()
    for each in done.reports:
        failure = each.failure
        message = "" if failure.code == "invalid-event" else failure.message
        agent = failure.agent or ""
        reports[each.target, failure.code, message, each.event.id, agent] += 1
    return emitted, reports


def check(seed: int, level: str, folder: Path, *, size: int = 12) -> int:
    """Compare both sides for one random workflow; return how many messages were compared."""
    return check_module(random_module(seed, size), seed, level, folder)


def check_module(module: Any, seed: int, level: str, folder: Path) -> int:
    """Compare both sides for one workflow on random events."""
    assert not [d for d in optimise(module, level, "stages") if d.severity.value == "error"]
    stages = module.clone()
    assert not [d for d in optimise_sent(module) if d.severity.value == "error"]
    trials = make_trials(stages, 5, seed, 2)
    compared = 0
    stubs = Stubs(find_workflow(module, None), 0)
    try:
        package = Package(module, folder, stubs)
    except Unprintable:  # A person who is asked in the middle of a stage: refused.
        return 0
    configs = [op for op in module.walk() if isinstance(op, ConfigOp)]
    for trial in trials:
        stubs.fail_one_in = trial.world.fail_one_in
        trial = replace(trial, world=replace(trial.world, recordings=stubs))
        wanted, got = (
            run_interpreter(stages, trial),
            asyncio.run(run_printed(package, trial, configs)),
        )
        for expected, found in zip(wanted, got, strict=True):
            assert found == expected, (
                f"seed {seed} {level}: {found - expected} / {expected - found}"
            )
            compared += expected.total()
    return compared


def optimise_sent(module: Any) -> Any:
    from kumeo.passes import pipelines
    from kumeo.tools.sources import optimise as lower

    saved = pipelines.LOWERINGS
    pipelines.LOWERINGS = {**saved, "sent": {"O0": pipelines._SENT}}  # type: ignore[misc]
    try:
        return lower(module, "O0", "sent")
    finally:
        pipelines.LOWERINGS = saved  # type: ignore[misc]


@pytest.mark.parametrize("level", ["O0", "O1", "O2"])
@pytest.mark.parametrize("group", range(4))
def test_printed_functions_random_workflows_do_what_the_interpreter_does(
    group: int, level: str, tmp_path: Path
) -> None:
    compared = sum(
        check(seed, level, tmp_path / str(seed)) for seed in range(group * 8, group * 8 + 8)
    )
    assert compared > 50


def written(body: str, folder: Path) -> Any:
    """Return the module of a workflow with these agents."""
    path = folder / "written.kumeo"
    path.write_text(WORKFLOW % body, encoding="utf-8")
    compiled = compile_file(str(path), BytesIO)
    assert compiled.module is not None, [each.headline for each in compiled.diagnostics]
    return compiled.module


WORKFLOW = """
schema Event { n: int, x: float, is_on: bool, name: string?, many: [int] }
schema Label { label: string }
workflow Written {
  source: NATS("events", schema: Event)
  target: { out: NATS("out"), failed: NATS("failed") }
  on_error: target.failed
  agents: [
    %s
    emit last to target.out
  ]
}
"""
BODIES = {
    "a constant field of a conditional record": """
    high = DataProcessor(when: source.is_on, fields: { weight: 1.2 })
    last = DataProcessor(fields: { sum: source.x + (high?.weight ?? 0.5) })
    """,
    "a computed field of a conditional record": """
    high = DataProcessor(when: source.is_on, fields: { weight: source.x * 2.0 })
    last = DataProcessor(fields: { sum: source.x + (high?.weight ?? 0.5), weight: high?.weight })
    """,
    "a field that may fail": """
    high = DataProcessor(when: source.is_on, fields: { weight: 1.0 / source.x, other: 1.0 })
    last = DataProcessor(fields: { sum: source.x + (high?.weight ?? 0.5) })
    """,
    "a field beside one that may fail": """
    high = DataProcessor(when: source.is_on, fields: { weight: 1.0, other: 1.0 / source.x })
    last = DataProcessor(fields: { sum: source.x + (high?.weight ?? 0.5) })
    """,
    "two fields": """
    high = DataProcessor(when: source.is_on, fields: { weight: 1.0, other: 2.0 })
    last = DataProcessor(fields: { a: high?.weight ?? 0.0, b: high?.other ?? 0.0 })
    """,
    "two defaults": """
    high = DataProcessor(when: source.is_on, fields: { weight: 1.0 })
    last = DataProcessor(fields: { a: high?.weight ?? 0.0, b: high?.weight ?? -0.0 })
    """,
    "a field that may be null": """
    high = DataProcessor(when: source.is_on, fields: { weight: source.name })
    last = DataProcessor(fields: { a: high?.weight ?? "none" })
    """,
    "a decision": """
    DecisionMatrix(
      id: "chosen",
      rules: [
        { name: "low", when: source.x < 0.0, then: "no" },
        { name: "odd", when: source.n / 2.0 > 1.0 / source.x, then: "maybe" }
      ],
      default: "yes"
    )
    last = DataProcessor(fields: { answer: chosen.decision, is_no: chosen.decision == no })
    """,
    "a decision without a default": """
    DecisionMatrix(id: "chosen", rules: [{ name: "low", when: source.x < 0.0, then: "no" }])
    last = DataProcessor(fields: { answer: chosen.decision })
    """,
    "a decision and its rule": """
    DecisionMatrix(
      id: "chosen",
      rules: [{ name: "low", when: source.x < 0.0, then: "no" }],
      default: "yes"
    )
    last = DataProcessor(fields: { answer: chosen.decision, why: chosen.rule })
    """,
    "arithmetic that cannot fail": """
    last = DataProcessor(
      fields: {
        risk: 1.0 / (1.0 + exp(source.x)),
        part: source.x / max(1.0, source.x),
        hour: floor(source.n / 3600.0) % 24,
        rest: source.n % -7,
        near: round(source.n * 0.25) - ceil(source.n / 4.0)
      }
    )
    """,
    "arithmetic that may fail": """
    last = DataProcessor(
      fields: {
        a: floor(source.x) % 24,
        b: 1.0 / (exp(source.x) - 1.0),
        c: floor(source.n * 4.0)
      }
    )
    """,
    "agents at the same time": """
    pairs = for number in source.many {
      one = LLM(engine: "ollama/llama3", prompt: "one of {{ number }}", output: Label)
      two = LLM(engine: "ollama/llama3", prompt: "two of {{ number }}", output: Label)
      three = LLM(engine: "ollama/llama3", prompt: "{{ one.label }} of {{ number }}", output: Label)
      pair = DataProcessor(fields: { one: one.label, two: two.label, three: three.label })
    }
    last = DataProcessor(fields: { pairs: pairs })
    """,
}


@pytest.mark.parametrize("level", ["O0", "O2"])
@pytest.mark.parametrize("body", BODIES)
def test_printed_functions_written_workflows_do_what_the_interpreter_does(
    body: str, level: str, tmp_path: Path
) -> None:
    module = written(BODIES[body], tmp_path)
    assert check_module(module, 7, level, tmp_path) > 5


def printed(body: str, folder: Path) -> str:
    """Return the functions of a workflow at -O2."""
    module = written(BODIES[body], folder)
    assert not [d for d in optimise(module, "O2", "messaging") if d.severity.value == "error"]
    files = render(plan_package(module, None, Origin("written.kumeo", "test")))
    return "\n".join(str(text) for path, text in files.items() if "/services/" in path)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("a constant field of a conditional record", "= 1.2 if source.is_on else 0.5"),
        ("a computed field of a conditional record", "weight=source.x * 2.0"),
        ("two fields", "High("),
        ("a decision", 'decision = "no"'),
        ("arithmetic that cannot fail", "1.0 / (1.0 + f.exp(source.x))"),
        ("arithmetic that cannot fail", "f.floored(value / 3600.0)"),
        ("arithmetic that may fail", "f.floor(source.x)"),
        ("agents at the same time", "one, two = await together("),
    ],
)
def test_printed_functions_known_facts_shorten_the_text(
    body: str, wanted: str, tmp_path: Path
) -> None:
    assert wanted in printed(body, tmp_path)
