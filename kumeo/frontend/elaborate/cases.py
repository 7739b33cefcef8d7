"""`test` blocks: events in, expected messages out, with prepared answers of agents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from kumeo.diagnostics import Span, nearest
from kumeo.dialects.agent import AgentOp, ReviewOp
from kumeo.dialects.agent.outside import EDITED
from kumeo.dialects.data import RecordType, option_of
from kumeo.dialects.data.casting import decode
from kumeo.dialects.data.failures import DataFailure
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.declarations import Declared
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.elaborate.programs import sections_of
from kumeo.frontend.elaborate.settings import pairs_of, plain
from kumeo.frontend.errors.sections import InvalidTest, MissingSection

DEAD_LETTER = "dead_letter"
"""In `expect`: the events that the workflow reported as failed."""

_SECTIONS = ("given", "expect", "mock", "calls", "config", "source")


_SOMEBODY = {"by": "somebody", "at": "1970-01-01T00:00:00Z"}


@dataclass(frozen=True)
class WorkflowTest:
    """One `test` block. All values are plain JSON data."""

    title: str
    workflow: str
    span: Span
    given: tuple[Any, ...]
    """The events, in order."""
    expect: Mapping[str, list[Any]]
    """Patterns of the messages per target symbol; a pattern names only the fields that matter."""
    mocks: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """Answers per agent id, in order; `{"fail": "message"}` is a failed attempt."""
    calls: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many calls of each agent id are expected."""
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    source: str | None = None
    """The source of the events; the first of the workflow when None."""


def agents_of(module: ModuleOp) -> dict[str, Attribute]:
    """Return the types of what a module's agents may answer in a test, by id."""
    return {op.agent_id: _answer_type(op) for op in module.walk() if isinstance(op, AgentOp)}


def _answer_type(op: AgentOp) -> Attribute:
    """Return the type of the result; a person may leave out what is not changed."""
    kind = op.result.type
    if not isinstance(op, ReviewOp) or op.edit is None or not isinstance(kind, RecordType):
        return kind
    fields = zip(kind.names, kind.types, strict=True)
    return RecordType.of({n: option_of(t) if n == EDITED else t for n, t in fields})


def read_test(
    ctx: Context,
    node: tree.Test,
    agents: Mapping[str, Attribute] | None,
    workflows: Mapping[str, Declared],
) -> WorkflowTest | None:
    """Return a test whose names all exist, or None after a diagnostic.

    `agents` is None when the agents are not known; then their names are not checked.
    """
    name = node.workflow.text
    before = len(ctx.diagnostics)
    declared = workflows.get(name)
    if declared is None:
        _invalid(ctx, node.workflow.span, f"there is no workflow `{name}`", name, workflows)
        return None
    sections = sections_of(ctx, node.body, "test", _SECTIONS)
    for key in ("given", "expect"):
        if key not in sections:
            example = f"{key}: {{ … }}"
            ctx.report(MissingSection(node.title.span, "test", key, example))
    test = WorkflowTest(
        node.title.value,
        name,
        node.span,
        _given(ctx, sections.get("given")),
        _expect(ctx, sections.get("expect"), declared),
        {} if agents is None else _mocks(ctx, sections.get("mock"), agents),
        {} if agents is None else _calls(ctx, sections.get("calls"), agents),
        _config(ctx, sections.get("config"), declared),
        _source(ctx, sections.get("source"), declared),
    )
    return test if len(ctx.diagnostics) == before else None


def _invalid(
    ctx: Context, place: Span, problem: str, name: str, known: Mapping[str, Any] | tuple[str, ...]
) -> None:
    close = nearest(name, known)
    listed = ", ".join(f"`{each}`" for each in known)
    fix = f"write `{close}`" if close else (f"the names are {listed}" if known else None)
    ctx.report(InvalidTest(place, problem, "not found", fix))


def json_of(ctx: Context, node: tree.Expr, name: str) -> Any:
    """Return the JSON data that an expression writes; durations are seconds."""
    match node:
        case tree.Duration(value_us=value):
            return value / 1_000_000
        case tree.Array(items=items):
            return [json_of(ctx, item, name) for item in items]
        case tree.Object():
            pairs = pairs_of(ctx, node)
            return {key: json_of(ctx, pair.value, key) for key, pair in pairs.items()}
        case tree.Variable(name=word):
            return word
        case tree.String(value=value):
            return value
        case _:
            return plain(ctx, node, name)


