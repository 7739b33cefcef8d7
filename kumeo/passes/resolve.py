"""From the tree of a pipeline to the steps that the manager runs: names become passes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.passes import ModulePass

from kumeo.diagnostics import Diagnostic, Source, nearest
from kumeo.passes.base import OpPass
from kumeo.passes.errors import InvalidPipeline, UnknownPass
from kumeo.passes.options import make_pass
from kumeo.passes.pipeline import AnchorItem, Item, PassItem, format_options, parse_pipeline

_ROOT = "builtin.module"


class Step(NamedTuple):
    """One pass, and inside which ops it runs: `("a", "b")` means in each `b` inside each `a`."""

    runs: ModulePass
    name: str
    anchors: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The pass as pipeline text, without its anchors."""
        spec = self.runs.spec().parameters
        return self.name + format_options(list(spec.items()))


class PassTable(NamedTuple):
    """What a pipeline may name. Both functions give None for a name that nobody has."""

    find: Callable[[str], type[ModulePass] | None]
    names: Callable[[], Iterable[str]]
    """All names, to find the nearest one."""
    nearest_op: Callable[[str], tuple[bool, str | None]]
    """Whether an op of this name exists, and the nearest name when it does not."""


@dataclass
class _Resolver:
    table: PassTable
    steps: list[Step] = field(default_factory=list[Step])
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def top(self, items: Iterable[Item]) -> None:
        """Read the whole pipeline; `builtin.module(...)` around it means the module itself."""
        for item in items:
            if isinstance(item, AnchorItem) and item.op == _ROOT:
                self.items(item.items, ())
            else:
                self.items([item], ())

    def items(self, items: Iterable[Item], anchors: tuple[str, ...]) -> None:
        for item in items:
            if isinstance(item, PassItem):
                self.step(item, anchors)
            else:
                self.group(item, anchors)

    def step(self, item: PassItem, anchors: tuple[str, ...]) -> None:
        cls = self.table.find(item.name)
        if cls is None:
            close = nearest(item.name, self.table.names())
            self.found.append(UnknownPass(item.span, item.name, close))
            return
        if anchors and not issubclass(cls, OpPass):
            problem = f"`{item.name}` needs a whole module, it cannot run in `{anchors[-1]}`"
            self.found.append(InvalidPipeline(item.span, problem, "move it out of the group"))
        made, found = make_pass(cls, item)
        self.found.extend(found)
        if made is not None:
            self.steps.append(Step(made, item.name, anchors))

    def group(self, item: AnchorItem, anchors: tuple[str, ...]) -> None:
        exists, close = self.table.nearest_op(item.op)
        if not exists:
            problem = f"there is no op named `{item.op}`"
            self.found.append(InvalidPipeline(item.span, problem, close and f"write `{close}`"))
        self.items(item.items, (*anchors, item.op))


def resolve(text: str, table: PassTable) -> tuple[tuple[Step, ...], tuple[Diagnostic, ...]]:
    """Return the steps of a pipeline, or none and everything that is wrong with its text."""
    items, found = parse_pipeline(Source("<pipeline>", text))
    if found:
        return (), found
    resolver = _Resolver(table)
    resolver.top(items)
    if resolver.found:
        return (), tuple(resolver.found)
    return tuple(resolver.steps), ()


def format_steps(steps: Sequence[Step]) -> str:
    """Return text from which `resolve` makes the same steps."""
    parts: list[str] = []
    start = 0
    while start < len(steps):
        anchors = steps[start].anchors
        stop = start
        while stop < len(steps) and steps[stop].anchors == anchors:
            stop += 1
        inner = ",".join(step.text for step in steps[start:stop])
        groups = (_ROOT, *anchors) if anchors[:1] == (_ROOT,) else anchors
        parts.append("".join(f"{name}(" for name in groups) + inner + ")" * len(groups))
        start = stop
    return ",".join(parts)
