"""`kumeo ir`: the program as the compiler sees it."""

import click

from kumeo.diagnostics import has_errors
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.sources import compile_file, optimise

LEVELS = ("workflow", "numeric", "stages", "messaging")
"""The levels that a module can be printed at."""

_EXAMPLES = """Print the program as the compiler sees it.

\b
  kumeo ir flow.kumeo
  kumeo ir flow.kumeo -O2 --locations
  kumeo ir flow.kumeo -O2 --level stages
  kumeo ir flow.kumeo --generic -o flow.mlir
"""


@click.command("ir", help=_EXAMPLES, short_help="Print the program as the compiler sees it.")
@click.argument("file", metavar="FILE")
@click.option("--level", type=click.Choice(LEVELS), default="workflow", help="Which form.")
@click.option("-O0", "passes", flag_value="O0", default=True, help="Run no optional pass.")
@click.option("-O1", "passes", flag_value="O1", help="Run the cheap passes.")
@click.option("-O2", "passes", flag_value="O2", help="Run all passes.")
@click.option("--generic", is_flag=True, help="Print every op in generic form.")
@click.option("--locations", is_flag=True, help="Print source locations.")
@click.option("-o", "--output", metavar="PATH", help="Write here instead of to the output.")
@click.pass_obj
def command(
    console: Console,
    file: str,
    level: str,
    passes: str,
    generic: bool,
    locations: bool,
    output: str | None,
) -> int:
    """Compile, optimise, print."""
    compiled = compile_file(file, console.stdin)
    found = list(compiled.diagnostics)
    module = compiled.module
    if module is not None and not has_errors(found):
        from kumeo.passes.files import reading
        from kumeo.tools.files import FolderFiles

        with reading(FolderFiles.beside(file).read):
            found += optimise(module, passes, level)
    console.show(found)
    if module is None or has_errors(found):
        return WRONG_USAGE if any(d.code == "cannot-read" for d in found) else REJECTED
    from kumeo.analysis.text import print_module

    return write_output(console, print_module(module, generic, locations), output)


def write_output(console: Console, text: str, output: str | None) -> int:
    """Write a result to a file or to the output, and return the exit code."""
    if output is None or output == "-":
        console.write(text)
        return DONE
    from kumeo.tools.io import write_file

    faults = write_file(output, text)
    console.show(faults)
    return REJECTED if faults else DONE
