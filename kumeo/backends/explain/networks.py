"""What a Bayesian network says: its variables, and what a question to it takes and answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kumeo.backends.explain.network_answers import Tell, sample_answers
from kumeo.backends.explain.network_picture import Roles, draw_network, tree_lines
from kumeo.backends.explain.network_plan import influences, order_section, plan_facts
from kumeo.backends.explain.view import Explanation, Section, Value
from kumeo.frontend.signatures import NetworkSignature
from kumeo.models.elimination import plan
from kumeo.models.network import network_from_rows


@dataclass(frozen=True)
class Question:
    """What is asked of a network; `optional` is evidence that an event may lack."""

    query: str
    evidence: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()


def explain_network(
    signature: NetworkSignature, title: str, question: Question | None, tell: Tell
) -> Explanation:
    """Return the explanation of a network, or of one question to it."""
    if question is None:
        roles = Roles(None, frozenset(), frozenset())
        hints = (_hint(signature, title),)
        return _explanation(signature, title, roles, _facts(signature), (), hints)
    network = network_from_rows(signature.variables, signature.parents, signature.tables)
    tell(f"planning how to ask for {question.query}")
    found = plan(network, question.query, question.evidence, question.optional)
    given = (name for name in found.evidence if influences(network, found, name))
    roles = Roles(question.query, frozenset(question.evidence), frozenset((*found.needed, *given)))
    facts = (*_facts(signature), *plan_facts(network, found))
    answers = sample_answers(network, question.query, question.evidence, tell)
    return _explanation(signature, title, roles, facts, (answers, order_section(found)), ())


def _explanation(
    signature: NetworkSignature,
    title: str,
    roles: Roles,
    facts: tuple[tuple[str, Value], ...],
    more: tuple[Section, ...],
    hints: tuple[str, ...],
) -> Explanation:
    tree = Section("tree", "network", (), (), lines=tree_lines(signature, roles))
    sections = (*more, tree, _variables(signature, roles))
    picture = draw_network(signature, roles, title)
    return Explanation(title, "Bayesian network", facts, sections, picture, hints)


def _facts(signature: NetworkSignature) -> tuple[tuple[str, Value], ...]:
    sizes = [table_size(signature, name) for name in signature.variables]
    arcs = sum(len(parents) for parents in signature.parents.values())
    largest = max(signature.variables, key=lambda name: table_size(signature, name))
    zeros = sum(v == 0.0 for rows in signature.tables.values() for row in rows for v in row)
    return (
        ("variables", len(signature.variables)),
        ("arcs", arcs),
        ("probabilities", sum(sizes)),
        ("of them zero", zeros),
        ("largest table in the file", f"{largest}, {max(sizes):,} numbers"),
    )


def table_size(signature: NetworkSignature, name: str) -> int:
    """Return how many numbers the table of a variable has."""
    axes = (*signature.parents[name], name)
    return math.prod(len(signature.variables[axis]) for axis in axes)


def _variables(signature: NetworkSignature, roles: Roles) -> Section:
    words = {"asked": "asked for", "given": "evidence", "unused": "not needed"}
    rows = tuple(
        (
            name,
            *((words.get(roles.of(name), "summed out"),) if roles.query else ()),
            ", ".join(states),
            ", ".join(signature.parents[name]) or None,
            table_size(signature, name),
        )
        for name, states in signature.variables.items()
    )
    columns = ("variable", *(("role",) if roles.query else ()), "states", "given", "numbers")
    return Section("variables", "variables", columns, rows)


def _hint(signature: NetworkSignature, title: str) -> str:
    """Return a question that makes sense: the root that most depends on, from what is below it."""
    children: dict[str, list[str]] = {name: [] for name in signature.variables}
    for name, parents in signature.parents.items():
        for parent in parents:
            children[parent].append(name)
    leaves = [name for name in signature.variables if not children[name]]
    roots = [name for name in signature.variables if not signature.parents[name]]
    below = {root: _below(children, root) for root in roots}
    query = max(roots, key=lambda root: len(below[root]))
    seen = [leaf for leaf in leaves if leaf in below[query] and leaf != query][:3]
    given = f" --evidence {','.join(seen)}" if seen else ""
    return f"kumeo explain-model {title} --query {query}{given}"


def _below(children: dict[str, list[str]], name: str) -> set[str]:
    found: set[str] = set()
    todo: Sequence[str] = [name]
    while todo:
        found.update(todo)
        todo = [c for each in todo for c in children[each] if c not in found]
    return found
