"""The body of a workflow or subworkflow: its scope, its sites, and what its statements share."""

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from xdsl.ir import Attribute, Block, SSAValue

from kumeo.diagnostics import Diagnostic, Related, Span
from kumeo.dialects import agent, data, workflow
from kumeo.frontend import tree
from kumeo.frontend.elaborate.context import Context, Scope, hint_of, is_poison, location_of
from kumeo.frontend.elaborate.declarations import Declared
from kumeo.frontend.elaborate.expressions import Expressions
from kumeo.frontend.elaborate.library import Library
from kumeo.frontend.elaborate.outline import Outline
from kumeo.frontend.elaborate.sizes import MAX_SIZE
from kumeo.frontend.errors.flow import (
    AgentCycle,
    DuplicateId,
    LaterAgent,
    SelfReference,
    UnusedAgent,
)
from kumeo.frontend.errors.names import ShadowedName
from kumeo.frontend.errors.types import TypeTooLarge

_CIRCLE_ENDS = 4
"""A long circle of names is shown with this many of its first and last ones."""

RESERVED = ("source", "target", "config", "models", "context", "now", "schemas")


class BlockScope(Scope):
    """The names that one block binds, and other paths under which the draft's style reads them."""

    def __init__(self, parent: Scope | None = None) -> None:
        super().__init__(parent)
        self.aliases: dict[str, SSAValue] = {}
        self.taken: dict[str, Span] = {}
        """Names that a branch inside bound and that nothing outside of it reads."""

    def refined(self, path: str) -> SSAValue | None:
        """Return the value on a channel such as `validated.tx`, or what an outer scope knows."""
        return self.aliases.get(path) or super().refined(path)


