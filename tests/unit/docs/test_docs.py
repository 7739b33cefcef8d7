"""Every block of the pages is run, and every table and link in them is right.

How blocks are run is told to readers in `docs/language/README.md`; its block `example.kumeo` is the
workflow around fragments and expressions.
"""

import ast
import importlib
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kumeo.analysis.text import parse_module
from kumeo.analysis.verify import verify_module
from kumeo.diagnostics import Source, in_order, render_text
from kumeo.dialects.registry import make_context
from kumeo.frontend import tree
from kumeo.frontend.compile import Elaborated, compile_source
from kumeo.frontend.elaborate.context import Context
from kumeo.frontend.elaborate.types import declare_types, resolve_type
from kumeo.frontend.parser import parse
from kumeo.testing import PROGRAMS, run_pipeline
from kumeo.testing.documents import (
    CodeBlock,
    blocks_of,
    commands_of,
    made_names,
    output_fits,
    remade,
)
from kumeo.testing.expressions import NoFiles
from kumeo.testing.lit_inprocess import parse_pipeline
from kumeo.testing.reference import CONNECTORS, CONTEXTS, KINDS, KNOWN_SETTINGS, make
from kumeo.tools.codes import all_codes
from kumeo.tools.files import FolderFiles
from kumeo.tools.verdicts import judge

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
OWN_TEST = ("docs/kumeo.md", "docs/kumeo-opt.md")
"""Pages whose blocks another test runs in its own way."""
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *EXAMPLES.glob("**/*.md")])
TUTORIALS = ROOT / "docs" / "tutorials"
"""They are run from top to bottom by `test_tutorials.py`."""
CHECKED = [
    page
    for page in PAGES
    if str(page.relative_to(ROOT)) not in OWN_TEST and TUTORIALS not in page.parents
]
EXTENDING = ROOT / "docs" / "extending.md"
"""Its IR has the dialect of the page, so only its commands can read it."""
PLACE = "    emit source to target.out\n"
"""The line of `example.kumeo` that a fragment stands for."""


def blocks(*languages: str) -> list[object]:
    return [
        pytest.param(page, block, id=f"{page.relative_to(ROOT)}:{block.line}")
        for page in CHECKED
        for block in blocks_of(page.read_text(encoding="utf-8"))
        if block.language in languages and not (page == EXTENDING and block.language == "mlir")
    ]


@cache
def example() -> str:
    page = (ROOT / "docs/language/README.md").read_text(encoding="utf-8")
    return next(b.text for b in blocks_of(page) if b.title == "example.kumeo")


def compiled(text: str) -> Elaborated:
    return compile_source(Source("page.kumeo", text), FolderFiles(EXAMPLES))


def expected_codes(text: str) -> list[str]:
    match = re.match(r"// (?:error|warning): ([\w, -]+)\n", text)
    return match[1].split(", ") if match else []


def check(text: str, *ignored: str, codes: list[str] | None = None) -> None:
    """Compile a text, compare the codes, and run the tests in it."""
    result = compiled(text)
    found = [d for d in in_order(result.diagnostics) if d.code not in ignored]
    wanted = expected_codes(text) if codes is None else codes
    assert [d.code for d in found] == wanted, render_text(found)
    for test in result.tests if result.module is not None else ():
        assert result.module is not None
        verdict = judge(result.module, test, FolderFiles(EXAMPLES).read)
        assert verdict.faults == (), test.title


def around(fragment: str) -> str:
    """Return `example.kumeo` with a fragment: statements, or sections in place of its own."""
    text = re.sub(r"^  expect: .*$", "  expect: {}", example(), flags=re.M)
    keys = re.findall(r"^(\w+):", fragment, re.M)
    if not keys:
        indented = re.sub(r"^(?=.)", "    ", fragment, flags=re.M)
        return text.replace(PLACE, indented)
    head, _, rest = text.partition("workflow Example {\n")
    if "agents" in keys:
        rest = re.sub(r"^  agents: \[\n.*?^  \]\n", "", rest, flags=re.M | re.S)
    kept = re.sub(rf"^  (?:{'|'.join(keys)}): .*\n", "", rest, flags=re.M)
    return f"{head}workflow Example {{\n{fragment}{kept}"


