"""Sets of values in words, for messages."""

from typing import Any

from xdsl.ir import Attribute

from kumeo.analysis.domains.regions import Box, domain_of
from kumeo.analysis.domains.terms import Terms
from kumeo.analysis.domains.values import Anything, Domain, Fields, Maybe, Names, Numbers, Texts
from kumeo.dialects.data.moments import time_to_text
from kumeo.dialects.data.types import DURATION, TIME, EnumType, OptionType

VALUES_MAX = 6
"""Names of one set that a message lists."""


def example_of(terms: Terms, box: Box) -> str:
    """Return an event of an exact box: `source.amount is 10.0 and source.kind is home`."""
    parts: list[str] = []
    for term in sorted(box.known):
        made = terms.terms[term]
        if made.is_free and made.name and not _is_covered(terms, box, term):
            value = example(domain_of(terms, box, term), made.type)
            parts.append(f"`{made.name}` is {value}")
    return " and ".join(dict.fromkeys(parts))


def _is_covered(terms: Terms, box: Box, term: int) -> bool:
    """Say whether another term of the same name says it better: `x` beside `unwrap x`."""
    name = terms.terms[term].name
    same = [t for t in box.known if terms.terms[t].name == name and terms.terms[t].is_free]
    return term != min(same)


def example(domain: Domain, type: Attribute) -> str:
    """Return a value of a set as an author would write it."""
    match domain:
        case Maybe():
            inner = type.inner if isinstance(type, OptionType) else type
            return "null" if domain.null or domain.inner is None else example(domain.inner, inner)
        case Numbers():
            return "NaN" if not domain.parts else number_text(domain.example(), type)
        case Names():
            return _word(domain.sorted()[0], isinstance(type, EnumType))
        case Texts(excluded=False):
            return f'"{min(domain.values)}"'
        case Texts():
            return f'"{_other_text(domain.values)}"'
        case Fields() | Anything():
            return "anything"


def values_text(domain: Domain) -> str:
    """Return all values of a set of names, or what is known about another set."""
    if isinstance(domain, Names):
        return listing([_word(value, True) for value in domain.sorted()])
    if isinstance(domain, Texts) and not domain.excluded:
        return listing([f'"{value}"' for value in sorted(domain.values)])
    return "another one"


def listing(words: list[str], last: str = "or") -> str:
    """Return `a, b or c`; a long list ends in a count."""
    if len(words) > VALUES_MAX:
        words = [*words[: VALUES_MAX - 1], f"{len(words) - VALUES_MAX + 1} more"]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def number_text(number: float, type: Attribute) -> str:
    """Return a number, time or duration as an author would write it."""
    if type == TIME:
        return f'"{time_to_text(int(number))}"'
    if type == DURATION:
        return duration_text(int(number))
    return repr(number)


def duration_text(micros: int) -> str:
    """Return a duration with the largest unit that fits: `90s`, `24h`, `250ms`."""
    units = ((86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"))
    for size, unit in units:
        if micros >= size and micros % size == 0:
            return f"{micros // size}{unit}"
    if micros >= 10_000_000:
        return f"{micros / 1_000_000:.4g}s"
    if micros % 1_000 == 0:
        return f"{micros // 1_000}ms"
    return f"{micros / 1_000:g}ms"


def _word(value: Any, is_enum: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"`{value}`" if is_enum else str(value)


def _other_text(excluded: frozenset[str]) -> str:
    candidates = ["other", *(f"other {number}" for number in range(len(excluded) + 1))]
    return next(text for text in candidates if text not in excluded)
