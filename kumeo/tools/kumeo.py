"""`kumeo`: check, format, test, draw and run workflows.

`run` is the tool as a function: it ends no process and prints to the given streams alone, so
tests call it directly. `main` is the program. A subcommand is imported when it is called, and
what it needs when it needs it: `kumeo --version` loads nothing heavy.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

import click

from kumeo.diagnostics import nearest
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.io import Stdin, read_stdin
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo.tools.errors import WrongUsage

COMMANDS = (
    "check",
    "fmt",
    "ir",
    "graph",
    "diff",
    "test",
    "build",
    "run",
    "publish",
    "tail",
    "trace",
    "tasks",
    "people",
    "dlq",
    "replay",
    "config",
    "status",
    "fake-models",
    "explain",
    "explain-model",
    "explain-pipeline",
    "new",
    "completion",
)
"""The module of each command is `kumeo.tools.commands.NAME`; it holds `command`."""

_HELP = """Check, format, test, draw and run workflows.

\b
  kumeo new shop --template fraud     a project that works
  kumeo check shop/                   are there mistakes?
  kumeo test shop/                    run the `test` blocks
  kumeo fmt shop/                     write files in the common form
  kumeo graph shop/shop.kumeo -o flow.svg
  kumeo diff old.kumeo new.kumeo      what changes meaning?
  kumeo run shop/shop.kumeo           run it, with a message store of its own
  kumeo tail shop/shop.kumeo          see results
  kumeo explain unknown-name          what does this message mean?
  kumeo explain-model fraud.bif       what does this model say?

Exit codes: 0 done, 1 the input was rejected, 2 wrong usage.
"""


class LazyCommands(click.Group):
    """The subcommands; each is imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None when there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"kumeo.tools.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the arguments; a wrong name gets the nearest one as help."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            close = nearest(name, COMMANDS)
            fix = f"write `kumeo {close}`" if close else "`kumeo --help` lists the commands"
            raise UsageError(f"there is no command `{name}`", fix)
        return super().resolve_command(ctx, args)


_HELP_OPTIONS = ["-h", "--help"]


@click.group(
    cls=LazyCommands,
    help=_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": _HELP_OPTIONS},
)
@click.option("--version", is_flag=True, help="Show the version.")
@click.pass_context
def cli(ctx: click.Context, version: bool) -> int | None:
    """Answer what concerns no command."""
    console = ctx.find_object(Console)
    if console is None or ctx.invoked_subcommand is not None:
        return None
    if version:
        from kumeo import __version__

        console.write(f"kumeo {__version__}\n")
        return DONE
    console.write(ctx.get_help() + "\n")
    return DONE


def run(argv: Sequence[str], stdin: Stdin, stdout: TextIO, stderr: TextIO) -> int:
    """Run the tool once and return its exit code."""
    console = Console(stdin, stdout, stderr)
    try:
        return _run(list(argv), console)
    except BrokenPipeError:
        raise
    except Exception as error:
        # The last line of defence: a bug in Kumeo is told as one, with the traceback in a file.
        from kumeo.tools.crash import internal_error

        console.show([internal_error(error, "kumeo")])
        return REJECTED


def main() -> None:
    """Run the tool with the arguments and streams of this process, and end it."""
    if "_KUMEO_COMPLETE" in os.environ:
        cli.main(prog_name="kumeo", complete_var="_KUMEO_COMPLETE")
    try:
        code = run(sys.argv[1:], read_stdin, sys.stdout, sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the output has gone; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = REJECTED
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _run(argv: list[str], console: Console) -> int:
    asked = _help_text(argv)
    if asked is not None:
        console.write(asked + "\n")
        return DONE
    try:
        with cli.make_context("kumeo", argv, obj=console) as ctx:
            code: object = cli.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        console.show([_wrong_usage(error)])
        return WRONG_USAGE
    return code if isinstance(code, int) else DONE


def _help_text(argv: list[str]) -> str | None:
    """Return the help page that the arguments ask for; click would print it to the real stdout."""
    words = argv[: argv.index("--")] if "--" in argv else argv
    if not any(option in words for option in _HELP_OPTIONS):
        return None
    root = click.Context(
        cli, info_name="kumeo", max_content_width=100, help_option_names=_HELP_OPTIONS
    )
    name = next((word for word in words if word in COMMANDS), None)
    command = cli.get_command(root, name) if name else None
    if command is None:
        return cli.get_help(root)
    inner = click.Context(command, info_name=name, parent=root, max_content_width=100)
    if isinstance(command, click.Group):
        return _help_of_group(command, inner, words)
    return command.get_help(inner)


def _help_of_group(group: click.Group, ctx: click.Context, words: list[str]) -> str:
    name = next((word for word in words if word in group.commands), None)
    if name is None:
        return group.get_help(ctx)
    inner = click.Context(group.commands[name], info_name=name, parent=ctx, max_content_width=100)
    return group.commands[name].get_help(inner)


def _wrong_usage(error: click.ClickException) -> "WrongUsage":
    from kumeo.tools.errors import WrongUsage

    ctx = error.ctx if isinstance(error, click.UsageError) else None
    path = ctx.command_path if ctx is not None else "kumeo"
    fix: str = getattr(error, "fix", f"`{path} --help` shows what can be written")
    text = error.format_message().rstrip(".")
    return WrongUsage(None, text[:1].lower() + text[1:], fix)


if __name__ == "__main__":
    main()
