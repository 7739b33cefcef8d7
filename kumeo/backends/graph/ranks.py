"""Rows of a layered picture: every link goes downwards, and no row gets too wide."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ROW_MAX = 6
"""Boxes in one row, as far as the links allow."""


@dataclass(frozen=True)
class Item:
    """Something to place: a box, a frame with all it holds, or a port on the frame around."""

    id: str
    width: float
    height: float
    pin: Literal["", "top", "bottom", "port-in", "port-out"] = ""


@dataclass(frozen=True)
class Link:
    """A line between two items; `start_dx` and `end_dx` are offsets from their centres."""

    start: str
    end: str
    key: str
    start_dx: float | None = None
    end_dx: float | None = None
    label_width: float = 0.0

    @property
    def rows(self) -> int:
        """How many rows it goes down at least: a label takes a row of its own."""
        return 2 if self.label_width else 1


def rank_items(items: Sequence[Item], links: Sequence[Link]) -> dict[str, int]:
    """Return the row of each item; items are given in an order that links follow."""
    above: dict[str, list[Link]] = defaultdict(list)
    below: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        above[link.end].append(link)
        below[link.start].append(link)
    ranks = _longest_paths(items, above)
    _pull_down(items, above, below, ranks)
    _pin(items, ranks)
    return _without_gaps(ranks, links)


def _longest_paths(items: Sequence[Item], above: Mapping[str, list[Link]]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    filled: dict[int, int] = defaultdict(int)
    for item in _in_order(items):
        rank = max([ranks[link.start] + link.rows for link in above[item.id]], default=0)
        while item.pin == "" and filled[rank] >= ROW_MAX:
            rank += 1
        filled[rank] += 1
        ranks[item.id] = rank
    return ranks


def _in_order(items: Sequence[Item]) -> list[Item]:
    """Return the items with those first that only start links, then all others, then the ends."""
    order = {"port-in": 0, "top": 0, "": 1, "bottom": 2, "port-out": 3}
    return sorted(items, key=lambda item: order[item.pin])


def _pull_down(
    items: Sequence[Item],
    above: Mapping[str, list[Link]],
    below: Mapping[str, list[Link]],
    ranks: dict[str, int],
) -> None:
    """Move an item that others wait for towards them, when that makes no link longer."""
    for item in reversed(_in_order(items)):
        if item.pin or not below[item.id] or len(above[item.id]) > len(below[item.id]):
            continue
        rank = min(ranks[link.end] - link.rows for link in below[item.id])
        crowd = sum(other == rank for other in ranks.values())
        if rank > ranks[item.id] and crowd < ROW_MAX and len(above[item.id]) == 0:
            ranks[item.id] = rank


def _pin(items: Sequence[Item], ranks: dict[str, int]) -> None:
    """Put targets and ports into rows of their own at the ends."""
    bottom = max(ranks.values(), default=0)
    for item in items:
        if item.pin == "bottom":
            ranks[item.id] = bottom
    first, last = min(ranks.values(), default=0) - 1, bottom + 1
    for item in items:
        if item.pin == "port-in":
            ranks[item.id] = first
        if item.pin == "port-out":
            ranks[item.id] = last


def _without_gaps(ranks: Mapping[str, int], links: Sequence[Link]) -> dict[str, int]:
    """Number the rows from 0; rows that hold nothing but a label stay."""
    used = set(ranks.values())
    used |= {ranks[link.start] + 1 for link in links if link.label_width}
    rows = {old: new for new, old in enumerate(sorted(used))}
    return {name: rows[rank] for name, rank in ranks.items()}
