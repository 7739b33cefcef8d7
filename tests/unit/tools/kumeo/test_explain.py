"""`kumeo explain`, and the pages in `docs/diagnostics/`, which `make golden` writes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kumeo.tools.codes import ERROR_MODULES, all_codes
from kumeo.tools.pages import AREAS, index_markdown, page_markdown

REPOSITORY = Path(__file__).parents[4]
PAGES = REPOSITORY / "docs" / "diagnostics"
CASES = REPOSITORY / "tests" / "errors"


def first_case(code: str) -> str | None:
    """The message of the first case of a code, without the line that counts the files."""
    found = sorted((CASES / code).glob("*.err"))
    if not found:
        return None
    return re.sub(r"\nchecked \d.*\n", "", found[0].read_text("utf-8"))


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_page_of_a_code_is_in_the_docs(
    code: str, golden: Callable[[Path | str, str], None]
) -> None:
    golden(PAGES / f"{code}.md", page_markdown(all_codes()[code], first_case(code)))


def test_index_lists_all_codes(golden: Callable[[Path | str, str], None]) -> None:
    golden(PAGES / "index.md", index_markdown(all_codes()))


def test_docs_hold_no_page_of_an_old_code() -> None:
    pages = {path.stem for path in PAGES.glob("*.md")}
    assert pages - {"index"} <= set(all_codes())


def test_every_module_of_diagnostics_has_an_area() -> None:
    assert {f"kumeo.{name}" for name in AREAS} == set(ERROR_MODULES)


def test_explain_prints_the_page(kumeo: Callable[..., Any]) -> None:
    result = kumeo("explain", "unknown-name")
    assert result.code == 0
    assert result.out.startswith("error[unknown-name]\n\nA name that nothing in scope defines.")
    assert "\nExample:\n" in result.out
    assert "\nFix:\n" in result.out


def test_explain_takes_the_code_in_brackets(kumeo: Callable[..., Any]) -> None:
    assert kumeo("explain", "[unknown-name]").code == 0


def test_explain_misspelt_code_names_the_nearest(kumeo: Callable[..., Any]) -> None:
    result = kumeo("explain", "unknown-nme")
    assert result.code == 2
    assert "write `kumeo explain unknown-name`" in result.err


def test_explain_without_a_code_lists_all(kumeo: Callable[..., Any]) -> None:
    text = kumeo("explain").out
    assert [code for code in all_codes() if f"\n  {code} " not in text] == []
