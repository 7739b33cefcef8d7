"""`read_version`: what a module is, as facts that can be compared with another version.

    ("route", "F/emit:alerts")   target: alerts   payload: …   value: <print>   condition: <print>

A fact has an area, a name and details. A detail is a text for people, or the fingerprint of an
expression: equal fingerprints are equal computations, whatever the names of values are.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.dialects.builtin import DictionaryAttr, ModuleOp
from xdsl.ir import Attribute, Block, Operation, SSAValue

from kumeo.analysis.bills import METRICS, bills_of
from kumeo.analysis.budgets import amount_text
from kumeo.analysis.domains.describe import duration_text
from kumeo.dialects import data
from kumeo.dialects.agent import AgentOp, ExternOp, ProcessOp
from kumeo.dialects.data.constants import from_attribute
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import (
    CallOp,
    ConfigOp,
    Declaration,
    EmitOp,
    IfOp,
    MatchOp,
    OnOp,
    ReadConfigOp,
    SourceOp,
    SubworkflowOp,
    WorkflowOp,
)
from kumeo.dialects.workflow.declarations import Endpoint

Key: TypeAlias = tuple[str, str]
Details: TypeAlias = dict[str, str | Attribute]
PRINT = "\0"
"""How the fingerprint of an expression begins."""
SECTIONS = ("deployment", "monitor", "nats", "budget")


@dataclass
class Version:
    """The facts of a module by area and name, in program order."""

    facts: dict[Key, Details] = field(default_factory=dict[Key, Details])
    sources: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    """Payload types by `workflow/source`."""
    outputs: dict[str, list[Attribute]] = field(default_factory=dict[str, list[Attribute]])
    """Payload types that reach each `workflow/target`."""
    sites: dict[str, str] = field(default_factory=dict[str, str])
    """What each site is: `emit`, or the kind of an agent."""


def read_version(module: ModuleOp) -> Version:
    """Return the facts of a module."""
    version = Version()
    for op in module.ops:
        if isinstance(op, WorkflowOp):
            _Reader(version, op.symbol).workflow(op)
        elif isinstance(op, SubworkflowOp):
            _Reader(version, op.symbol).subworkflow(op)
        elif isinstance(op, Declaration):
            _Reader(version, "").declaration(op)
    for workflow, _, bill in bills_of(module):
        version.facts["cost", workflow.symbol] = {
            metric: amount_text(metric, bill.amount(metric)) for metric in METRICS
        }
    return version


@dataclass
class _Reader:
    version: Version
    owner: str
    prints: dict[SSAValue, str] = field(default_factory=dict[SSAValue, str])

    def name(self, name: str) -> str:
        return f"{self.owner}/{name}" if self.owner else name

    def add(self, area: str, name: str, details: Details) -> None:
        self.version.facts[area, name] = details

    def workflow(self, op: WorkflowOp) -> None:
        sections = {name: op.properties.get(name) for name in SECTIONS}
        found = [
            _settings(v, f"{k}.") for k, v in sections.items() if isinstance(v, DictionaryAttr)
        ]
        self.add("workflow", op.symbol, {k: v for each in found for k, v in each.items()})
        for inner in op.body.block.ops:
            if isinstance(inner, Declaration):
                self.declaration(inner)
            elif isinstance(inner, OnOp):
                self.body(inner)

    def subworkflow(self, op: SubworkflowOp) -> None:
        for argument in op.body.block.args:
            self.prints[argument] = _digest("argument", argument.index)
        self.block(op.body.block, "")
        last = op.body.block.last_op
        returned = [self.print(v) for v in (last.operands if last is not None else ())]
        details: Details = {"signature": str(op.function_type), "results": _digest(*returned)}
        self.add("subworkflow", op.symbol, details)

    def declaration(self, op: Declaration) -> None:
        match op:
            case SourceOp():
                self.version.sources[self.name(op.symbol)] = op.payload
                key = {} if op.key is None else {"key": op.key.data}
                details = _endpoint(op) | {"payload": op.payload} | key
                self.add("source", self.name(op.symbol), details)
            case Endpoint():
                self.add(op.NOUN, self.name(op.symbol), _endpoint(op))
            case ConfigOp():
                dynamic = {"dynamic": "yes"} if op.is_dynamic else {}
                value = str(from_attribute(op.value, op.type))
                details: Details = {"type": op.type, "value": value, **dynamic}
                self.add("config", self.name(op.symbol), details)
            case ExternOp():
                parts = (op.language, op.function, op.effects)
                details = {"code": " ".join(part.data for part in parts)}
                self.add("function", op.symbol, details | {"type": str(op.function_type)})
            case _:
                properties = {k: v for k, v in op.properties.items() if k != "sym_name"}
                self.add(
                    op.NOUN, self.name(op.symbol), {k: _plain(v) for k, v in properties.items()}
                )

    def body(self, op: OnOp) -> None:
        self.prints[op.event] = "source"
        handler = op.on_error_name
        details: Details = {"sources": ", ".join(op.source_names)}
        details |= {} if handler is None else {"on_error": handler}
        self.add("body", self.name("+".join(op.source_names)), details)
        self.block(op.body.block, "")

    def block(self, block: Block, guard: str) -> None:
        """Read the ops of a block that runs under a condition, named by its fingerprint."""
        for op in block.ops:
            self.op(op, guard)

    def op(self, op: Operation, guard: str) -> None:
        match op:
            case EmitOp():
                self.emit(op, guard)
            case AgentOp():
                self.agent(op, guard)
            case ReadConfigOp():
                self.prints[op.result] = f"config.{op.config_name}"
            case _:
                self.other(op, guard)

    def emit(self, op: EmitOp, guard: str) -> None:
        target, payload = self.name(op.target_name), op.value.type
        types = self.version.outputs.setdefault(target, [])
        types += [payload] if payload not in types else []
        self.version.sites[self.name(op.site)] = "emit"
        details: Details = {"target": op.target_name, "payload": payload}
        details |= {"value": self.print(op.value), "condition": _digest(guard)}
        self.add("route", self.name(op.site), details)

    def agent(self, op: AgentOp, guard: str) -> None:
        skipped = ("id", "site", "operandSegmentSizes", "names", "rules")
        texts: Details = {}
        for key, value in op.properties.items():
            if key not in skipped:
                is_group = isinstance(value, DictionaryAttr)
                texts |= _settings(value) if is_group else {key: _plain(value)}
        texts |= self.inputs(op)
        for argument, value in zip(_arguments(op), op.operands, strict=False):
            self.prints[argument] = self.print(value)
        for region in op.regions:
            for block in region.blocks:
                self.block(block, f"{guard}/{op.site}")
        computed = [self.yielded(block) for region in op.regions for block in region.blocks]
        self.prints[op.result] = _digest("agent", op.site)
        self.version.sites[self.name(op.site)] = op.name.partition(".")[2]
        details: Details = {"kind": op.name.partition(".")[2], **texts, "result": op.result.type}
        details |= {"condition": _digest(guard)}
        details |= {"regions": _digest(*computed)} if computed else {}
        self.add("agent", self.name(op.site), details)
        if isinstance(op, ProcessOp) and op.fallback is None:
            # A process is what it computes, so moving an expression into one is no change.
            self.prints[op.result] = computed[0][0] if computed[0] else self.prints[op.result]

    def inputs(self, op: AgentOp) -> Details:
        """Return a fingerprint of each named operand; of a template also its text."""
        names = op.operand_names()
        if len(names) != len(op.operands):
            return {"input": _digest(*(self.print(value) for value in op.operands))}
        found: Details = {}
        for name, value in zip(names, op.operands, strict=True):
            made = value.owner
            if isinstance(made, data.FormatOp):
                found[f"text of {name}"] = made.template.data
                found[name] = _digest(*(self.print(each) for each in made.operands))
            else:
                found[name] = self.print(value)
        return found

    def other(self, op: Operation, guard: str) -> None:
        inputs = [self.print(value) for value in op.operands]
        if isinstance(op, CallOp):
            self.version.sites[self.name(op.site)] = "call"
            details: Details = {"calls": op.callee_name, "input": _digest(*inputs)}
            self.add("call", self.name(op.site), details | {"condition": _digest(guard)})
        yielded: list[Sequence[str]] = []
        for place, block in enumerate(b for region in op.regions for b in region.blocks):
            for argument in block.args:
                self.prints[argument] = _digest(op.name, argument.index, *inputs)
            decides = isinstance(op, IfOp | MatchOp)
            self.block(block, _digest(guard, *inputs, place, *_cases(op)) if decides else guard)
            yielded.append(self.yielded(block))
        parts = (op.name, _properties(op), *inputs, *(p for each in yielded for p in each))
        for place, result in enumerate(op.results):
            self.prints[result] = _digest(*parts, place, str(result.type))

    def yielded(self, block: Block) -> list[str]:
        last = block.last_op
        return [] if last is None else [self.print(value) for value in last.operands]

    def print(self, value: SSAValue) -> str:
        """Return the fingerprint of a value."""
        return self.prints.get(value, "unknown")


def _arguments(op: AgentOp) -> Sequence[SSAValue]:
    return op.body.block.args if isinstance(op, ProcessOp) else ()


def _endpoint(op: Endpoint) -> Details:
    return {"at": f"{op.kind.data} {op.address.data}", **_settings(op.settings)}


def _settings(settings: DictionaryAttr, prefix: str = "") -> Details:
    found: Details = {}
    for key, value in settings.data.items():
        plain = from_setting(value)
        is_time = key.endswith("_us") and isinstance(plain, int)
        found[f"{prefix}{key.removesuffix('_us')}"] = (
            duration_text(plain) if is_time else _plain(value)
        )
    return found


def _cases(op: Operation) -> tuple[str, ...]:
    return (str(op.cases),) if isinstance(op, MatchOp) else ()


def _properties(op: Operation) -> str:
    if isinstance(op, data.DataOp | MatchOp):
        return ",".join(f"{name}={value}" for name, value in sorted(op.properties.items()))
    return str(op.properties.get("callee", ""))


def _plain(attribute: Attribute) -> str:
    """Return a setting as text for people."""
    value = from_setting(attribute)
    return str(attribute) if value is None else str(value)


def _digest(*parts: object) -> str:
    text = repr(parts).encode()
    return PRINT + hashlib.blake2b(text, digest_size=12).hexdigest()
