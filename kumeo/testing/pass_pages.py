"""`docs/passes/*.md`, made from the passes themselves and from their FileCheck files.

A page holds the docstrings of a pass, its options, what it counts, and an example that is run: the
first case of `tests/filecheck/passes/NAME.mlir`. Nothing here knows a pass by name, so passes of
other packages can have such pages, too.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from xdsl.passes import ModulePass

from kumeo.passes.base import OpPass
from kumeo.passes.levels import level_listing, levels_read
from kumeo.passes.options import describe_type, option_fields
from kumeo.passes.pipelines import PIPELINES
from kumeo.testing.lit_inprocess import parse_pipeline
from kumeo.testing.programs import kumeo_opt
from kumeo.tools.listing import summary_of

MADE = "*Made from the code by `make golden`; do not edit.*"
GROUPS = ("Workflows", "Stages", "Messages", "Checks", "Any level")
"""Titles of the index: the level of the IR that passes read or make, checks apart."""
_GROUP_OF_LEVEL = {
    "workflow": "Workflows",
    "numeric": "Workflows",
    "stages": "Stages",
    "messaging": "Messages",
}

Passes = Mapping[str, tuple[type[ModulePass], "Example | None"]]

_RUN = re.compile(r"^// RUN: (.*)$", re.M)
_SEPARATOR = re.compile(r"^// -----.*\n", re.M)
_CHECK = re.compile(r"^\s*// [A-Z][A-Z0-9]*(?:-[A-Z]+)?(?:-[A-Z]+)?:.*\n", re.M)
_CODE_LINE = re.compile(r"^    ")


class Example(NamedTuple):
    """One case of a FileCheck file and what came of it."""

    caption: str
    command: str
    before: str
    after: str
    messages: str


def page_markdown(name: str, cls: type[ModulePass], example: Example | None) -> str:
    """Return the page of a pass."""
    summary, text = summary_of(cls), _module_text(name, cls)
    lead = "" if text.startswith(summary) else summary
    parts = [f"# `{name}`", lead, text, _facts(cls), "## Options", _options(cls)]
    counted = statistics_of(cls)
    if counted:
        lines = "\n".join(f"- {what}" for what in counted)
        parts += ["## Statistics", f"`--pass-statistics` shows:\n\n{lines}"]
    if example is not None:
        parts += ["## Example", *_example(example)]
    return "\n\n".join([*(part for part in parts if part), MADE]) + "\n"


def index_markdown(passes: Passes) -> str:
    """Return the page that lists the passes and the pipelines."""
    lines = [
        "# Passes",
        "",
        "`kumeo-opt FILE -p NAME` runs a pass; `--list-passes` lists them all.",
    ]
    for title, names in by_level(passes).items():
        lines += ["", f"## {title}", "", "| pass | does | in |", "|---|---|---|"]
        lines += [_index_row(name, passes[name][0]) for name in names]
    lines += ["", "## Pipelines", "", "| option | passes |", "|---|---|"]
    for level, names in PIPELINES.items():
        lines.append(f"| `-{level}` | {', '.join(f'`{name}`' for name in names) or 'none'} |")
    lines += ["", "To write one: [a tutorial](../tutorials/write-a-pass.md).", "", MADE]
    return "\n".join(lines) + "\n"


def by_level(passes: Passes) -> dict[str, list[str]]:
    """Return the names of the passes under the titles of the index; none is empty."""
    groups: dict[str, list[str]] = {title: [] for title in GROUPS}
    for name, (cls, _) in sorted(passes.items()):
        groups[_group(name, cls)].append(name)
    return {title: names for title, names in groups.items() if names}


def statistics_of(cls: type[ModulePass]) -> list[str]:
    """Return what a pass counts, as far as its source says it with a literal."""
    tree = ast.parse(Path(inspect.getfile(cls)).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_count(node.func)]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    found = [text for call in calls if call.args for text in _texts(call.args[0])]
    return list(dict.fromkeys(found))


def option_texts(cls: type[ModulePass]) -> dict[str, str]:
    """Return the string below each field of a pass and of the classes that it extends."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(("xdsl.", "builtins", "abc")):
            continue
        found.update(_field_texts(base))
    return found


def first_example(name: str, file: Path) -> Example | None:
    """Return the first case of a FileCheck file, and run it; None if no command runs the pass."""
    if not file.exists():
        return None
    text = file.read_text(encoding="utf-8")
    pipeline = next((p for p in map(_pipeline_in, _RUN.findall(text)) if _names(p, name)), None)
    if pipeline is None:
        return None
    case = _CHECK.sub("", _SEPARATOR.split(_RUN.sub("", text))[0]).strip("\n")
    caption, before = _split_caption(case)
    arguments = f"-p '{pipeline}'" if re.search(r"[^\w-]", pipeline) else f"-p {pipeline}"
    after, messages = _run(pipeline.replace("%S", str(file.parent)), before, file.suffix)
    command = f"kumeo-opt case{file.suffix} {arguments}".replace("%S/", "")
    return Example(caption, command, before, after, messages)


def _group(name: str, cls: type[ModulePass]) -> str:
    """Return the title under which a pass is listed."""
    if name.startswith("check-"):
        return "Checks"
    levels = levels_read(cls)
    level = getattr(cls, "LOWERS_TO", None) or (levels[0] if levels else None)
    return "Any level" if level is None else _GROUP_OF_LEVEL[level]


