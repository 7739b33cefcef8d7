"""`kumeo run`: from a file to a running, durable system in one command."""

from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kumeo.diagnostics import Diagnostic
from kumeo.tools.console import DONE, REJECTED, WRONG_USAGE, Console
from kumeo.tools.pickles import allow_pickle_option
from kumeo.tools.running.state import DEFAULT, StateFolder, WorkflowState
from kumeo.tools.usage import UsageError

if TYPE_CHECKING:
    from kumeo_runtime.spec import Source, Workflow

    from kumeo.tools.running.store import Opening, Store

_EXAMPLES = """Run a workflow, with a message store of its own.

Compiles FILE, starts a NATS server for this folder unless --nats names one, and runs every
service in this process. Events come from the sources of the workflow, and from --input: one JSON
value on each line, or a CSV file with the names of the fields in its first line. Without --input
it runs until Ctrl-C, which finishes what is under way; a second Ctrl-C ends at once.

Whatever ends it, the next run goes on where it stopped: each line of the input is handled once,
and each result stands in the output once. State is kept in `.kumeo/`.

\b
  kumeo run flow.kumeo --input events.jsonl --output results.jsonl
  cat events.jsonl | kumeo run flow.kumeo --input - --output - | jq .value
  kumeo run flow.kumeo --input events.csv --rate 100       a hundred events a second
  kumeo run flow.kumeo --config limit=20.0
  kumeo run flow.kumeo --nats nats://127.0.0.1:4222        on a server that runs already
  kumeo run flow.kumeo --tasks-port 8480                   serve tasks to people

After a change of the workflow, what waits in the old form is handled by the old build:


  kumeo run --build .kumeo/Flow/builds/5f0c… --drain

In another terminal, while it runs or afterwards:

\b
  kumeo tail flow.kumeo        results        kumeo status flow.kumeo    what waits where
  kumeo dlq list flow.kumeo    dead letters   kumeo tasks list flow.kumeo
"""


@click.command("run", help=_EXAMPLES, short_help="Run a workflow.")
@click.argument("file", metavar="FILE", required=False)
@click.option("--build", metavar="DIR", help="Run what was built there instead of a file.")
@click.option("--drain", is_flag=True, help="End as soon as nothing waits.")
@click.option("--input", "given", metavar="PATH", help="Events to send: JSON lines, CSV, or `-`.")
@click.option("--source", metavar="NAME", help="The source of --input, if there are several.")
@click.option("--output", metavar="PATH", help="Append what targets get, as JSON lines; or `-`.")
@click.option("--again", is_flag=True, help="Send all lines of the input as new events.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Events/s.")
@click.option("--config", "config", multiple=True, metavar="NAME=VALUE", help="Set an entry.")
@click.option("--nats", metavar="URL", help="Use this NATS instead of starting one.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Port of our own NATS.")
@click.option("--tasks-port", type=click.IntRange(0, 65535), metavar="N", help="Serve tasks here.")
@click.option("--people", metavar="FILE", help="Who works on tasks, with --tasks-port.")
@click.option("--state", metavar="DIR", default=DEFAULT, help=f"State (default: {DEFAULT}).")
@click.option("--workflow", "name", metavar="NAME", help="Which one, when the file has several.")
@click.option("-O0", "passes", flag_value="O0", help="One service for each agent.")
@click.option("-O1", "passes", flag_value="O1", help="Run the cheap passes.")
@click.option("-O2", "passes", flag_value="O2", default=True, help="Run all passes (default).")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
@allow_pickle_option
@click.pass_obj
def command(console: Console, **given: Any) -> int:
    """Compile, open the store, run."""
    asked = Asked(**given)
    check_config(asked.config)
    if (asked.file is None) == (asked.build is None):
        raise click.UsageError("name a `.kumeo` file, or a build by `--build DIR`")
    if asked.people is not None and asked.tasks_port is None:
        raise click.UsageError("`--people` says who works on tasks: add `--tasks-port N`")
    from kumeo.tools.running.store import begin_opening

    state = StateFolder(Path(asked.state))
    try:
        state.prepare()
    except OSError as error:
        return _refuse(console, _not_writable(state, error))
    opening = begin_opening(state, asked.nats, asked.port or 0)
    try:
        return _build_and_run(console, asked, state, opening)
    finally:
        opening.give_up()


