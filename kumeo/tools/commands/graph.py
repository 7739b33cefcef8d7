"""`kumeo graph`: a picture of a workflow."""

import os
from typing import TYPE_CHECKING

import click

from kumeo.diagnostics import nearest
from kumeo.tools.commands.ir import write_output
from kumeo.tools.console import REJECTED, WRONG_USAGE, Console
from kumeo.tools.sources import compile_file
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

FORMATS = ("svg", "mermaid", "dot")
_ENDINGS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot"}

_EXAMPLES = """Draw a workflow: where events come from, what looks at them, where results go.

An arrow that a longer way makes plain is left out; --all draws it too. In SVG, the types of
values show when the pointer rests on a box or an arrow.

\b
  kumeo graph flow.kumeo -o flow.svg
  kumeo graph flow.kumeo --format mermaid
  kumeo graph flow.kumeo --format dot | dot -Tpdf -o flow.pdf
"""


@click.command("graph", help=_EXAMPLES, short_help="Draw a workflow.")
@click.argument("file", metavar="FILE")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: svg, or as PATH ends.")
@click.option("--workflow", "name", metavar="NAME", help="Draw this workflow or subworkflow alone.")
@click.option("--all", "every", is_flag=True, help="Draw also what longer ways make plain.")
@click.option("-o", "--output", metavar="PATH", help="Write here instead of to the output.")
@click.pass_obj
def command(
    console: Console,
    file: str,
    form: str | None,
    name: str | None,
    every: bool,
    output: str | None,
) -> int:
    """Compile, plan, draw."""
    form = form or _form_of(output)
    compiled = compile_file(file, console.stdin)
    console.show(compiled.diagnostics)
    if compiled.module is None:
        missing = any(d.code == "cannot-read" for d in compiled.diagnostics)
        return WRONG_USAGE if missing else REJECTED
    text = draw(compiled.module, form, name, every)
    return write_output(console, text, output)


def draw(module: "ModuleOp", form: str, name: str | None, every: bool) -> str:
    """Return the picture of the named body, or of all of them."""
    from kumeo.backends.graph import (
        bodies_of,
        plan_graph,
        render_dot,
        render_mermaid,
        render_svg,
    )
    from kumeo.tools.session import deep_stack

    known = list(bodies_of(module))
    if name is not None and name not in known:
        close = nearest(name, known)
        fix = f": write `{close}`" if close else f": there is {', '.join(known) or 'none'}"
        raise click.UsageError(f"there is no workflow `{name}`{fix}", click.get_current_context())
    render = {"svg": render_svg, "mermaid": render_mermaid, "dot": render_dot}[form]
    with deep_stack():
        return render(plan_graph(module, known if name is None else [name]), every=every)


def _form_of(output: str | None) -> str:
    """Return the format that the ending of a path names; without an ending it is `svg`."""
    ending = "" if output is None else os.path.splitext(output)[1]
    form = _ENDINGS.get(ending.lower()) if ending else "svg"
    if form is None:
        fix = f"end the path with one of {', '.join(_ENDINGS)}, or add `--format`"
        raise UsageError(f"there is no picture format for `{ending}`", fix)
    return form
