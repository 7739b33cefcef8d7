"""When a timer ticks: every so often, or by a cron expression. All times are UTC microseconds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from kumeo_runtime.engine.shared import EngineError

SHORTEST_US = 100_000
DAY_US = 86_400_000_000
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_DAYS = 366 * 8


class Schedule(Protocol):
    """Moments that follow from the schedule alone: every process finds the same ones."""

    def after(self, us: int) -> int:
        """Return the first tick behind a moment."""
        ...

    def latest(self, us: int) -> int:
        """Return the last tick up to a moment; it may look back for a day only."""
        ...


class Every:
    """Multiples of an interval since 1970."""

    def __init__(self, interval_us: int) -> None:
        self._interval = interval_us

    def after(self, us: int) -> int:
        """Return the first tick behind a moment."""
        return (us // self._interval + 1) * self._interval

    def latest(self, us: int) -> int:
        """Return the last tick up to a moment."""
        return us // self._interval * self._interval


class Cron:
    """Five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday).

    A field is `*`, a number, `a-b`, one of these with `/step`, or several with commas. When both
    days are restricted, either is enough, as cron has it.
    """

    def __init__(self, text: str) -> None:
        fields = text.split()
        if len(fields) != len(_FIELDS):
            raise ValueError(f"it has {len(fields)} fields instead of 5")
        pairs = zip(fields, _FIELDS, strict=True)
        parsed = [_numbers(field, *limits) for field, limits in pairs]
        self._minutes, self._hours, self._days, self._months, weekdays = parsed
        self._weekdays = {day % 7 for day in weekdays}
        self._either = fields[2] != "*" and fields[4] != "*"
        if self.after(0) < 0:
            raise ValueError("it never ticks")

    def after(self, us: int) -> int:
        """Return the first tick behind a moment; -1 when there is none for years."""
        when = _EPOCH + timedelta(microseconds=us)
        when = when.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for _ in range(_LONGEST_DAYS):
            if self._is_day(when):
                found = self._in_day(when)
                if found is not None:
                    return (found - _EPOCH) // timedelta(microseconds=1)
            when = when.replace(hour=0, minute=0) + timedelta(days=1)
        return -1

    def latest(self, us: int) -> int:
        """Return the last tick up to a moment, at most a day back; 0 when there is none."""
        found, tick = 0, self.after(max(0, us - DAY_US))
        while 0 <= tick <= us:
            found, tick = tick, self.after(tick)
        return found

    def _is_day(self, when: datetime) -> bool:
        if when.month not in self._months:
            return False
        is_day = when.day in self._days
        is_weekday = when.isoweekday() % 7 in self._weekdays
        return is_day or is_weekday if self._either else is_day and is_weekday

    def _in_day(self, when: datetime) -> datetime | None:
        for hour in sorted(h for h in self._hours if h >= when.hour):
            first = when.minute if hour == when.hour else 0
            minutes = [m for m in self._minutes if m >= first]
            if minutes:
                return when.replace(hour=hour, minute=min(minutes))
        return None


def _numbers(field: str, name: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("", "", "") if span == "*" else span.partition("-")
        try:
            start = int(first) if first else low
            stop = int(last) if last else (high if step or span == "*" else start)
            width = int(step) if step else 1
        except ValueError:
            raise ValueError(f"`{part}` is no {name}") from None
        if not (low <= start <= stop <= high and width >= 1):
            raise ValueError(f"`{part}` is no {name} from {low} to {high}")
        found.update(range(start, stop + 1, width))
    return found


def schedule_of(name: str, settings: Mapping[str, Any], address: str = "") -> Schedule:
    """Return the schedule of a timer. Raises: EngineError."""
    cron, every = settings.get("cron"), settings.get("every")
    try:
        if cron:
            return Cron(str(cron))
        if isinstance(every, int) and every >= SHORTEST_US:
            return Every(every)
    except ValueError as error:
        problem = f"timer `{name}`: `{cron}` is no cron expression: {error}"
        raise EngineError("invalid-setting", problem, 'write for instance "*/5 * * * *"') from None
    problem = f"timer `{name}` has no interval of at least 0.1 seconds"
    raise EngineError("invalid-setting", problem, "write for instance `every: 10s`")