def _index_row(name: str, cls: type[ModulePass]) -> str:
    places = ", ".join(f"`-{level}`" for level, names in PIPELINES.items() if name in names)
    return f"| [`{name}`]({name}.md) | {summary_of(cls)}{_mark(cls)} | {places} |"


def _mark(cls: type[ModulePass]) -> str:
    match getattr(cls, "changes_meaning", False):
        case True:
            return " *Changes meaning.*"
        case property():
            return " *Some options change meaning.*"
        case _:
            return ""


def _facts(cls: type[ModulePass]) -> str:
    """Return what a user has to know before naming the pass in a pipeline."""
    levels, to = levels_read(cls), getattr(cls, "LOWERS_TO", None)
    found = [f"It works at the {level_listing(levels)}." if levels else "It works at every level."]
    if to is not None:
        found.append(f"It leaves the module at the level `{to}`.")
    match getattr(cls, "changes_meaning", False):
        case True:
            found.append("It changes what workflows do, so no pipeline has it by default.")
        case property():
            found.append("Some options change what workflows do; no pipeline sets them by default.")
        case _:
            pass
    if issubclass(cls, OpPass):
        found.append("It can run in a group: `workflow.on(…)`.")
    return " ".join(found)


def _module_text(name: str, cls: type[ModulePass]) -> str:
    """Return the docstring of the module as Markdown, without its repetition of the name."""
    text = inspect.cleandoc(sys.modules[cls.__module__].__doc__ or "")
    text = re.sub(rf"^`{re.escape(name)}`: (\w)", lambda found: found[1].upper(), text)
    return "\n".join(_with_fences(text.splitlines()))


def _with_fences(lines: list[str]) -> Iterator[str]:
    """Yield Markdown in which indented blocks are fenced."""
    is_code = False
    for number, line in enumerate(lines):
        after = next((later for later in lines[number:] if later.strip()), "")
        starts = bool(_CODE_LINE.match(line)) and (is_code or not (number and lines[number - 1]))
        goes_on = is_code and not line.strip() and bool(_CODE_LINE.match(after))
        if starts and not is_code:
            yield "```text"
        if is_code and not starts and not goes_on:
            yield "```"
        is_code = starts or goes_on
        yield line[4:] if is_code else line
    if is_code:
        yield "```"


def _options(cls: type[ModulePass]) -> str:
    hints, texts = get_type_hints(cls), option_texts(cls)
    fields = option_fields(cls)
    if not fields:
        return "None."
    rows = [
        f"| `{field.name.replace('_', '-')}` | {describe_type(hints[field.name])} "
        f"| {_default(field)} | {_cell(texts.get(field.name, ''))} |"
        for field in fields
    ]
    return "\n".join(["| option | takes | default | meaning |", "|---|---|---|---|", *rows])


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "" if field.default_factory is MISSING else f"`{field.default_factory()}`"
    if field.default is None or field.default in ((), ""):
        return ""
    is_bool = isinstance(field.default, bool)
    return f"`{str(field.default).lower() if is_bool else field.default}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _field_texts(cls: type) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except OSError:
        return
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            for text in _texts(after.value) if isinstance(after, ast.Expr) else ():
                yield field.target.id, text


def _is_count(function: ast.expr) -> bool:
    """Return whether a call is `self.count(…)`, or that of a pass which helpers were given."""
    if not isinstance(function, ast.Attribute) or function.attr != "count":
        return False
    holder = function.value
    name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
    return name == "self" or "pass" in str(name)


def _texts(node: ast.expr) -> Iterable[str]:
    """Yield the texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _example(example: Example) -> list[str]:
    is_same = example.before.split() == example.after.split()
    after = [] if is_same or not example.after else ["After:", _block("mlir", example.after)]
    told = [_block("text", example.messages)] if example.messages and (is_same or not after) else []
    command = f"`{example.command}`"
    # A workflow that a check complains about would not pass the tests of blocks of workflows.
    language = "mlir" if ".mlir" in example.command else "text"
    lead = [example.caption] if example.caption else []
    return [*lead, f"{command}. Before:", _block(language, example.before), *after, *told]


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _pipeline_in(command: str) -> str | None:
    """Return the pipeline that a `RUN:` line gives to `kumeo-opt`."""
    parsed = parse_pipeline(command)
    arguments = () if parsed is None or parsed[0].negated else parsed[0].arguments
    for flag, value in pairwise(arguments):
        if flag in ("-p", "--passes", "--pass-pipeline"):
            return value
    return None


def _names(pipeline: str | None, name: str) -> bool:
    """Return whether a pipeline is one run of the pass, with or without options."""
    return re.fullmatch(rf"\s*{re.escape(name)}\s*(\{{.*\}})?\s*", pipeline or "", re.S) is not None


def _split_caption(case: str) -> tuple[str, str]:
    """Return the comment at the top of a case, and the rest."""
    lines = case.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    caption = " ".join(line.removeprefix("//").strip() for line in lines[:count])
    return caption, "\n".join(lines[count:]).strip("\n")


def _run(pipeline: str, text: str, suffix: str) -> tuple[str, str]:
    """Run a pipeline on a text; return the module and the messages."""
    out, err = StringIO(), StringIO()
    arguments = ["-", "--input-format", suffix[1:], "-p", pipeline, "--remarks"]
    kumeo_opt(arguments, text, out, err)
    return out.getvalue(), err.getvalue().replace("<stdin>", f"case{suffix}")
