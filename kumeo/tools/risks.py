"""What `kumeo check` says about a file without errors: the findings of the check passes.

Only what is cheap and never intended is told here; `kumeo-opt -p check-domains,…` tells more, with
remarks. The places of IR are points, so the word at each is looked up in the source to show it.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from xdsl.dialects.builtin import ModuleOp

from kumeo.analysis.bills import bills_of
from kumeo.analysis.budgets import over_budget
from kumeo.analysis.deadlines import deadline_faults
from kumeo.analysis.domains.find import find_domain_faults
from kumeo.analysis.flows import Options
from kumeo.analysis.joins import endless_waits
from kumeo.analysis.networks import ReadFile, costly_networks
from kumeo.analysis.own_code import missing_code
from kumeo.analysis.runnable import find_limits
from kumeo.analysis.security import security_faults
from kumeo.diagnostics import Diagnostic, Place, Related, Source, Span
from kumeo.dialects.workflow import WorkflowOp

_WORD = re.compile(r"[\w.]+|.", re.S)


def find_risks(module: ModuleOp, source: Source | None, read_file: ReadFile) -> list[Diagnostic]:
    """Return what is certain about a module; nothing of it stops the compiler but a budget."""
    domains = find_domain_faults(module)
    found = [*domains.certain, *domains.nulls, *endless_waits(module), *deadline_faults(module)]
    found += security_faults(module, Options())
    found += find_limits(module)
    found += costly_networks(module, read_file)
    found += missing_code(module, read_file)
    if any(isinstance(op, WorkflowOp) and op.budget is not None for op in module.ops):
        found += [
            d
            for workflow, body, bill in bills_of(module)
            for d in over_budget(workflow, body, bill)
        ]
    return found if source is None else list(_shown(found, source))


def _shown(found: Iterable[Diagnostic], source: Source) -> Iterable[Diagnostic]:
    """Yield the diagnostics with places that show their line."""
    for each in found:
        related = tuple(Related(_span(place, source), text) for place, text in each.related)
        place = None if each.place is None else _span(each.place, source)
        yield replace(each, place=place, related=related)


def _span(place: Place, source: Source) -> Place:
    if isinstance(place, Span) or place.path != source.path:
        return place
    if not 1 <= place.line <= len(source.line_starts):
        return place
    start = source.line_starts[place.line - 1] + place.column - 1
    word = _WORD.match(source.text, start)
    return place if word is None else Span(source, start, word.end())
