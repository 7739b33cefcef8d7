"""Sets of events at a place of a program, as a few boxes: `amount > 10 and kind is a` or …

    yes, no = split(terms, (Box(),), condition)

A box says for some terms what they can be. Together the boxes of a state hold every event that
comes to the place, and perhaps more: an empty state is a proof that nothing comes. In an exact box
every combination of its values is possible, so an example taken from it is a real one.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from kumeo.analysis.domains.numbers import Interval, Numbers
from kumeo.analysis.domains.terms import Terms
from kumeo.analysis.domains.transfer import result_domain
from kumeo.analysis.domains.values import (
    Domain,
    Maybe,
    Names,
    Texts,
    is_empty,
    join,
    meet,
    satisfying,
    single,
    truth,
)
from kumeo.dialects import data
from kumeo.dialects.data.types import FLOAT, INT

BOXES_MAX = 32
"""A condition that needs more boxes is no longer taken apart."""
DEPTH_MAX = 24
"""How far below a condition its parts are looked at."""
_EXACT_MAX = 2**53


class Box(NamedTuple):
    """What some terms can be; the others can be what they always can."""

    known: Mapping[int, Domain] = MappingProxyType({})
    exact: bool = True

    def with_domain(self, term: int, domain: Domain) -> "Box":
        """Return the box with one more fact."""
        return Box({**self.known, term: domain}, self.exact)

    def inexact(self) -> "Box":
        """Return the same box, of which it is not known whether all of it is possible."""
        return Box(self.known, False)


State: TypeAlias = tuple[Box, ...]
EVERYTHING: State = (Box(),)


def split(terms: Terms, state: State, condition: int) -> tuple[State, State]:
    """Return the events of a state for which a condition holds, and those for which not."""
    yes: list[Box] = []
    no: list[Box] = []
    for box in state:
        held, failed = _split_box(terms, box, condition, DEPTH_MAX)
        yes += held
        no += failed
    return _bounded(yes, state), _bounded(no, state)


def restrict(terms: Terms, state: State, term: int, domain: Domain) -> State:
    """Return the events of a state for which a term is in a set; nothing else is learned."""
    is_exact = terms.terms[term].is_free
    found = (_refine(terms, box, term, domain) for box in state)
    return tuple(b if is_exact else b.inexact() for b in found if b is not None)


def domain_in(terms: Terms, state: State, term: int) -> Domain | None:
    """Return what a term can be for the events of a state, None when there are none."""
    result: Domain | None = None
    for box in state:
        found = domain_of(terms, box, term)
        result = found if result is None else join(result, found)
    return result


def domain_of(terms: Terms, box: Box, term: int, depth: int = DEPTH_MAX) -> Domain:
    """Return what a term can be in a box."""
    stored = box.known.get(term)
    if stored is not None:
        return stored
    if not box.known or depth <= 0:
        return terms.domains[term]
    if term in terms.choices:
        return _choice(terms, box, term, depth)
    made = terms.terms[term]
    if made.op is None or not made.parts:
        return terms.domains[term]
    parts = [domain_of(terms, box, part, depth // 2) for part in made.parts]
    return meet(terms.domains[term], result_domain(made.op, parts))


def _choice(terms: Terms, box: Box, term: int, depth: int) -> Domain:
    condition, chosen, other = terms.choices[term]
    known = single(domain_of(terms, box, condition, depth // 2))
    if known is None:
        return terms.domains[term]
    return domain_of(terms, box, chosen if known[0] else other, depth // 2)


def _bounded(boxes: list[Box], before: State) -> State:
    """Return the boxes; when they are too many, the state from before says enough."""
    if len(boxes) <= BOXES_MAX:
        return tuple(boxes)
    return tuple(box.inexact() for box in before)


Sides: TypeAlias = tuple[list[Box], list[Box]]


def _split_box(terms: Terms, box: Box, condition: int, depth: int) -> Sides:
    known = single(domain_of(terms, box, condition))
    op = terms.terms[condition].op
    if known is not None and (condition in box.known or isinstance(op, data.ConstantOp)):
        return ([box], []) if known[0] else ([], [box])
    sides: Sides | None = None
    if depth > 0:
        match op:
            case data.NotOp():
                yes, no = _split_box(terms, box, terms.terms[condition].parts[0], depth - 1)
                sides = no, yes
            case data.AndOp():
                sides = _split_logic(terms, box, condition, depth, True)
            case data.OrOp():
                no, yes = _split_logic(terms, box, condition, depth, False)
                sides = yes, no
            case data.CompareOp():
                return _split_compare(terms, box, condition, op.predicate.data)
            case data.IsSomeOp():
                return _split_null(terms, box, condition)
            case data.ContainsOp():
                sides = _split_contains(terms, box, condition)
            case _:
                sides = None
    if sides is None or len(sides[0]) + len(sides[1]) > 2 * BOXES_MAX:
        return _split_opaque(terms, box, condition)
    return sides


def _split_logic(terms: Terms, box: Box, condition: int, depth: int, both: bool) -> Sides:
    """Return (both sides are `both`, the rest): the second operand is read only in the first."""
    first, second = terms.terms[condition].parts
    left = _split_box(terms, box, first, depth - 1)
    inner, outer = left if both else left[::-1]
    rest, kept = list(outer), list[Box]()
    for part in inner[:BOXES_MAX]:
        right = _split_box(terms, part, second, depth - 1)
        held, failed = right if both else right[::-1]
        kept += held
        rest += failed
    if len(inner) > BOXES_MAX:
        kept += inner[BOXES_MAX:]
        rest += inner[BOXES_MAX:]
    return kept, rest


def _split_opaque(terms: Terms, box: Box, condition: int) -> Sides:
    """Split by a condition of which nothing is known but that it is true or false."""
    found = domain_of(terms, box, condition)
    is_free = terms.terms[condition].is_free
    sides: list[list[Box]] = []
    for holds in (True, False):
        met = meet(found, truth(holds))
        kept = box if is_free else box.inexact()
        sides.append([] if is_empty(met) else [kept.with_domain(condition, met)])
    return sides[0], sides[1]


def _split_compare(terms: Terms, box: Box, condition: int, predicate: str) -> Sides:
    left, right = terms.terms[condition].parts
    one, other = domain_of(terms, box, left), domain_of(terms, box, right)
    mirrored = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}.get(predicate, predicate)
    is_exact = _decides(terms, left, right, one, other, predicate)
    sides: list[list[Box]] = []
    for holds in (True, False):
        found: Box | None = None
        if left != right or _holds_for_itself(predicate, one, holds):
            found = _refine(terms, box, left, satisfying(predicate, one, other, holds))
        if found is not None:
            found = _refine(terms, found, right, satisfying(mirrored, other, one, holds))
        if found is not None:
            found = found.with_domain(condition, truth(holds))
            found = found if is_exact else found.inexact()
        sides.append([] if found is None else [found])
    return sides[0], sides[1]


def _holds_for_itself(predicate: str, domain: Domain, holds: bool) -> bool:
    """Say whether `x PREDICATE x` can be `holds`."""
    nan = not isinstance(domain, Numbers) or domain.nan
    return nan or (predicate in ("eq", "le", "ge")) == holds


def _decides(
    terms: Terms, left: int, right: int, one: Domain, other: Domain, predicate: str
) -> bool:
    """Say whether a comparison with one known value was decided without loss."""
    if isinstance(one, Texts) and predicate not in ("eq", "ne"):
        return False
    if single(other) is not None:
        return terms.terms[left].is_free or single(one) is not None
    return single(one) is not None and terms.terms[right].is_free


def _split_null(terms: Terms, box: Box, condition: int) -> Sides:
    value = terms.terms[condition].parts[0]
    found = domain_of(terms, box, value)
    if not isinstance(found, Maybe):
        return _split_opaque(terms, box, condition)
    is_free = terms.terms[value].is_free
    sides: list[list[Box]] = []
    for holds in (True, False):
        wanted = Maybe(False, found.inner) if holds else Maybe(True, None)
        kept = _refine(terms, box, value, wanted)
        if kept is not None:
            kept = kept if is_free else kept.inexact()
            kept = kept.with_domain(condition, truth(holds))
        sides.append([] if kept is None else [kept])
    return sides[0], sides[1]


def _split_contains(terms: Terms, box: Box, condition: int) -> Sides | None:
    """Split by `x in [a, b]`."""
    container, item = terms.terms[condition].parts
    options = listed(terms, container)
    found = domain_of(terms, box, item)
    if options is None or not isinstance(found, Names | Texts | Numbers):
        return None
    inside: Domain | None = None
    outside: Domain = found
    for option in options:
        held = satisfying("eq", found, option, True)
        inside = held if inside is None else join(inside, held)
        outside = satisfying("eq", outside, option, False)
    is_free = terms.terms[item].is_free
    sides: list[list[Box]] = []
    for domain in (inside, outside):
        kept = None if domain is None else _refine(terms, box, item, domain)
        sides.append([] if kept is None else [kept if is_free else kept.inexact()])
    return sides[0], sides[1]


def listed(terms: Terms, container: int) -> list[Domain] | None:
    """Return the values of a list of constants, or None."""
    op = terms.terms[container].op
    if not isinstance(op, data.ListOp):
        return None
    domains = [terms.domains[part] for part in terms.terms[container].parts]
    return domains if all(single(domain) is not None for domain in domains) else None


def _refine(terms: Terms, box: Box, term: int, domain: Domain, depth: int = 8) -> Box | None:
    """Return the box in which a term is also in a set, None when that is impossible."""
    before = domain_of(terms, box, term)
    after = meet(before, domain)
    if is_empty(after):
        return None
    if single(terms.domains[term]) is not None:
        return box
    refined = box.with_domain(term, after)
    if depth <= 0:
        return refined
    return _refine_parts(terms, refined, term, after, depth - 1)


def _refine_parts(terms: Terms, box: Box, term: int, domain: Domain, depth: int) -> Box | None:
    """Learn about the operands of an op from what its result can be."""
    made = terms.terms[term]
    match made.op:
        case data.GetOp() if isinstance(domain, Maybe) and not domain.null:
            holder = domain_of(terms, box, made.parts[0])
            if isinstance(holder, Maybe) and holder.null:
                return _refine(terms, box, made.parts[0], Maybe(False, holder.inner), depth)
        case data.UnwrapOp():
            return _refine(terms, box, made.parts[0], Maybe(False, domain), depth)
        case data.SomeOp() if isinstance(domain, Maybe) and domain.inner is not None:
            return _refine(terms, box, made.parts[0], domain.inner, depth)
        case data.CastOp() if _widens(made.op) and isinstance(domain, Numbers):
            whole = Numbers.of([_exact(part) for part in domain.parts], integral=True)
            return _refine(terms, box, made.parts[0], whole, depth)
        case data.CoalesceOp():
            default = domain_of(terms, box, made.parts[1])
            if is_empty(meet(default, domain)) and not isinstance(domain, Maybe):
                return _refine(terms, box, made.parts[0], Maybe(False, domain), depth)
        case _ if term in terms.choices:
            return _refine_choice(terms, box, term, domain, depth)
        case _:
            pass
    return box


def _widens(op: data.CastOp) -> bool:
    return op.value.type == INT and op.result.type == FLOAT


def _exact(part: Interval) -> Interval:
    """Return an interval without the ends that a float cannot tell from other integers."""
    low = part.low if abs(part.low) < _EXACT_MAX else -math.inf
    high = part.high if abs(part.high) < _EXACT_MAX else math.inf
    return Interval(low, high, part.low_open, part.high_open)


def _refine_choice(terms: Terms, box: Box, term: int, domain: Domain, depth: int) -> Box | None:
    """Learn which branch of an `if` ran when the other gives no such value."""
    condition, chosen, other = terms.choices[term]
    for side, holds in ((other, True), (chosen, False)):
        if is_empty(meet(terms.domains[side], domain)):
            boxes = _split_box(terms, box, condition, depth)[0 if holds else 1]
            return boxes[0] if len(boxes) == 1 else (box if boxes else None)
    return box
