"""What the workflows of a file share: declared agents and subworkflows, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field

from xdsl.ir import Attribute

from kumeo.diagnostics import Span
from kumeo.frontend import tree


@dataclass(frozen=True)
class DeclaredAgent:
    """An `agent Name(…) -> T { … }` whose types are known."""

    symbol: str
    parameters: dict[str, Attribute]
    result: Attribute
    effects: str
    node: tree.AgentDeclaration


@dataclass(frozen=True)
class DeclaredSubworkflow:
    """A subworkflow that is elaborated, so that its output types are known."""

    symbol: str
    inputs: dict[str, Attribute]
    outputs: dict[str, Attribute]
    is_record: bool
    """Whether a caller sees the outputs as one record, or the only output as it is."""
    place: Span


@dataclass
class Library:
    """Declared agents, and subworkflows that are elaborated when they are first called."""

    agents: dict[str, DeclaredAgent] = field(default_factory=dict[str, DeclaredAgent])
    subworkflows: dict[str, tree.Subworkflow] = field(default_factory=dict[str, tree.Subworkflow])
    elaborate: Callable[[str, Span], DeclaredSubworkflow | None] = lambda _name, _at: None
    """Elaborates a subworkflow by name; None after a diagnostic."""

    def names(self) -> set[str]:
        """Return everything that can be called besides agent kinds."""
        return {*self.agents, *self.subworkflows}
