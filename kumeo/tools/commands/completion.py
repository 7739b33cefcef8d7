"""`kumeo completion`: the text that teaches a shell the words of `kumeo`."""

import click

from kumeo.tools.console import DONE, Console

_EXAMPLES = """Print the text that lets a shell complete the words of kumeo.

\b
  kumeo completion bash >> ~/.bashrc
  kumeo completion zsh >> ~/.zshrc
  kumeo completion fish > ~/.config/fish/completions/kumeo.fish
"""


@click.command("completion", help=_EXAMPLES, short_help="Let a shell complete the words of kumeo.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_obj
def command(console: Console, shell: str) -> int:
    """Print click's completion script."""
    from click.shell_completion import ShellComplete, get_completion_class

    from kumeo.tools.kumeo import cli

    cls = get_completion_class(shell)
    assert cls is not None, "click knows the three shells"
    # The class of bash asks the installed bash for its version first; the text needs no bash.
    text = ShellComplete.source(cls(cli, {}, "kumeo", "_KUMEO_COMPLETE"))
    console.write(text)
    return DONE