@pytest.mark.parametrize(("page", "block"), blocks("kumeo"))
def test_docs_file_compiles_and_its_tests_pass(page: Path, block: CodeBlock) -> None:
    check(block.text)


@pytest.mark.parametrize(("page", "block"), blocks("kumeo-fragment"))
def test_docs_fragment_compiles_in_example(page: Path, block: CodeBlock) -> None:
    check(around(block.text), "unused-agent", codes=expected_codes(block.text))


def expressions() -> Iterator[object]:
    for page in CHECKED:
        for block in blocks_of(page.read_text(encoding="utf-8")):
            if block.language == "kumeo-expression":
                for line, text in enumerate(block.text.splitlines(), block.line + 1):
                    yield pytest.param(text, id=f"{page.relative_to(ROOT)}:{line}")


@pytest.mark.parametrize("line", list(expressions()))
def test_docs_expression_has_type_and_value(line: str) -> None:
    rest, _, value = line.partition("// ")[0].partition(" -> ")
    text, _, kind = rest.partition(" : ")
    text, kind, value = text.strip(), kind.strip(), value.strip()
    assert kind or value, "write `expression : type -> value`"
    if kind.startswith("error "):
        check(around(f"x = {text}\n"), codes=[kind.removeprefix("error ")])
        return
    if kind:
        assert type_of(text) == named_type(kind)
    if value:
        check_value(text, value)


def type_of(text: str) -> object:
    result = compiled(around(f"emit {{ value: {text} }} to target.out\n"))
    assert result.module is not None, render_text(result.diagnostics)
    records = [op for op in result.module.walk() if op.name == "workflow.emit"]
    return records[0].operands[0].type.field("value")  # type: ignore[attr-defined]


def named_type(text: str) -> object:
    items = parse(Source("types.kumeo", f"{example()}\nschema T {{ x: {text} }}")).tree.items
    ctx = Context(NoFiles())
    schemas = [item for item in items if isinstance(item, tree.Schema)]
    enums = [item for item in items if isinstance(item, tree.Enum)]
    declare_types(ctx, schemas, enums, {})
    return resolve_type(ctx, schemas[-1].fields[0].type)


def check_value(text: str, value: str) -> None:
    """Run a workflow that sends the expression, on the event of `example.kumeo`."""
    given = re.search(r"^  given: .*?^  }\n", example(), re.M | re.S)
    assert given is not None
    failure = re.fullmatch(r"failure ([\w-]+)", value)
    expect = f'dead_letter: [{{ error: {{ code: "{failure[1]}" }} }}]' if failure else None
    expect = expect or f"out: [{{ value: {value} }}]"
    body = around(f"emit {{ value: {text} }} to target.out\n").partition('\ntest "')[0]
    head = f'{body}\ntest "it" for Example {{\n{given[0]}'
    check(f"{head}  expect: {{ {expect} }}\n}}\n", codes=[])


@pytest.mark.parametrize(("page", "block"), blocks("mlir"))
def test_docs_module_is_valid(page: Path, block: CodeBlock) -> None:
    module, found = parse_module(block.text, "page.mlir", make_context())
    assert module is not None, render_text(found)
    assert verify_module(module) == []


@pytest.mark.parametrize(("page", "block"), blocks("python"))
def test_docs_python_compiles(page: Path, block: CodeBlock) -> None:
    assert ast.parse(block.text).body


@pytest.mark.parametrize(("page", "block"), blocks("json", "toml"))
def test_docs_data_can_be_read(page: Path, block: CodeBlock) -> None:
    assert (json if block.language == "json" else tomllib).loads(block.text) is not None