@dataclass
class Body:
    """Everything that the statements of one body share. Made once, mutated by its statements."""

    ctx: Context
    expressions: Expressions
    declared: Declared
    library: Library
    outline: Outline
    declarations: Block
    """Where models that agents name by file are declared."""
    entry: Block
    """Where values that are read once per activation go, before everything else."""
    config: dict[str, SSAValue] = field(default_factory=dict[str, SSAValue])
    sites: Counter[str] = field(default_factory=Counter[str])
    current: list[str] = field(default_factory=list[str])
    """The ids of the agents being elaborated, innermost last."""
    nesting: list[str] = field(default_factory=list[str])
    """`if`, `match`, `for`, `try` around the current statement."""
    kinds: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Ids by agent kind, for `LLM.output`."""
    results: list[tuple[str, SSAValue, tree.Node]] = field(
        default_factory=list[tuple[str, SSAValue, tree.Node]]
    )
    has_emit: bool = False
    last: SSAValue | None = None
    """What the last name at the top of the body stands for."""
    is_too_deep: bool = False
    """Whether nesting that is too deep is reported already."""
    _now: SSAValue | None = None

    def site(self, wanted: str) -> str:
        """Return a site id like `wanted` that no other op of the workflow has."""
        self.sites[wanted] += 1
        count = self.sites[wanted]
        return wanted if count == 1 else f"{wanted}#{count}"

    @contextmanager
    def working_on(self, name: str) -> Generator[None]:
        """Elaborate the agent `name`; reading it meanwhile is a self-reference."""
        self.current.append(name)
        yield
        self.current.pop()

    @contextmanager
    def nested(self, kind: str) -> Generator[None]:
        """Elaborate what stands inside a statement of this kind."""
        self.nesting.append(kind)
        yield
        self.nesting.pop()

    def bind(self, scope: BlockScope, name: tree.Name, value: SSAValue) -> None:
        """Make a value visible as `name`; a taken name is a diagnostic."""
        place = scope.place_of(name.text) or scope.taken.get(name.text)
        related = () if place is None else (Related(place, f"first `{name.text}`"),)
        if name.text in RESERVED:
            self.ctx.report(ShadowedName(name.span, name.text))
        elif name.text in scope.values or name.text in scope.taken:
            self.ctx.report(DuplicateId(name.span, name.text, related=related))
        elif scope.defines(name.text):
            self.ctx.report(ShadowedName(name.span, name.text, related=related))
        else:
            if self.ctx.sizes.of(value.type) > MAX_SIZE:
                value = self.ctx.poison(TypeTooLarge(name.span, name.text, MAX_SIZE))
            scope.bind(name.text, value, name.span)
            self.last = value if isinstance(scope, BodyScope) else self.last
            if value.name_hint is None:
                value.name_hint = hint_of(name.text)

    def config_value(self, name: str) -> SSAValue | None:
        """Return `config.name`, read once at the start of the activation."""
        if name not in self.config and name in self.declared.config:
            symbol, kind = self.declared.config[name]
            op = workflow.ReadConfigOp(symbol, kind)
            self.entry.add_op(op)
            op.result.name_hint = hint_of(name)
            self.config[name] = op.result
        return self.config.get(name)

    def now(self) -> SSAValue:
        """Return the time of the activation, read once at its start."""
        if self._now is None:
            op = workflow.NowOp()
            self.entry.add_op(op)
            self._now = op.result
        return self._now

    def context_value(self, name: str, at: Span) -> SSAValue | None:
        """Return the text of a context, or the rows of a typed table, read where it is used."""
        found = self.declared.contexts.get(name)
        if found is None or found.kind == "database":
            return None
        reader = f"{self.current[-1]}.{name}" if self.current else name
        site = self.site(reader)
        if found.row is None:
            return self.ctx.add(agent.RetrieveOp(reader, site, found.symbol), at).results[0]
        if is_poison(found.row):
            return self.ctx.poison()
        rows = data.ListType(found.row)
        op = agent.QueryOp(reader, site, found.symbol, found.select(name), [], [], rows)
        return self.ctx.add(op, at).results[0]

    def missing(self, name: tree.Variable) -> Diagnostic | None:
        """Explain why a name that the body defines is not visible here."""
        definition = self.outline.places.get(name.name)
        if name.name in self.current:
            return SelfReference(name.span, name.name)
        if definition is None:
            return None
        related = (Related(definition, f"`{name.name}` is defined here"),)
        circle = self.outline.circle(name.name, self.current[-1]) if self.current else None
        if circle is not None:
            shown = " → ".join(_shortened([f"`{each}`" for each in circle]))
            return AgentCycle(name.span, shown, related=related)
        if definition.start < name.span.start:
            return None
        return LaterAgent(name.span, name.name, related=related)

    def report_unused(self) -> None:
        """Warn about agents whose result nothing reads."""
        for name, value, node in self.results:
            if not _is_read(value):
                self.ctx.report(UnusedAgent(node.span, name))


class BodyScope(BlockScope):
    """The outermost scope of a body: it answers for `config`, `context`, `now`."""

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.body = body

    def config(self, name: str) -> SSAValue | None:
        """Return `config.name`."""
        return self.body.config_value(name)

    def config_names(self) -> Mapping[str, Attribute]:
        """Return the configuration values with their types."""
        return {name: kind for name, (_, kind) in self.body.declared.config.items()}

    def now(self) -> SSAValue:
        """Return the time of the activation."""
        return self.body.now()

    def missing(self, name: tree.Variable) -> Diagnostic | None:
        """Explain why a name is not visible."""
        return self.body.missing(name)

    def context(self, name: str, at: Span) -> SSAValue | None:
        """Return the value of `context.name`."""
        return self.body.context_value(name, at)

    def context_names(self) -> tuple[str, ...]:
        """Return the contexts that have a value."""
        contexts = self.body.declared.contexts
        return tuple(name for name, each in contexts.items() if each.kind != "database")


def finish_body(body: Body, block: Block, at: tree.Node, returned: Sequence[SSAValue] = ()) -> None:
    """Put what is read once per activation before everything else, and end the block."""
    heads = list(body.entry.ops)
    for op in heads:
        op.detach()
        op.location = location_of(at)
    first = block.first_op
    if first is None:
        block.add_ops(heads)
    else:
        block.insert_ops_before(heads, first)
    ret = workflow.ReturnOp(list(returned))
    ret.location = location_of(at)
    block.add_op(ret)


def _shortened(circle: Sequence[str]) -> Sequence[str]:
    """Return a circle with its middle left out if it is long."""
    if len(circle) <= 2 * _CIRCLE_ENDS + 1:
        return circle
    return [*circle[:_CIRCLE_ENDS], "…", *circle[-_CIRCLE_ENDS:]]


def _is_read(value: SSAValue) -> bool:
    """Return whether anything but a yield that nobody reads uses a value."""
    for use in value.uses:
        op = use.operation
        if not isinstance(op, workflow.YieldOp):
            return True
        parent = op.parent_op()
        if parent is None or _is_read(parent.results[use.index]):
            return True
    return False