@dataclass(frozen=True)
class Asked:
    """The command line."""

    file: str | None
    build: str | None
    drain: bool
    given: str | None
    source: str | None
    output: str | None
    again: bool
    rate: float | None
    config: tuple[str, ...]
    nats: str | None
    port: int | None
    tasks_port: int | None
    people: str | None
    state: str
    name: str | None
    passes: str
    quiet: bool


def _build_and_run(console: Console, asked: Asked, state: StateFolder, opening: "Opening") -> int:
    from kumeo.tools.running.package import load_workflow

    if asked.given is not None and asked.given != "-" and not Path(asked.given).is_file():
        return _refuse(console, _cannot_read(asked.given), WRONG_USAGE)
    build, code = _built(console, asked, state)
    if build is None:
        return code
    name = workflow_name(build)
    place = state.workflow(name)
    lock = place.lock_run()
    if isinstance(lock, int):
        from kumeo.tools.run_errors import AlreadyRunning

        who = f" in process {lock}" if lock else ""
        return _refuse(console, AlreadyRunning(None, name, who))
    with lock:
        workflow = load_workflow(build)
        source = source_of(workflow, asked) if asked.given is not None else None
        if source is not None and asked.given is not None and asked.given.endswith(".csv"):
            check_columns(asked.given, source)
        return _run(console, asked, Built(workflow, build), source, place, opening)


@dataclass(frozen=True)
class Built:
    """A workflow and the folder of its package."""

    workflow: "Workflow"
    folder: Path

    @property
    def package(self) -> Path:
        """The folder of the Python package."""
        return next(self.folder.glob("*/workflow.py")).parent.resolve()


def _built(console: Console, asked: Asked, state: StateFolder) -> tuple[Path | None, int]:
    """Return the folder of the build that is to run, or the exit code."""
    from kumeo.tools.running.builds import is_package
    from kumeo.tools.running.package import build_into

    if asked.build is not None:
        if not is_package(Path(asked.build)):
            fix = f"name a folder of `kumeo build`, or one of `{asked.state}/WORKFLOW/builds/`"
            raise UsageError(f"`{asked.build}` holds no build", fix)
        return Path(asked.build), DONE
    assert asked.file is not None, "one of both is given"
    name, found = build_into(state, asked.file, console.stdin, asked.passes, asked.name)
    console.show(found)
    if name is None:
        is_missing = any(d.code == "cannot-read" for d in found)
        return None, WRONG_USAGE if is_missing else REJECTED
    return state.workflow(name).build, DONE


def workflow_name(build: Path) -> str:
    """Return the name of the workflow of a build."""
    import json

    name: str = json.loads((build / "manifest.json").read_text("utf-8"))["workflow"]
    return name


def root_of(asked: Asked, place: WorkflowState) -> Path:
    """Return the folder that paths of the workflow are relative to."""
    if asked.file is not None:
        return Path(asked.file).parent.resolve()
    source = place.source()
    return Path.cwd() if source is None else source.parent


def _run(
    console: Console,
    asked: Asked,
    built: Built,
    source: "Source | None",
    place: WorkflowState,
    opening: "Opening",
) -> int:
    import asyncio

    from kumeo_runtime.service import tune_interpreter
    from kumeo_runtime.transport.api import TransportError

    from kumeo.tools.engine_errors import told
    from kumeo.tools.running.host import fitted
    from kumeo.tools.running.runner import Runner, RunOptions
    from kumeo.tools.tasks.serving import Serving

    try:
        store = opening.wait()
    except TransportError as error:
        return _refuse(console, told(error))
    log_to(place.path / "run.log")
    given = (asked.given, asked.output, asked.rate, asked.again, asked.drain, asked.quiet)
    serving = None if asked.tasks_port is None else Serving(asked.tasks_port, asked.people)
    runner = Runner(
        fitted(built.workflow, store.stream_bytes()),
        built.package,
        root_of(asked, place),
        place,
        settings_of(built.workflow, asked, store),
        RunOptions(source, *given, serving),
        console.stdin_bytes(),
        console.stdout_bytes(),
        console.stderr,
        store.server,
    )
    tune_interpreter()
    with _results_alone(console, asked):
        code = asyncio.run(runner.run())
    console.show(runner.diagnostics)
    return code