def test_docs_extending_gives_meaning_to_an_op(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for block in blocks_of(EXTENDING.read_text(encoding="utf-8")):
        if block.title is not None:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("greetings", "meaning"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert importlib.import_module("meaning").greeted("Ana") == "Hello, Ana"


@pytest.mark.parametrize(
    ("module", "names"),
    re.findall(r"^\| `(kumeo[\w.]*)` \| (.*) \|$", EXTENDING.read_text(encoding="utf-8"), re.M),
)
def test_docs_extending_import_paths_exist(module: str, names: str) -> None:
    loaded = importlib.import_module(module)
    wanted = re.findall(r"`(\w+)`", names)
    assert wanted != []
    assert [name for name in wanted if not hasattr(loaded, name)] == []


def test_docs_blocks_have_a_known_language() -> None:
    known = "kumeo kumeo-fragment kumeo-expression mlir python json jsonl toml console text ebnf sh"
    found = {
        (str(page.relative_to(ROOT)), block.line): block.language
        for page in CHECKED
        for block in blocks_of(page.read_text(encoding="utf-8"))
    }
    assert {at: name for at, name in found.items() if name not in known.split()} == {}


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=str(page.relative_to(ROOT)))
        for page in CHECKED
        if "```console" in page.read_text(encoding="utf-8")
    ],
)
def test_docs_commands_print_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "greetings", raising=False)
    text = page.read_text(encoding="utf-8")
    wrong: list[str] = []
    for block in blocks_of(text):
        if block.title is not None:
            Path(block.title).write_text(block.text, encoding="utf-8")
            install(tmp_path, block)
        for command, expected in commands_of(block.text) if block.language == "console" else ():
            actual = output_of(command)
            if not output_fits(expected, actual):
                wrong.append(f"$ {command}\n{actual}")
                text = text.replace(f"$ {command}\n{expected}", f"$ {command}\n{actual}", 1)
    if request.config.getoption("--update-golden"):
        page.write_text(text, encoding="utf-8")
        return
    assert wrong == []


def install(folder: Path, block: CodeBlock) -> None:
    """Make the package of a `pyproject.toml` known to the tools, as pip would."""
    if block.title != "pyproject.toml":
        return
    project = tomllib.loads(block.text)["project"]
    name, version = project["name"], project["version"]
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = project["entry-points"].items()
    lines = [f"[{g}]\n" + "".join(f"{k} = {v}\n" for k, v in p.items()) for g, p in groups]
    (info / "entry_points.txt").write_text("".join(lines))


def output_of(command: str) -> str:
    pipeline = parse_pipeline(command)
    assert pipeline is not None, command
    done = run_pipeline(pipeline, PROGRAMS)
    text = "".join(f"{line.rstrip()}\n" for line in (done.out + done.err).splitlines())
    return text + (f"# exit code {done.code}\n" if done.code else "")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=str(page.relative_to(ROOT)))
        for page in PAGES
        if "<!-- made: " in page.read_text(encoding="utf-8")
    ],
)
def test_docs_generated_parts_are_up_to_date(page: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text(encoding="utf-8")
    wanted = remade(text, make)
    if request.config.getoption("--update-golden"):
        page.write_text(wanted, encoding="utf-8")
        return
    assert text == wanted


def test_docs_have_a_table_of_everything_that_takes_parameters() -> None:
    made = {name for page in PAGES for name in made_names(page.read_text(encoding="utf-8"))}
    wanted = {f"agent {name}" for name in (*KINDS, "Router")}
    wanted |= {f"connector {name}" for name in CONNECTORS}
    wanted |= {f"context {name}" for name in CONTEXTS}
    wanted |= {f"settings {name}" for name in KNOWN_SETTINGS}
    wanted |= {"agents", "common", "connectors", "grammar", "terminals"}
    same = {"agent HumanInLoop", "agent RuleEngine"}
    """Two names of one kind."""
    assert wanted - made - same == set()


def test_docs_language_names_every_code_of_the_frontend() -> None:
    pages = (ROOT / "docs" / "language").glob("*.md")
    words = set(re.findall(r"[a-z][a-z0-9-]+", " ".join(p.read_text("utf-8") for p in pages)))
    codes = {code for code, cls in all_codes().items() if "frontend" in cls.__module__}
    assert codes - words == set()


@pytest.mark.parametrize("page", [pytest.param(p, id=str(p.relative_to(ROOT))) for p in PAGES])
def test_docs_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`(?!\])", "", text)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not anchor or target.suffix != ".md":
        return target.exists()
    return target.exists() and anchor in anchors(target)


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
