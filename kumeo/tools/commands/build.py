"""`kumeo build`: a workflow as a package that runs on NATS."""

from pathlib import Path

import click

from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.pickles import allow_pickle_option

TARGETS = ("python",)

_EXAMPLES = """Write a workflow as a package that runs on NATS.

The folder gets one Python package: its services, the types of its events, its models. It needs
`kumeo-runtime` and no compiler. A folder that holds other files is left alone.

\b
  kumeo build flow.kumeo -o build/flow
  pip install build/flow
  python -m flow --help               the command of the package
  kumeo build flow.kumeo -o build/flow -O0     one service for each agent
"""


@click.command("build", help=_EXAMPLES, short_help="Write a workflow as a package for NATS.")
@click.argument("file", metavar="FILE")
@click.option("--target", type=click.Choice(TARGETS), default="python", help="Which language.")
@click.option("-o", "--output", metavar="DIR", required=True, help="The folder to write.")
@click.option("--workflow", "name", metavar="NAME", help="Which one, when the file has several.")
@click.option("--namespace", default="dev", help="Of `nats-permissions.conf` (default: dev).")
@click.option("-O0", "passes", flag_value="O0", help="One service for each agent.")
@click.option("-O1", "passes", flag_value="O1", help="Run the cheap passes.")
@click.option("-O2", "passes", flag_value="O2", default=True, help="Run all passes (default).")
@click.option("--force", is_flag=True, help="Replace files that were changed, write beside others.")
@click.option("-q", "--quiet", is_flag=True, help="Do not list the files.")
@allow_pickle_option
@click.pass_obj
def command(
    console: Console,
    file: str,
    target: str,
    output: str,
    name: str | None,
    namespace: str,
    passes: str,
    force: bool,
    quiet: bool,
) -> int:
    """Compile, optimise, print, write."""
    from kumeo.tools.running.package import make_package
    from kumeo.tools.running.tree import write_tree

    made, found = make_package(file, console.stdin, passes, name, namespace)
    console.show(found)
    if made is None:
        return WRONG_USAGE if any(d.code == "cannot-read" for d in found) else REJECTED
    faults = write_tree(Path(output), made.files, force=force)
    console.show(faults)
    if faults:
        return REJECTED
    if not quiet:
        console.write("".join(f"wrote {Path(output, path)}\n" for path in sorted(made.files)))
    return DONE
