"""`Provider`: where the models of a provider are, and what is known about them.

A printed package holds one value for each `provider` block that its agents use. What is None or
empty here comes from the environment or from the table of capabilities.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from kumeo_runtime.agents.resources import Secret

Kind: TypeAlias = Literal["openai", "ollama"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A block `provider NAME { … }` of a workflow."""

    name: str
    """What stands before the `/` of an engine."""
    kind: Kind | None = None
    """The protocol of the server; None stands for the usual one of the name."""
    url: str | Secret | None = None
    key: str | Secret | None = field(default=None, repr=False)
    max_concurrent: int | None = None
    """Requests on their way at the same time, in one process."""
    requests_per_minute: int | None = None
    capabilities: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]]
    )
    """What models can do, by model; wins over the table of the runtime."""
    prices: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    """US dollars for a million tokens by model: `input`, `output` and `cached`."""
