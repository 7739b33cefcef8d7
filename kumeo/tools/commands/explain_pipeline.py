"""`kumeo explain-pipeline`: a page that shows what each pass did."""

import os
import time
from typing import TYPE_CHECKING

import click

from kumeo.diagnostics import Diagnostic, has_errors
from kumeo.tools.commands.ir import write_output
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.sources import compile_file

if TYPE_CHECKING:
    from xdsl.dialects.builtin import ModuleOp

    from kumeo.backends.report import Record

_EXAMPLES = """Show what each pass does to a workflow: one page for a browser.

The page holds the changes of each pass, its remarks, times, and the workflow as a picture before
and after. It needs no other file.

\b
  kumeo explain-pipeline flow.kumeo -o report.html
  kumeo explain-pipeline flow.kumeo -O1 -o report.html
  kumeo explain-pipeline flow.kumeo -p 'canonicalize,cse' -o report.html
"""


@click.command("explain-pipeline", help=_EXAMPLES, short_help="Show what each pass does.")
@click.argument("file", metavar="FILE")
@click.option("-O0", "level", flag_value="O0", help="The passes of -O0.")
@click.option("-O1", "level", flag_value="O1", help="The passes of -O1.")
@click.option("-O2", "level", flag_value="O2", default=True, help="The passes of -O2 (default).")
@click.option("-p", "--pass-pipeline", "pipeline", metavar="PIPELINE", help="These passes.")
@click.option("-o", "--output", metavar="PATH", help="Write here instead of to the output.")
@click.pass_obj
def command(
    console: Console, file: str, level: str, pipeline: str | None, output: str | None
) -> int:
    """Compile, run the passes one by one, write the page."""
    from kumeo.passes.pipelines import pipeline_text

    compiled = compile_file(file, console.stdin)
    console.show(compiled.diagnostics)
    if compiled.module is None:
        missing = any(d.code == "cannot-read" for d in compiled.diagnostics)
        return WRONG_USAGE if missing else REJECTED
    text = pipeline_text(level) if pipeline is None else pipeline
    record, found = _record(compiled.module, text)
    if record is None:
        console.show(found)
        return WRONG_USAGE
    console.show([d for ran in record.passes for d in ran.diagnostics if has_errors([d])])
    from kumeo.backends.report import plan_report, render_report

    page = render_report(plan_report(record, os.path.basename(file), text or "(no passes)"))
    written = write_output(console, page, output)
    return REJECTED if record.failed and written == DONE else written


def _record(module: "ModuleOp", text: str) -> "tuple[Record | None, list[Diagnostic]]":
    """Run the pipeline; no record when its text is wrong."""
    from kumeo.analysis.verify import verify_module
    from kumeo.backends.report import record_pipeline
    from kumeo.passes.manager import Manager
    from kumeo.passes.resolve import PassTable, resolve
    from kumeo.passes.timing import Timer
    from kumeo.tools.catalog import make_catalog
    from kumeo.tools.session import deep_stack

    catalog = make_catalog()
    table = PassTable(catalog.find_pass, catalog.pass_names, catalog.nearest_op)
    steps, found = resolve(text, table)
    if has_errors(found):
        return None, list(found)
    manager = Manager(catalog.ctx, Timer(time.perf_counter), verify_module)
    with deep_stack():
        return record_pipeline(manager, steps, module, time.process_time), []
