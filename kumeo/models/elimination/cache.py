"""`plan`: the plan of a question, worked out once for equal networks and equal questions.

Outlining asks what a question costs, lowering asks how it is computed, a check asks whether it is
too much: a large network takes seconds, so that all of them share one plan.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

import numpy as np

from kumeo.models.elimination.planning import BIND_LIMIT, Plan, make_plan
from kumeo.models.elimination.precision import Precision
from kumeo.models.network import Network

KEPT_MAX = 32
"""Plans that are kept; a plan holds the tables of its steps."""

EFFORT = 24
"""Noisy runs of each way to choose an order."""


@dataclass(frozen=True)
class _Question:
    """All that decides a plan; the network stands for itself by its content."""

    content: bytes
    query: str
    evidence: tuple[str, ...]
    optional: frozenset[str]
    bind_limit: int
    precision: Precision | Literal["auto"]
    effort: int
    network: Network = field(compare=False)


def plan(
    network: Network,
    query: str,
    evidence: Sequence[str],
    optional: Collection[str] = (),
    *,
    bind_limit: int = BIND_LIMIT,
    precision: Precision | Literal["auto"] = "auto",
    effort: int = EFFORT,
) -> Plan:
    """Return the plan of a question. `optional` is the evidence that a row may lack.

    Raises: ValueError for names that the network does not have, or that contradict each other.
    """
    given, missing = tuple(evidence), frozenset(optional)
    asked = (query, given, missing, bind_limit, precision, effort)
    return _planned(_Question(content_of(network), *asked, network))


@lru_cache(KEPT_MAX)
def _planned(asked: _Question) -> Plan:
    return make_plan(
        asked.network,
        asked.query,
        asked.evidence,
        asked.optional,
        bind_limit=asked.bind_limit,
        precision=asked.precision,
        effort=asked.effort,
    )


def content_of(network: Network) -> bytes:
    """Return a digest of the variables, the arcs and the numbers of a network, in their order."""
    digest = blake2b(repr([*network.states.items(), *network.parents.items()]).encode())
    for name, table in network.tables.items():
        digest.update(f"{name}{table.shape}{table.dtype}".encode())
        digest.update(np.ascontiguousarray(table).data)
    return digest.digest()
