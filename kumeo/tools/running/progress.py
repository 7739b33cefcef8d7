"""What `kumeo run` shows while it works: a small table on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

REASON_MAX = 200
"""Characters of a reason."""
LINE_EVERY_S = 5.0
"""How often a plain line is written."""


@dataclass(frozen=True)
class Snapshot:
    """Counts of one run at one moment."""

    seconds: float
    """Since the run started."""
    sources: Mapping[str, int]
    """Events taken, by source."""
    targets: Mapping[str, int]
    """Values sent, by target."""
    p50_ms: float | None = None
    """Half of the events were through so fast; None before the first one."""
    p99_ms: float | None = None
    lag: int = 0
    """Messages that wait for a service."""
    dead: int = 0
    """Dead letters."""
    reports: int = 0
    """Failed events that were sent to `on_error`."""
    parked: int = 0
    """Tasks that wait for a person."""
    refused: int = 0
    """Events of the input that could not be sent."""
    full: int = 0
    """How often the store had no room; what it did not take is sent again."""
    sent: int = 0
    """Events of the input that are stored."""
    agents: Mapping[str, int] = field(default_factory=dict[str, int])
    """Attempts that failed, by agent."""
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why the last one of them failed."""

    @property
    def events(self) -> int:
        """Events taken from all sources."""
        return sum(self.sources.values())

    @property
    def has_only_failed(self) -> bool:
        """Whether no event came through: each one is a dead letter or a report."""
        failed = self.dead + self.reports
        return 0 < self.events <= failed and sum(self.targets.values()) <= self.reports


@dataclass
class Rates:
    """How fast it goes: over the last seconds, not since the start."""

    window_s: float = 5.0
    seen: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def add(self, seconds: float, count: int) -> float:
        """Add a count of events and return events for each second."""
        self.seen = [each for each in self.seen if seconds - each[0] <= self.window_s]
        self.seen.append((seconds, count))
        first_s, first = self.seen[0]
        return (count - first) / (seconds - first_s) if seconds > first_s else 0.0


def plain_line(now: Snapshot, rate: float) -> str:
    """Return a snapshot as one line."""
    taken = ", ".join(f"{name} {count:,}" for name, count in now.sources.items())
    made = ", ".join(f"{name} {count:,}" for name, count in now.targets.items())
    words = [f"in: {taken}", f"out: {made or 'nothing'}", f"{rate:,.0f}/s"]
    words += [f"p50 {_ms(now.p50_ms)}, p99 {_ms(now.p99_ms)}", f"waiting {now.lag:,}"]
    words += [f"{count:,} {name}" for name, count in _troubles(now).items() if count]
    return f"{_clock(now.seconds)}  {' | '.join(words)}"


def summary_lines(now: Snapshot) -> list[str]:
    """Return what a finished run says."""
    seconds = max(now.seconds, 1e-9)
    taken = f"{now.events:,} events in {now.seconds:.1f} s ({now.events / seconds:,.0f}/s)"
    lines = [taken]
    if now.p50_ms is not None:
        lines.append(f"latency: p50 {_ms(now.p50_ms)}, p99 {_ms(now.p99_ms)}")
    lines += [f"{name}: {count:,}" for name, count in now.targets.items()]
    lines += [f"{name}: {count:,}" for name, count in _troubles(now).items() if count]
    return lines + [f"last failure of {text}" for text in _reasons(now)]


def _reasons(now: Snapshot) -> list[str]:
    """Return why the last attempt of each agent failed, each on one line."""
    found = {name: " ".join(now.reasons.get(name, "").split()) for name in now.agents}
    return [f"`{name}`: {text[:REASON_MAX]}" for name, text in found.items() if text]


def _troubles(now: Snapshot) -> dict[str, int]:
    failures = {f"failed attempts of `{name}`": count for name, count in now.agents.items()}
    return {
        **failures,
        "dead letters": now.dead,
        "errors reported": now.reports,
        "waiting for a person": now.parked,
        "not sent": now.refused,
        "refusals of a full store (sent again)": now.full,
    }


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02}:{rest:02}"


class Progress:
    """Shows snapshots on a stream. `show` is called often; it decides what is worth a line."""

    def __init__(
        self, stream: TextIO, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._quiet = quiet
        self._clock = clock
        self._rates = Rates()
        self._live: Live | None = None
        self._last_line = clock()
        self._is_terminal = stream.isatty() and not quiet

    def show(self, now: Snapshot) -> None:
        """Take note of a snapshot, and show it."""
        rate = self._rates.add(now.seconds, now.events)
        if self._quiet:
            return
        if self._is_terminal:
            self._draw(now, rate)
        elif self._clock() - self._last_line >= LINE_EVERY_S:
            self._last_line = self._clock()
            self.say(plain_line(now, rate))

    def say(self, text: str) -> None:
        """Write a line that stays."""
        if self._quiet:
            return
        if self._live is not None:
            self._live.console.print(text, highlight=False, markup=False)
        else:
            self._stream.write(text + "\n")
            self._stream.flush()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self, now: Snapshot, rate: float) -> None:
        if self._live is None:
            from rich.console import Console as RichConsole
            from rich.live import Live

            self._live = Live(
                console=RichConsole(file=self._stream), auto_refresh=False, transient=True
            )
            self._live.start()
        self._live.update(_table(now, rate), refresh=True)


def _table(now: Snapshot, rate: float) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, count in now.sources.items():
        table.add_row("in", f"{count:,}", name)
    for name, count in now.targets.items():
        table.add_row("out", f"{count:,}", name)
    table.add_row("rate", f"{rate:,.0f}/s", f"after {_clock(now.seconds)}")
    table.add_row("p50 / p99", f"{_ms(now.p50_ms)} / {_ms(now.p99_ms)}", "from stored to done")
    table.add_row("waiting", f"{now.lag:,}", "messages")
    for name, count in _troubles(now).items():
        if count:
            table.add_row(name, f"[yellow]{count:,}[/]", "")
    for text in _reasons(now):
        table.add_row("last failure", "", Text(text))
    return table
