"""The chapters on types and expressions say what the compiler does."""

import re
from pathlib import Path

import pytest

from kumeo.dialects.data.functions import FUNCTIONS
from kumeo.frontend.elaborate.calls import signature_text
from kumeo.frontend.elaborate.templates import FILTERS, TESTS

DOCS = Path(__file__).parents[5] / "docs" / "language"
EXPRESSIONS = (DOCS / "04-expressions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docs_table_has_function(name: str) -> None:
    function = FUNCTIONS[name]
    shown = [f"`{signature_text(name, each)}`" for each in function.signatures[:2]]
    more = ", …" if len(function.signatures) > 2 else ""
    fails = "yes" if function.can_fail else ""
    assert f"| {', '.join(shown)}{more} | {function.summary} | {fails} |" in EXPRESSIONS


@pytest.mark.parametrize(("head", "names"), [("Filters", FILTERS), ("Tests", TESTS)])
def test_docs_list_what_prompts_may_use(head: str, names: tuple[str, ...]) -> None:
    found = re.search(rf"{head}: `([^`]*)`", EXPRESSIONS)
    assert found is not None
    assert found[1].split() == list(names)


def test_docs_name_every_code_of_the_checks() -> None:
    import kumeo.frontend.errors.prompts as prompts
    import kumeo.frontend.errors.types as types

    text = EXPRESSIONS + (DOCS / "03-types.md").read_text(encoding="utf-8")
    codes = {
        each.code
        for module in (prompts, types)
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
    }
    assert {code for code in codes if code not in text} == set()
