"""`kumeo run` after the build: services, input, output and progress until the end.

It ends when the input is sent and handled, when the user stops it, or when the engine cannot go
on. Where it serves tasks to people, it goes on while one waits. A stop takes no more events and
gives what is under way ten seconds; a second one ends at once. What is not done stays in the
store, and the next run goes on with it.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, TextIO

from kumeo_runtime.agents.resources import AgentError
from kumeo_runtime.client import RuntimeClient
from kumeo_runtime.config import Settings
from kumeo_runtime.embedded import EmbeddedServer
from kumeo_runtime.engine.names import Names
from kumeo_runtime.engine.shared import EngineError
from kumeo_runtime.spec import Source, Workflow
from kumeo_runtime.transport.api import Refused, TransportError

from kumeo.diagnostics import Diagnostic, Point
from kumeo.tools.console import DONE, REJECTED
from kumeo.tools.engine_errors import RunFailed, told
from kumeo.tools.errors import CannotRead, CannotWrite
from kumeo.tools.io import reason_of
from kumeo.tools.run_errors import AllFailed, EventTooLarge, StillPending
from kumeo.tools.running.feed import AHEAD_MAX, Feed
from kumeo.tools.running.host import Host
from kumeo.tools.running.inputs import Convert, Line, open_input
from kumeo.tools.running.outputs import Outputs
from kumeo.tools.running.position import Tracker, load_position
from kumeo.tools.running.progress import Progress, Snapshot, summary_lines
from kumeo.tools.running.skew import with_way
from kumeo.tools.running.state import WorkflowState
from kumeo.tools.tasks.serving import Serving, served

INTERRUPTED = 130
DRAIN_S = 10.0
_TICK_S = 0.1
_LOOK_S = 0.5
_CLOSE_S = 2.0
_SHOWN_MAX = 20
"""Lines of an input that are reported one by one."""


@dataclass
class RunOptions:
    """What the user asks for."""

    source: Source | None = None
    """Where the input goes; None without one."""
    input_path: str | None = None
    output_path: str | None = None
    rate_per_s: float | None = None
    again: bool = False
    drain: bool = False
    """End as soon as nothing waits."""
    quiet: bool = False
    serving: Serving | None = None
    """How tasks are served beside the run."""


@dataclass
class Runner:
    """One run."""

    workflow: Workflow
    package: Path
    root: Path
    state: WorkflowState
    settings: Settings
    options: RunOptions
    stdin: BinaryIO
    stdout: BinaryIO
    stderr: TextIO
    server: EmbeddedServer | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    stops: int = 0
    """How often the user has asked to stop."""
    _lag: int = 0
    _has_looked: bool = False
    _parked: int = 0
    _refused: int = 0
    _limit_bytes: int = 0
    _is_done: bool = False

    async def run(self) -> int:
        """Run, and return the exit code; what went wrong is in `diagnostics`."""
        self._wake = asyncio.Event()
        try:
            with self._signals():
                return await self._run()
        except (TransportError, EngineError, AgentError) as error:
            self.diagnostics.append(told(self._cause(error)))
        except OSError as error:
            self.diagnostics.append(self._file_fault(error))
        return REJECTED

    async def _run(self) -> int:
        host = Host(self.workflow, self.settings, self.package, self.root)
        progress = Progress(self.stderr, quiet=self.options.quiet)
        try:
            before = await host.before_start() if self.options.output_path else {}
            await self._start(host)
            self._limit_bytes = host.transport.max_payload
            async with self._outputs(host, before) as outputs, self._tasks(progress):
                await self._work(host, outputs, progress)
                code = await self._end(host, outputs)
            progress.close()
            self._sum_up(host, progress)
            return code
        finally:
            progress.close()
            with contextlib.suppress(TransportError, TimeoutError):
                await asyncio.wait_for(host.close(), _CLOSE_S)

    async def _start(self, host: Host) -> None:
        try:
            await host.start()
        except EngineError as error:
            names = Names(self.settings.namespace, self.workflow.token)
            raise await with_way(error, self.workflow, names, host.transport, self.state) from error

    def _cause(
        self, error: TransportError | EngineError | AgentError
    ) -> TransportError | EngineError | AgentError:
        """Return what is behind an error: a connection is lost when our own server has ended."""
        if self.server is None or self.server.is_running:
            return error
        return self.server.ended()

    def _file_fault(self, error: OSError) -> Diagnostic:
        path = str(error.filename or self.options.output_path or self.state.path)
        made = CannotRead if path == self.options.input_path else CannotWrite
        return made(None, path, reason_of(error))

    # -- work
    async def _work(self, host: Host, outputs: Outputs | None, progress: Progress) -> None:
        feed = await self._feed(host)
        feeding = None if feed is None else asyncio.create_task(feed.run())
        looking = asyncio.create_task(self._look(host, feeding))
        failing = asyncio.create_task(host.engine.wait())
        try:
            while not (self.stops or self._is_done):
                await self._tick(outputs)
                progress.show(self._snapshot(host, feed))
                for task in (failing, feeding):
                    if task is not None and task.done():
                        task.result()
        finally:
            failing.cancel()
            looking.cancel()
            if feed is not None and feeding is not None:
                feed.stop()
                # One that waits for somebody to type is not woken by `stop`.
                await asyncio.wait([feeding], timeout=_TICK_S)
                feeding.cancel()
                await asyncio.wait([feeding])
                self._tell_known(feed, progress)

    async def _tick(self, outputs: Outputs | None) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), _TICK_S)
        if self.server is not None and not self.server.is_running:
            raise self.server.ended()
        if outputs is not None:
            # A lost connection comes back; what was not read stays stored.
            with contextlib.suppress(TransportError):
                await outputs.pump()

    async def _feed(self, host: Host) -> Feed | None:
        source, path = self.options.source, self.options.input_path
        if source is None or path is None:
            return None
        given = open_input(path, self.stdin, _converter(path, source))
        place = host.place_of_source(source.name)
        info = await host.transport.stream_info(place.stream)
        size = None if path == "-" else Path(path).stat().st_size
        save_to = self.state.path / "inputs" / f"{source.name}-{given.key}.json"
        position = load_position(save_to).for_stream(info.created if info else "", size)
        if self.options.again:
            position = position.anew()
        given.generation = position.generation
        return Feed(
            host.transport,
            place.subject,
            place.stream,
            given,
            save_to,
            self._on_refused,
            Tracker(position),
            self.options.rate_per_s,
            is_slow=path == "-",
            is_ahead=lambda feed: self._is_ahead(feed, host, source.name),
        )

    def _is_ahead(self, feed: Feed, host: Host, source: str) -> bool:
        """Say whether enough lines wait. Others may handle them, so the store has the last word."""
        waiting = feed.taken - host.handled(source)
        return waiting > AHEAD_MAX and (self._lag > AHEAD_MAX // 2 or not self._has_looked)

    async def _look(self, host: Host, feeding: "asyncio.Task[None] | None") -> None:
        """Look at the store from time to time; say when an input is handled to its end."""
        while True:
            is_sent = is_all_sent(host, feeding, self.options.drain)
            with contextlib.suppress(TransportError):
                self._lag, self._has_looked = await host.live(), True
                self._parked = await host.parked()
                waits = self.options.serving is not None and self._parked > 0
                if is_sent and self._lag == 0 and not waits:
                    self._is_done = True
                    self._wake.set()
                    return
            if feeding is None or is_sent:
                # Once everything is sent the user waits for the end.
                await asyncio.sleep(_TICK_S / 4 if is_sent else _LOOK_S)
            else:
                await asyncio.wait([feeding], timeout=_LOOK_S)

    def _on_refused(self, line: Line, refused: Refused) -> None:
        self._refused += 1
        if self._refused > _SHOWN_MAX:
            return
        place = Point(self.options.input_path or "", line.number, 1)
        if refused.reason == "too-large":
            self.diagnostics.append(
                EventTooLarge(place, f"{len(line.payload):,}", f"{self._limit_bytes:,}")
            )
        else:
            self.diagnostics.append(RunFailed(place, refused.message, "correct the event"))

    # -- end
    async def _end(self, host: Host, outputs: Outputs | None) -> int:
        draining = asyncio.create_task(host.stop(DRAIN_S))
        while not draining.done():
            if self.stops > 1:
                draining.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await draining
                return INTERRUPTED
            await asyncio.wait([draining], timeout=_TICK_S)
        await draining
        if outputs is not None:
            await outputs.finish()
        self._lag = await host.live()
        self._parked = await host.parked()
        if self._lag and self._is_done is False:
            self.diagnostics.append(StillPending(None, f"{self._lag:,}"))
        if not self._refused and not await self._has_only_failed(host):
            return DONE
        return REJECTED

    async def _has_only_failed(self, host: Host) -> bool:
        """Say so when no event came through: most often the input or a service is wrong."""
        now = self._snapshot(host, None)
        if not now.has_only_failed:
            return False
        letter = await host.last_letter()
        reason = "" if letter is None else f": {letter.code}, {letter.message}"
        self.diagnostics.append(AllFailed(None, f"{now.events:,}", reason, self.workflow.name))
        return True

    def _sum_up(self, host: Host, progress: Progress) -> None:
        for line in summary_lines(self._snapshot(host, None)):
            progress.say(line)
        if self._parked:
            progress.say(f"`kumeo tasks list {self.workflow.name}` shows what waits for a person")

    def _tell_known(self, feed: Feed, progress: Progress) -> None:
        if feed.known:
            progress.say(f"{feed.known:,} lines were sent before; `--again` sends them anew")

    def _snapshot(self, host: Host, feed: Feed | None) -> Snapshot:
        shown = host.snapshot(self._lag, self._parked, 0, self._refused)
        if feed is None:
            return shown
        return replace(shown, sent=feed.sent, full=shown.full + feed.full)

    @contextlib.asynccontextmanager
    async def _outputs(self, host: Host, before: dict[str, int]) -> AsyncGenerator[Outputs | None]:
        path = self.options.output_path
        if path is None:
            yield None
            return
        places = await host.places_of_targets()
        outputs = Outputs(host.transport, places, path, self.state.output, before)
        await outputs.open(self.stdout)
        try:
            yield outputs
        finally:
            outputs.close()

    @contextlib.asynccontextmanager
    async def _tasks(self, progress: Progress) -> AsyncGenerator[None]:
        """Serve tasks to people meanwhile, if the user wants that."""
        if self.options.serving is None:
            yield
            return
        async with (
            RuntimeClient(self.workflow, self.settings) as client,
            served(client, self.options.serving) as service,
        ):
            line = f"tasks: {service.address}"
            if self.options.quiet:
                self.stderr.write(line + "\n")
                self.stderr.flush()
            progress.say(line)
            yield

    # -- signals
    def stop(self) -> None:
        """Ask to stop; asked twice, do it at once."""
        self.stops += 1
        self._wake.set()

    @contextlib.contextmanager
    def _signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        for number in numbers:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


def is_all_sent(host: Host, feeding: "asyncio.Task[None] | None", is_draining: bool) -> bool:
    """Say whether no more events will come: of the input, else of the files that are sources."""
    if feeding is None:
        return is_draining or host.are_sources_done
    return feeding.done() and not feeding.exception()


def _converter(path: str, source: Source) -> Convert | None:
    if not path.endswith(".csv"):
        return None
    from kumeo_runtime.sources.rows import converter_of

    return converter_of(source.type)
