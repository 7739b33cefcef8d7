"""`kumeo explain`: the page of a diagnostic code."""

import click

from kumeo.diagnostics import nearest
from kumeo.tools.console import DONE, WRONG_USAGE, Console

_EXAMPLES = """Say more about a message of Kumeo. Without CODE, list all codes.

\b
  kumeo explain unknown-name
  kumeo explain
"""


@click.command("explain", help=_EXAMPLES, short_help="Say more about a message.")
@click.argument("code", metavar="[CODE]", required=False)
@click.pass_obj
def command(console: Console, code: str | None) -> int:
    """Print the page of a code, or the list."""
    from kumeo.tools.codes import all_codes, find_code
    from kumeo.tools.pages import by_area, page_text, summary

    if code is None:
        for title, group in by_area(all_codes()).items():
            console.write(f"{console.style(title, 'bold')}\n")
            for name, cls in group.items():
                console.write(f"  {name:<26}{summary(cls)}\n")
        return DONE
    wanted = code.strip("[]").lower()
    found = find_code(wanted)
    if found is not None:
        console.write(page_text(found))
        return DONE
    from kumeo.tools.errors import WrongUsage

    close = nearest(wanted, all_codes())
    fix = f"write `kumeo explain {close}`" if close else "`kumeo explain` lists all codes"
    console.show([WrongUsage(None, f"there is no code `{code}`", fix)])
    return WRONG_USAGE