def _given(ctx: Context, section: tree.Section | None) -> tuple[Any, ...]:
    if section is None or isinstance(section.value, tree.Program):
        return ()
    events = json_of(ctx, section.value, "given")
    return tuple(events) if isinstance(section.value, tree.Array) else (events,)


def _pairs(ctx: Context, section: tree.Section | None, example: str) -> dict[str, tree.Pair]:
    if section is None:
        return {}
    if isinstance(section.value, tree.Object):
        return pairs_of(ctx, section.value)
    problem = f"`{section.key.text}` is an object"
    ctx.report(InvalidTest(section.value.span, problem, "not an object", f"write `{example}`"))
    return {}


def _expect(ctx: Context, section: tree.Section | None, declared: Declared) -> dict[str, list[Any]]:
    result: dict[str, list[Any]] = {}
    for key, pair in _pairs(ctx, section, "{ target: [ … ] }").items():
        symbol = DEAD_LETTER if key == DEAD_LETTER else declared.targets.get(key)
        if symbol is None:
            problem = f"there is no target `{key}`"
            _invalid(ctx, pair.key.span, problem, key, declared.targets)
            continue
        messages = json_of(ctx, pair.value, key)
        result[symbol] = messages if isinstance(pair.value, tree.Array) else [messages]
    return result


def _mocks(
    ctx: Context, section: tree.Section | None, agents: Mapping[str, Attribute]
) -> dict[str, list[Any]]:
    result: dict[str, list[Any]] = {}
    for key, pair in _pairs(ctx, section, "{ agent: { … } }").items():
        if key not in agents:
            _invalid(ctx, pair.key.span, f"there is no agent `{key}`", key, agents)
            continue
        answers = json_of(ctx, pair.value, key)
        given = answers if isinstance(pair.value, tree.Array) else [answers]
        result[key] = [_by_somebody(answer, agents[key]) for answer in given]
        for answer in result[key]:
            _check_answer(ctx, pair, answer, agents[key])
    return result


def _by_somebody(answer: Any, kind: Attribute) -> Any:
    """Return the answer of a person; who and when may be left out, as they say little in a test."""
    is_person = isinstance(kind, RecordType) and kind.names[:3] == ("decision", "by", "at")
    if not is_person or not isinstance(answer, dict) or "decision" not in answer:
        return cast(Any, answer)
    return {**_SOMEBODY, **cast(dict[str, Any], answer)}


def _check_answer(ctx: Context, pair: tree.Pair, answer: Any, kind: Attribute) -> None:
    if isinstance(answer, dict) and "fail" in answer:
        entries = cast(dict[str, Any], answer)
        if set(entries) <= {"fail", "code"} and all(isinstance(v, str) for v in entries.values()):
            return
    try:
        decode(answer, kind)
    except DataFailure as failure:
        problem = f"`{pair.key.text}` cannot give this answer"
        shown = display(kind, ctx.types)
        fix = f'write a value of its type `{shown}`, or `{{ fail: "…" }}`'
        ctx.report(InvalidTest(pair.value.span, problem, failure.message, fix))


def _calls(
    ctx: Context, section: tree.Section | None, agents: Mapping[str, Attribute]
) -> dict[str, int]:
    result: dict[str, int] = {}
    for key, pair in _pairs(ctx, section, "{ agent: 1 }").items():
        if key not in agents:
            _invalid(ctx, pair.key.span, f"there is no agent `{key}`", key, agents)
        elif isinstance(pair.value, tree.Int):
            result[key] = pair.value.value
        else:
            problem = f"the number of calls of `{key}` is an integer"
            ctx.report(InvalidTest(pair.value.span, problem, "not an integer", "write `0`"))
    return result


def _config(ctx: Context, section: tree.Section | None, declared: Declared) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, pair in _pairs(ctx, section, "{ limit: 10.0 }").items():
        if key not in declared.config:
            problem = f"there is no configuration value `{key}`"
            _invalid(ctx, pair.key.span, problem, key, declared.config)
            continue
        result[declared.config[key][0]] = json_of(ctx, pair.value, key)
    return result


def _source(ctx: Context, section: tree.Section | None, declared: Declared) -> str | None:
    """Return the source that `source: two` names."""
    if section is None:
        return None
    node = section.value
    name = node.name if isinstance(node, tree.Variable) else None
    name = node.value if isinstance(node, tree.String) else name
    if name in declared.sources:
        return name
    shown = name or node.span.text
    _invalid(ctx, node.span, f"there is no source `{shown}`", shown, declared.sources)
    return None
