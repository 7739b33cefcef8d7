"""`kumeo explain-model`: what a model, a network or a decision table says and costs."""

import os
from typing import TYPE_CHECKING

import click

from kumeo.tools.commands.ir import write_output
from kumeo.tools.console import REJECTED, WRONG_USAGE, Console
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo.backends.explain import Explanation

FORMATS = ("text", "json", "html", "svg", "dot")
_ENDINGS = {".json": "json", ".html": "html", ".svg": "svg", ".dot": "dot", ".gv": "dot"}

_EXAMPLES = """Show what a model file says, so that you can trust what is compiled from it.

A Bayesian network (BIF, XMLBIF, also .gz) shows its variables and a picture. With --query and
--evidence it shows what this question needs, its cost, and sample answers to check by hand.
A model (ONNX, scikit-learn in .skops) shows what it takes and gives and what it is made of.
A decision table (CSV, YAML, JSON) shows its rules, gaps, overlaps and rules that never fire.
A workflow shows its numeric agents, and which of them -O2 compiles into one graph.

\b
  kumeo explain-model alarm.bif.gz
  kumeo explain-model alarm.bif.gz --query LVFAILURE --evidence HISTORY,CVP,PCWP
  kumeo explain-model asia.bif --query lung --evidence xray,dysp --optional dysp -o asia.svg
  kumeo explain-model fraud.onnx
  kumeo explain-model tables/shipping.csv
  kumeo explain-model flow.kumeo -o flow.html
"""


@click.command("explain-model", help=_EXAMPLES, short_help="Show what a model file says.")
@click.argument("file", metavar="FILE")
@click.option("--query", metavar="V", help="The variable of a network that is asked for.")
@click.option("--evidence", metavar="A,B", default="", help="The variables that are known.")
@click.option("--optional", metavar="A,B", default="", help="Evidence that may be missing.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Default: text, or as PATH ends."
)
@click.option("-o", "--output", metavar="PATH", help="Write here instead of to the output.")
@click.pass_obj
def command(
    console: Console,
    file: str,
    query: str | None,
    evidence: str,
    optional: str,
    form: str | None,
    output: str | None,
) -> int:
    """Read the file, find out what it is, explain it."""
    from kumeo.tools.explaining import Asked, explain_file

    form = form or _form_of(output)
    asked = Asked(query, _names(evidence), _names(optional))
    shown, found = explain_file(file, asked, console.stdin, console.progress)
    console.progress("")
    console.show(found)
    if shown is None:
        return WRONG_USAGE if any(d.code == "cannot-read" for d in found) else REJECTED
    return write_output(console, _render(shown, form), output)


def _names(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _form_of(output: str | None) -> str:
    ending = "" if output is None else os.path.splitext(output)[1].lower()
    return _ENDINGS.get(ending, "text")


def _render(shown: "Explanation", form: str) -> str:
    from kumeo.backends.explain import render_json, render_page, render_text
    from kumeo.backends.graph import render_dot, render_svg

    if form in ("text", "json", "html"):
        return {"text": render_text, "json": render_json, "html": render_page}[form](shown)
    if shown.picture is None:
        raise UsageError(f"there is no picture of this {shown.kind}", "use `--format html`")
    render = {"svg": render_svg, "dot": render_dot}[form]
    return render(shown.picture, every=True)
