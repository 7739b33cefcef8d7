"""CPU time of child processes and of functions, and how it grows with size."""

import math
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")


class Cost(NamedTuple):
    """What one process took."""

    cpu_s: float
    """User and system time, of its own children too."""
    memory_mb: float
    """The most memory that was resident at once."""
    output: str


def run_child(command: Sequence[str], accept: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end and return what it cost.

    Raises: RuntimeError if its exit code is not one of `accept`.
    """
    # Compiled modules are kept between runs, as on a user's machine.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    ) as child:
        assert child.stdout is not None, "a pipe was asked for"
        output = child.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accept:
        raise RuntimeError(f"{' '.join(command)} gave {child.returncode}:\n{output}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def best_children(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Cost]:
    """Return the cheapest run of each command; the commands take turns, so load hits all alike."""
    best: dict[str, Cost] = {}
    for _ in range(runs):
        for name, command in commands.items():
            cost = run_child(command)
            best[name] = min(best.get(name, cost), cost)
    return best


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the CPU seconds of one call in this process, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def growth_exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Return b of the least-squares line log(cost) = a + b log(size): 1 is linear growth."""
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    above = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    return above / sum((x - x_mean) ** 2 for x in xs)
