"""The page of a pipeline: rows of a diff, what is recorded, what the page holds."""

import base64
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from kumeo.backends.report.diff import Piece, Row, diff_rows
from kumeo.tools.kumeo import run

FLOW = """
workflow W {
  source: NATS("in")
  target: NATS("out")
  agents: [
    a = LLM("e/m", prompt: "Hi {{ source.x }}")
    if a.text == "yes" and 1 < 2 { emit { n: 1 + 1, a: a.text } to target }
  ]
}
"""


def shown(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row.kind, "".join(piece.text for piece in row.pieces)) for row in rows]


def test_diff_equal_texts_have_no_rows() -> None:
    assert diff_rows("a\nb\n", "a\nb\n") == []


def test_diff_gaps_stand_for_equal_lines() -> None:
    before = "\n".join("abcdefghij")
    assert shown(diff_rows(before, before.replace("e", "E"), context=1)) == [
        ("gap", "3 lines are the same"),
        ("same", "d"),
        ("old", "e"),
        ("new", "E"),
        ("same", "f"),
        ("gap", "4 lines are the same"),
    ]


def test_diff_marks_what_a_line_lacks() -> None:
    rows = diff_rows("%a = data.add %x, %y", "%a = data.mul %x, %y")
    assert rows[0].pieces == (
        Piece("%a = data."),
        Piece("add", True),
        Piece(" %x, %y"),
    )


def test_diff_of_unlike_lines_marks_nothing() -> None:
    assert diff_rows("abc", "xyz")[0].pieces == (Piece("abc"),)


def test_diff_numbers_count_each_side() -> None:
    rows = diff_rows("a\nb", "a\nx\nb")
    assert [(row.old, row.new) for row in rows] == [(1, 1), (None, 2), (2, 3)]


class Checker(HTMLParser):
    """Collects ids and links, and checks that tags nest."""

    VOID = ("meta", "img", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if found.get("href") else []
        self.loaded += [found["src"]] if found.get("src") else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(tmp_path: Path, *options: str, text: str = FLOW) -> tuple[int, str, str]:
    flow, out = tmp_path / "flow.kumeo", tmp_path / "page.html"
    flow.write_text(text, encoding="utf-8")
    stderr = StringIO()
    arguments = ["explain-pipeline", str(flow), *options, "-o", str(out)]
    code = run(arguments, "", StringIO(), stderr)
    return code, out.read_text("utf-8") if out.exists() else "", stderr.getvalue()


def test_page_is_self_contained_and_well_formed(tmp_path: Path) -> None:
    code, page, _ = page_of(tmp_path, "-O2")
    checker = Checker()
    checker.feed(page)
    assert code == 0
    assert checker.open == []
    assert len(set(checker.ids)) == len(checker.ids)
    assert {link for link in checker.links if link[1:] not in checker.ids} == set()
    assert all(address.startswith("data:image/svg+xml;base64,") for address in checker.loaded)
    assert "<script" not in page


def test_page_shows_what_a_pass_changed(tmp_path: Path) -> None:
    _, page, _ = page_of(tmp_path, "-p", "canonicalize,canonicalize")
    sections = page.split('<section aria-labelledby="')[1:]
    assert [s.partition('"')[0] for s in sections] == [
        "pass-1-canonicalize",
        "pass-2-canonicalize",
    ]
    assert 'class="old"' in sections[0]
    assert "Nothing changed." in sections[1]


def test_page_values_keep_their_names(tmp_path: Path) -> None:
    _, page, _ = page_of(tmp_path, "-p", "canonicalize")
    added = re.findall(r'<tr class="new">.*?</tr>', page, re.S)
    assert added
    assert not [row for row in added if "workflow.emit" in row and "%0" in row]


def test_page_escapes_the_program(tmp_path: Path) -> None:
    text = FLOW.replace("Hi ", "<b>Hi</b> ")
    _, page, _ = page_of(tmp_path, "-O1", text=text)
    assert "<b>Hi</b>" not in page
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page


def test_page_pictures_are_svg(tmp_path: Path) -> None:
    text = FLOW.replace("1 < 2", "1 > 2")
    _, page, _ = page_of(tmp_path, "-O2", text=text)
    images = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page)
    assert images
    assert all(base64.b64decode(image).startswith(b"<svg") for image in images)


def test_page_of_a_pipeline_that_ends_at_stages_has_the_first_picture(tmp_path: Path) -> None:
    code, page, _ = page_of(tmp_path, "-p", "split-stages")
    assert code == 0
    assert page.count("data:image/svg+xml") == 1
    assert "There is no picture of the level after it." in page


def test_page_of_a_workflow_that_looks_the_same_has_one_picture(tmp_path: Path) -> None:
    _, page, _ = page_of(tmp_path, "-p", "schedule")
    assert page.count("data:image/svg+xml") == 1
    assert "It looks the same before and after." in page


def test_page_of_no_passes_says_so(tmp_path: Path) -> None:
    code, page, _ = page_of(tmp_path, "-O0")
    assert code == 0
    assert "(no passes)" in page


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [(["-p", "canonicalise"], 2, "unknown-pass"), (["-p", "cse{"], 2, "invalid-pipeline")],
)
def test_page_wrong_pipeline(tmp_path: Path, options: list[str], code: int, message: str) -> None:
    given, page, told = page_of(tmp_path, *options)
    assert (given, page) == (code, "")
    assert f"error[{message}]" in told


def test_page_damaged_workflow(tmp_path: Path) -> None:
    code, page, told = page_of(tmp_path, text="workflow W {")
    assert (code, page) == (1, "")
    assert "error[" in told
