"""`kumeo people`: who works on tasks."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kumeo.tools.console import DONE, REJECTED, Console
from kumeo.tools.running.looking import choose
from kumeo.tools.running.shown import table

if TYPE_CHECKING:
    from kumeo_runtime.engine.shared import EngineError
    from kumeo_runtime.tasks.people import Role

_HELP = """Say who works on tasks, in a file for `kumeo tasks serve --people FILE`.

The file holds no tokens, only their SHA-256. A token is printed once, when it is made.

\b
  kumeo people add people.json ana --group credit --email ana@example.com
  kumeo people add people.json max --role manager
  kumeo people add people.json ana --new-token       the old one counts no more
  kumeo people list people.json
  kumeo people remove people.json ana
"""


@click.group("people", help=_HELP, short_help="Say who works on tasks.")
def command() -> None:
    """Hold the subcommands."""


@command.command("add", help="Add a person, or change one; a new person gets a token.")
@click.argument("file", metavar="FILE")
@click.argument("name")
@click.option("--group", "groups", multiple=True, metavar="NAME", help="A group; may be repeated.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["worker", "manager", "auditor"]),
    help="worker (default) does tasks, manager also those of others, auditor only looks.",
)
@click.option("--email", metavar="ADDRESS", help="Where notices go.")
@click.option("--new-token", is_flag=True, help="Replace the token.")
@click.pass_obj
def add(
    console: Console,
    file: str,
    name: str,
    groups: "tuple[str, ...]",
    roles: "tuple[Role, ...]",
    email: str | None,
    new_token: bool,
) -> int:
    """Add or change a person."""
    from kumeo_runtime.engine.shared import EngineError
    from kumeo_runtime.tasks import people as of

    path = Path(file)
    try:
        known = of.load_people(path) if path.exists() else ()
        before = {person.name: person for person in known}.get(name)
        token = of.new_token() if before is None or new_token else None
        person = of.Person(
            name,
            groups or (before.groups if before else ()),
            roles or (before.roles if before else ("worker",)),
            email if email is not None else (before.email if before else ""),
            of.hash_of(token) if token else (before.token_sha256 if before else ""),
        )
        of.save_people(path, of.added(known, person))
    except EngineError as error:
        return _refuse(console, error)
    what = "added" if before is None else "kept" if person == before else "changed"
    console.write(f"{what} {name}\n")
    if token is not None:
        console.write(f"token: {token}\n")
    elif person == before:
        console.write("nothing has changed; `--new-token` makes another token\n")
    return DONE


@command.command("list", help="List the people.")
@click.argument("file", metavar="FILE")
@click.pass_obj
def list_people(console: Console, file: str) -> int:
    """List people."""
    from kumeo_runtime.engine.shared import EngineError
    from kumeo_runtime.tasks.people import load_people

    try:
        people = load_people(Path(file))
    except EngineError as error:
        return _refuse(console, error)
    rows = [[p.name, ", ".join(p.roles), ", ".join(p.groups), p.email] for p in people]
    console.write(table(["NAME", "ROLES", "GROUPS", "E-MAIL"], rows) if rows else "nobody\n")
    return DONE


@command.command("remove", help="Remove a person; the token counts no more.")
@click.argument("file", metavar="FILE")
@click.argument("name")
@click.pass_obj
def remove(console: Console, file: str, name: str) -> int:
    """Remove a person."""
    from kumeo_runtime.engine.shared import EngineError
    from kumeo_runtime.tasks.people import load_people, save_people

    path = Path(file)
    try:
        people = load_people(path)
        choose(name, [person.name for person in people], "person")
        save_people(path, [person for person in people if person.name != name])
    except EngineError as error:
        return _refuse(console, error)
    console.write(f"removed {name}\n")
    return DONE


def _refuse(console: Console, error: "EngineError") -> int:
    from kumeo.tools.engine_errors import told

    console.show([told(error)])
    return REJECTED
