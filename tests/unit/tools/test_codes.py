"""The table of codes: complete, without repeats, each with a page for `kumeo explain`."""

import re
from collections import Counter
from pathlib import Path

import pytest

import kumeo
from kumeo.tools.codes import ERROR_MODULES, all_codes, all_diagnostics

PACKAGE = Path(kumeo.__file__).parent


def test_all_codes_finds_a_code_of_each_module() -> None:
    found = {cls.__module__ for cls in all_codes().values()}
    assert found == set(ERROR_MODULES)


def test_every_module_with_diagnostics_is_listed() -> None:
    code = re.compile(r'^    code(: ClassVar\[str\])? = "[a-z-]+"', re.MULTILINE)
    files = [file for file in PACKAGE.rglob("*.py") if code.search(file.read_text())]
    names = {".".join(("kumeo", *f.relative_to(PACKAGE).with_suffix("").parts)) for f in files}
    assert names - {"kumeo.diagnostics.diagnostic"} == set(ERROR_MODULES)


def test_no_two_classes_share_a_code() -> None:
    counts = Counter(cls.code for cls in all_diagnostics())
    assert [code for code, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_code_is_a_slug_with_a_page(code: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code)
    page = all_codes()[code].__doc__ or ""
    assert "Example::" in page
    assert "Fix::" in page