def _results_alone(console: Console, asked: Asked) -> AbstractContextManager[object]:
    """Send what code of users prints to the messages where results go to standard output."""
    return redirect_stdout(console.stderr) if asked.output == "-" else nullcontext()


def settings_of(workflow: "Workflow", asked: Asked, store: "Store") -> Any:
    """Return the settings of the runtime: the environment, then the command line."""
    from kumeo_runtime.config import Settings

    settings = Settings(**store.settings)
    config = {**settings.config, **config_values(workflow, asked.config)}
    return settings.model_copy(update={"config": config})


def check_config(entries: tuple[str, ...]) -> None:
    """Refuse an entry that is not NAME=VALUE."""
    for entry in entries:
        if not entry.partition("=")[1]:
            raise click.UsageError(f"`--config {entry}` has no `=`: write NAME=VALUE")


def config_values(workflow: "Workflow", entries: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of `--config`; what is no JSON, or an entry of text, is text."""
    from kumeo_runtime.shapes import fields_of, shape_of

    from kumeo.tools.running.looking import choose

    if not entries:
        return {}
    fields = fields_of(workflow.config) if workflow.config is not None else ()
    texts = {field.name for field in fields if shape_of(field.type).type is str}
    known = [field.name for field in fields]
    values: dict[str, Any] = {}
    for entry in entries:
        name, _, text = entry.partition("=")
        choose(name, known, "config entry")
        values[name] = text if name in texts and not text.startswith('"') else _value(text)
    return values


def _value(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def source_of(workflow: "Workflow", asked: Asked) -> "Source":
    """Return the source that the input goes to."""
    from kumeo.tools.running.looking import choose, only

    known = {source.name: source for source in workflow.sources}
    if asked.source is not None:
        return known[choose(asked.source, list(known), "source")]
    return known[only(list(known), "source by `--source`")]


def check_columns(path: str, source: "Source") -> None:
    """Refuse a CSV file whose columns are separated by something else: no event of it would fit."""
    from kumeo_runtime.shapes import fields_of, shape_of

    from kumeo.tools.running.inputs import wrong_separator

    shape = shape_of(source.type)
    fields = fields_of(shape.type) if shape.kind == "record" else ()
    mark = wrong_separator(path, [field.json_name for field in fields])
    if mark is not None:
        shown = "tabs" if mark == "\t" else f"`{mark}`"
        problem = f"the columns of `{path}` are separated by {shown}, CSV wants commas"
        raise UsageError(problem, "save it with commas and with points in numbers, as in 12.5")


def log_to(path: Path) -> None:
    """Keep what the runtime logs in a file; the terminal shows the progress."""
    import logging

    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, logging.FileHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    # What code of the user prints in its own process.
    logging.getLogger("kumeo.code").setLevel(logging.INFO)


def _refuse(console: Console, found: Diagnostic, code: int = REJECTED) -> int:
    console.show([found])
    return code


def _not_writable(state: StateFolder, error: OSError) -> Diagnostic:
    from kumeo.tools.io import reason_of
    from kumeo.tools.store_errors import StoreNotWritable

    problem = f"the folder `{state.path}` cannot hold the messages: {reason_of(error)}"
    return StoreNotWritable(None, problem, "make it writable, or name another one by `--state DIR`")


def _cannot_read(path: str) -> Diagnostic:
    from kumeo.tools.errors import CannotRead
    from kumeo.tools.io import nearest_file

    reason = "is a directory" if Path(path).is_dir() else "no such file or directory"
    return CannotRead(None, path, reason, nearest_file(path))
