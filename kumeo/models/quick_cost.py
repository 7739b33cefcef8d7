"""`quick_cost`: about what a question to a network costs, without numbers and without NumPy.

It sums variables out one after the other, the cheapest next. Its answer is an upper estimate: what
is cheap here is cheap for the planner, too, which then need not be asked.
"""

from collections.abc import Collection, Mapping, Sequence
from math import prod

Names = tuple[str, ...]


def quick_cost(
    states: Mapping[str, Names],
    parents: Mapping[str, Names],
    query: str,
    evidence: Sequence[str],
    optional: Collection[str] = (),
) -> int:
    """Return the entries of all tables that are made for one row."""
    needed = _with_ancestors(parents, [query, *evidence])
    inner = {p for name in needed for p in parents[name]}
    observed = {name for name in evidence if name not in optional or name not in inner}
    near: dict[str, set[str]] = {name: {name} for name in states if name in needed - observed}
    for name in needed:
        scope = {name, *parents[name]} & near.keys()
        for each in scope:
            near[each] |= scope
    return _eliminated(near, states, query)


def _with_ancestors(parents: Mapping[str, Names], names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(parents[name])
    return found


def _eliminated(near: dict[str, set[str]], states: Mapping[str, Names], query: str) -> int:
    """Sum out everything but the query; return the entries of the tables."""
    sizes = {name: prod(len(states[n]) for n in scope) for name, scope in near.items()}
    total = 0
    for _ in range(len(near) - 1):
        name = min((n for n in near if n != query), key=sizes.__getitem__)
        scope = near.pop(name)
        total += sizes[name]
        for other in scope - {name}:
            near[other] = (near[other] | scope) - {name}
            sizes[other] = prod(len(states[n]) for n in near[other])
    return total + prod(len(states[n]) for n in near.get(query, ()))
