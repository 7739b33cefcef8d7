"""The parts of a package plan: plain values that `render` puts into files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from kumeo.dialects.agent import InferOp


class Origin(NamedTuple):
    """What a package is made from, for its headers."""

    file: str
    version: str
    """Of Kumeo."""
    namespace: str = "dev"
    """What the subjects of `nats-permissions.conf` are in."""


@dataclass(frozen=True)
class Artifact:
    """A file that goes into the package: where it is from, where it goes."""

    source: str
    path: str
    is_network: bool
    """Whether it is a Bayesian network, which the package holds in a form of its own."""
    infer: InferOp | None = None
    """The numeric program that it is made from, in place of a file."""
    is_estimator: bool = False
    """Whether it is a scikit-learn model, which the package holds as ONNX."""


@dataclass(frozen=True)
class PythonFile:
    """A module of the package."""

    path: str
    doc: str
    lines: tuple[str, ...]
    """Imports and body."""


@dataclass(frozen=True)
class PackagePlan:
    """A package, ready to be put into files."""

    package: str
    workflow: str
    version: str
    origin: Origin
    files: tuple[PythonFile, ...]
    artifacts: tuple[Artifact, ...]
    services: tuple[str, ...]
    secrets: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    """Names and addresses, for the README."""
    targets: tuple[tuple[str, str], ...]
    extras: tuple[str, ...]
    """Optional parts of the runtime that it needs."""
    manifest: Mapping[str, Any]
