"""What a service needs from outside: files, hosts, routes, clocks. Read off its ops and symbols."""

from collections.abc import Iterator

from xdsl.dialects.builtin import DictionaryAttr, StringAttr
from xdsl.ir import Operation

from kumeo.analysis.providers import provider_of
from kumeo.analysis.symbols import SymbolIndex, uses_of
from kumeo.analysis.walk import walk_ops
from kumeo.dialects.agent import LlmOp
from kumeo.dialects.messaging import (
    ArtifactOp,
    EgressOp,
    EndpointOp,
    HandlerOp,
    ScheduleOp,
    ServiceOp,
)
from kumeo.dialects.workflow import (
    CallOp,
    ContextOp,
    ModelOp,
    ProviderOp,
    SourceOp,
    TargetOp,
)

_OUTSIDE = ("http", "kafka", "mqtt")
"""Kinds of sources and targets that are no subjects of NATS and no files."""


def needs_of(service: ServiceOp, index: SymbolIndex) -> list[Operation]:
    """Return the ops that say what a service needs, each thing once, in program order."""
    found: dict[object, Operation] = {}
    for op in reached_ops(service, index):
        for need in _needs_of_op(op, index):
            key = (need.name, *need.properties.items())
            need.location = op.location
            found.setdefault(key, need)
    return sorted(found.values(), key=lambda op: _ORDER.index(op.name))


_ORDER = [op.name for op in (ArtifactOp, EndpointOp, ScheduleOp, EgressOp)]


def reached_ops(root: Operation, index: SymbolIndex) -> Iterator[Operation]:
    """Yield the ops of `root`, and those of the subworkflows that it calls, each of them once."""
    todo, seen = [root], {root}
    for body in todo:
        for op in walk_ops(body):
            yield op
            callee = index.resolve(op, op.callee_name) if isinstance(op, CallOp) else None
            if callee is not None and callee not in seen:
                seen.add(callee)
                todo.append(callee)


def _needs_of_op(op: Operation, index: SymbolIndex) -> Iterator[Operation]:
    if isinstance(op, LlmOp):
        for name in dict.fromkeys(engine.partition("/")[0] for engine in op.engines):
            yield EgressOp("llm", name, _text(provider_of(index, op, name), "url"))
    for use in uses_of(op):
        declared = index.resolve(op, use.name)
        match declared:
            case ModelOp():
                yield ArtifactOp(declared.symbol, declared.file)
            case ContextOp():
                yield _context_need(declared)
            case TargetOp() if declared.kind.data in _OUTSIDE:
                yield EgressOp(declared.kind.data, declared.symbol, declared.address.data)
            case SourceOp() if isinstance(op, HandlerOp):
                yield from _source_needs(declared)
            case _:
                continue


def _context_need(context: ContextOp) -> Operation:
    """Return the file of a context, or the host: a database is one unless it is a file."""
    address = context.address.data
    scheme, found, _ = address.partition("://")
    is_host = not address or (found and scheme != "sqlite")
    if context.kind.data == "database" and is_host:
        return EgressOp("database", context.symbol, address or _text(context, "url"))
    return ArtifactOp(context.symbol, address.removeprefix("sqlite:///"))


def _source_needs(source: SourceOp) -> Iterator[Operation]:
    kind, address = source.kind.data, source.address.data
    if kind == "http":
        yield EndpointOp(source.symbol, address)
    elif kind == "timer":
        yield ScheduleOp(source.symbol, address)
    elif kind in _OUTSIDE:
        yield EgressOp(kind, source.symbol, address)


def _text(op: Operation | None, name: str) -> str | None:
    """Return a text in the settings of a declaration; a secret is none."""
    if not isinstance(op, ProviderOp | ContextOp):
        return None
    settings: DictionaryAttr = op.settings
    found = settings.data.get(name)
    return found.data if isinstance(found, StringAttr) else None
