"""The progress of a run: plain lines for files, a table for terminals, nothing when quiet."""

import io

from kumeo.tools.running.progress import LINE_EVERY_S, Progress, Rates, Snapshot, summary_lines

NOW = Snapshot(65.0, {"orders": 1200}, {"ok": 1000, "odd": 3}, 1.25, 2500.0, 7, dead=2)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, *times: float, quiet: bool = False) -> str:
    ticks = iter([0.0, *(t for time in times for t in (time, time))])
    progress = Progress(stream, quiet=quiet, clock=lambda: next(ticks))
    for _ in times:
        progress.show(NOW)
    progress.close()
    return stream.getvalue()


def test_show_on_a_file_is_one_line_each_few_seconds() -> None:
    text = shown(io.StringIO(), LINE_EVERY_S + 1)
    assert text == (
        "01:05  in: orders 1,200 | out: ok 1,000, odd 3 | 0/s | p50 1.2 ms, p99 2.5 s"
        " | waiting 7 | 2 dead letters\n"
    )


def test_show_too_early_writes_nothing() -> None:
    assert shown(io.StringIO(), 1.0) == ""


def test_show_on_a_terminal_draws_every_count() -> None:
    text = shown(Terminal(), 1.0)
    assert all(word in text for word in ("1,200", "1,000", "odd", "2.5 s", "dead letters"))


def test_show_quiet_writes_nothing() -> None:
    assert shown(io.StringIO(), LINE_EVERY_S + 1, quiet=True) == ""
    assert shown(Terminal(), 1.0, quiet=True) == ""


def test_rates_forget_what_is_old() -> None:
    rates = Rates(window_s=5)
    assert rates.add(0, 0) == 0
    assert rates.add(1, 100) == 100
    assert rates.add(10, 100) == 0


def test_summary_names_only_troubles_that_are_there() -> None:
    assert summary_lines(NOW) == [
        "1,200 events in 65.0 s (18/s)",
        "latency: p50 1.2 ms, p99 2.5 s",
        "ok: 1,000",
        "odd: 3",
        "dead letters: 2",
    ]
