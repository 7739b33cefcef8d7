"""`security_faults`: unchecked data that acts, models that decide, private data that leaves."""

import re
from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from kumeo.analysis import late
from kumeo.analysis.domains.describe import listing
from kumeo.analysis.domains.walk import bodies_of
from kumeo.analysis.flows import MODEL, OUTSIDE, UNCHECKED, Flows, Options, Sink, Step, path_of
from kumeo.analysis.places import point_of
from kumeo.analysis.providers import provider_of
from kumeo.analysis.symbols import SymbolIndex
from kumeo.analysis.waiting import waits_for_people
from kumeo.diagnostics import Diagnostic
from kumeo.dialects.agent import AgentOp, AggregateOp, LlmOp
from kumeo.dialects.facts import ACTS
from kumeo.dialects.settings import from_setting
from kumeo.dialects.workflow import EmitOp, SubworkflowOp, TargetOp

INSIDE_ENGINES = frozenset(
    ["ollama", "llamafile", "llamacpp", "llama.cpp", "vllm", "localai", "lmstudio", "local", "stub"]
)
"""Providers that run on the author's own computers unless a `provider` says otherwise."""
_INSIDE_HOST = re.compile(
    r"^(localhost|127\.|\[::1\]|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|host\.docker\.internal"
    r"|[a-z0-9-]+(:\d+)?(/|$)|[a-z0-9.-]+\.(svc|local|internal|cluster\.local)(:\d+)?(/|$))",
    re.I,
)


def security_faults(module: ModuleOp, options: Options) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each flow that needs a check, in program order."""
    index = SymbolIndex(module)
    flows = Flows(index, options)
    bodies = bodies_of(module)
    # Results of a subworkflow are known before its calls are looked at.
    for body in sorted(bodies, key=lambda op: not isinstance(op, SubworkflowOp)):
        flows.body(body)
    for sink in flows.sinks:
        yield from _acting(sink, flows)
        yield from _tools(sink, flows)
        yield from _system_prompt(sink, flows)
        yield from _private(sink, flows)


def _tools(sink: Sink, flows: Flows) -> Iterator[Diagnostic]:
    """Report a model that reads something from outside and may call a tool that acts.

    Whoever wrote what it reads may tell it which tool to call, and with what.
    """
    op = sink.op
    if not isinstance(op, LlmOp) or sink.is_approved:
        return
    acting = [tool.symbol for tool in flows.tools(op) if tool.effects.data == "acts"]
    marks = {**sink.control, **sink.inputs.marks}
    step = next((marks[mark] for mark in (UNCHECKED, OUTSIDE, MODEL) if mark in marks), None)
    step = step or flows.told(op, besides="".join(acting[:1]))
    if not acting or step is None:
        return
    path = path_of(Step(op.agent_id, step))
    fix = "let a person approve first (`HumanReview`), or give the model tools that only read"
    yield late.risk_errors.UntrustedFlow(
        point_of(op),
        "what a language model asks for",
        f"the tool `{acting[0]}`, which acts,",
        path,
        fix,
        notes=(f"from {path}",),
    )


def _acting(sink: Sink, flows: Flows) -> Iterator[Diagnostic]:
    """Report what reaches or decides about something that acts."""
    name = _privileged(sink.op, flows)
    if name is None or sink.is_approved:
        return
    where, marks = point_of(sink.op), sink.inputs.marks
    if UNCHECKED in marks:
        path = path_of(marks[UNCHECKED])
        fix = "give the source a `schema:`, or cast the value to a type"
        yield late.risk_errors.UntrustedFlow(
            where, "data of a source without a schema", name, path, fix, notes=(f"from {path}",)
        )
    if MODEL in marks:
        path = path_of(marks[MODEL])
        fix = "let a person check it (`HumanReview`), or name a validator"
        what = "the answer of a language model"
        yield late.risk_errors.UntrustedFlow(where, what, name, path, fix, notes=(f"from {path}",))
    elif MODEL in sink.control:
        step = sink.control[MODEL]
        path = path_of(step)
        yield late.risk_errors.ModelDecides(where, step.name, name, path, notes=(f"from {path}",))


def _privileged(op: Operation, flows: Flows) -> str | None:
    """Return what an op acts on, in words; None when it may get anything."""
    if isinstance(op, LlmOp):
        return None  # it acts by its tools only, see `_tools`
    if isinstance(op, AgentOp):
        acts = op.effect_facts() == ACTS
        is_state = waits_for_people(op) or isinstance(op, AggregateOp)
        return f"`{op.agent_id}`, which acts," if acts and not is_state else None
    if not isinstance(op, EmitOp):
        return None
    target = flows.index.resolve(op, op.target_name)
    setting = target.settings.data.get("privileged") if isinstance(target, TargetOp) else None
    declared = setting is not None and from_setting(setting) is True
    if declared or op.target_name in flows.options.privileged_targets:
        return f"the privileged target `{op.target_name}`"
    return None


def _system_prompt(sink: Sink, flows: Flows) -> Iterator[Diagnostic]:
    """Report outside text in a system prompt: there it looks like an order of the author."""
    op = sink.op
    if not isinstance(op, LlmOp) or op.system is None:
        return
    marks = flows.of(op.system).marks
    found = next((marks[mark] for mark in (UNCHECKED, MODEL) if mark in marks), None)
    if found is None:
        return
    what = "the answer of a language model" if MODEL in marks else "data without a schema"
    path = path_of(found)
    fix = "move it to `prompt:`, where it is data"
    sink_name = f"the system prompt of `{op.agent_id}`"
    yield late.risk_errors.UntrustedFlow(
        point_of(op), what, sink_name, path, fix, notes=(f"from {path}",)
    )


def _private(sink: Sink, flows: Flows) -> Iterator[Diagnostic]:
    """Report personal fields in a prompt for a model outside, whichever of a chain it is."""
    op = sink.op
    if not isinstance(op, LlmOp) or not sink.inputs.personal:
        return
    engine = next((each for each in op.engines if not _runs_inside(op, each, flows)), None)
    if engine is None:
        return
    names = sorted(sink.inputs.personal)
    fields = listing([f"`{name}`" for name in names], "and")
    end = "es" if len(names) == 1 else ""
    yield late.risk_errors.PrivateDataOutside(point_of(op), fields, end, engine)


def _runs_inside(op: LlmOp, engine: str, flows: Flows) -> bool:
    provider = engine.partition("/")[0]
    if provider in flows.options.inside:
        return True
    declared = provider_of(flows.index, op, engine)
    if declared is not None:
        settings = {key: from_setting(value) for key, value in declared.settings.data.items()}
        if settings.get("inside") is True:
            return True
        address = next((settings[k] for k in ("url", "base_url", "endpoint") if k in settings), "")
        if isinstance(address, str) and address:
            return _INSIDE_HOST.match(address.partition("://")[2] or address) is not None
    return provider in INSIDE_ENGINES
