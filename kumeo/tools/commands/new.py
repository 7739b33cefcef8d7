"""`kumeo new`: a folder with a workflow that checks, tests green and is formatted."""

import re
from pathlib import Path

import click

from kumeo.diagnostics import Diagnostic, nearest
from kumeo.tools.console import DONE, REJECTED, Console

FOLDER = Path(__file__).parents[2] / "templates"
"""One folder for each template with `flow.kumeo`; `README.md` is for all of them."""

TEMPLATES = {
    "minimal": "one condition, two targets",
    "fraud": "payments, rules, a language model with a fallback",
    "triage": "messages, `match`, a person in the loop",
}

_EXAMPLES = """Make a folder NAME with a workflow that works.

\b
  kumeo new shop
  kumeo new payments --template fraud

Templates: minimal (one condition, two targets), fraud (payments, rules, a language model with a
fallback), triage (messages, `match`, a person in the loop).
"""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@click.command("new", help=_EXAMPLES, short_help="Make a folder with a workflow that works.")
@click.argument("name", metavar="NAME")
@click.option("--template", default="minimal", metavar="NAME", help="minimal, fraud or triage.")
@click.pass_obj
def command(console: Console, name: str, template: str) -> int:
    """Write the files; a folder that exists is left alone."""
    ctx = click.get_current_context()
    folder = Path(name)
    if not _NAME.fullmatch(folder.name):
        problem = f"`{folder.name}` is no name: write letters, digits, `-` and `_`"
        raise click.UsageError(problem, ctx)
    if template not in TEMPLATES:
        close = nearest(template, TEMPLATES)
        fix = f"write `{close}`" if close else f"there is {', '.join(TEMPLATES)}"
        raise click.UsageError(f"there is no template `{template}`: {fix}", ctx)
    faults = write_project(folder, template)
    console.show(faults)
    if faults:
        return REJECTED
    file = folder / f"{folder.name}.kumeo"
    console.write(f"made {file}\n\n  kumeo check {file}\n  kumeo test {file}\n")
    return DONE


def write_project(folder: Path, template: str) -> list[Diagnostic]:
    """Make the folder with its files; return why it cannot be made."""
    from kumeo.tools.errors import CannotWrite
    from kumeo.tools.io import reason_of

    try:
        folder.mkdir(parents=True)
        for path, text in project_files(folder.name, template).items():
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        return [CannotWrite(None, str(folder), reason_of(error))]
    return []


def project_files(name: str, template: str) -> dict[str, str]:
    """Return the texts of a new project by path."""
    words = re.split(r"[-_]+", name)
    # The suffix keeps the name apart from those of the schemas.
    title = "".join(word[:1].upper() + word[1:] for word in words) + "Flow"
    values = {"@@Name@@": title, "@@name@@": "_".join(words).lower(), "@@file@@": name}

    def filled(path: Path) -> str:
        text = path.read_text("utf-8")
        for mark, value in values.items():
            text = text.replace(mark, value)
        return text

    return {
        f"{name}.kumeo": filled(FOLDER / template / "flow.kumeo"),
        "README.md": filled(FOLDER / "README.md"),
    }
