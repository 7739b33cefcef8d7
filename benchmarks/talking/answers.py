"""How many malformed answers of language models are read, and how fast.

    python -m benchmarks answers

The corpus is `runtime/conformance/answers`: answers that say a value, and answers that say none.
The peers are strict JSON, and `json-repair` with the same strict check of the type behind it. A
value counts as wrong when it is not the one that the corpus names, or when there should be none.
"""

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from json_repair import loads
from kumeo_runtime.answers import read_answer
from kumeo_runtime.decoding import from_json
from kumeo_runtime.testing.answers import Case, cases
from kumeo_runtime.values import Failure, json_decoder
from kumeo_runtime.writing import to_json

from benchmarks.tables import Options, Table

FOLDER = Path(__file__).parents[2] / "runtime" / "conformance" / "answers"
GOAL = 95.0
NONE = object()


def ours(case: Case) -> Any:
    """Return the JSON data of the value that Kumeo reads, or `NONE`."""
    found = read_answer(case.text, case.type)
    return NONE if isinstance(found, Failure) else to_json(found.value, case.type)


def repaired(case: Case) -> Any:
    """Return what `json-repair` gives, if it passes the strict check of the type."""
    try:
        data: Any = loads(case.text)
    except (ValueError, RecursionError):
        return NONE
    value = from_json(data, case.type)
    return NONE if isinstance(value, Failure) else to_json(value, case.type)


def strict(case: Case) -> Any:
    """Return what is proper JSON of the type."""
    value = json_decoder(case.type).decode(case.text.encode())
    return NONE if isinstance(value, Failure) else to_json(value, case.type)


def measure(options: Options) -> Table:
    """Return how many answers each reader reads, and how many it reads wrong."""
    read = [case for case in cases(FOLDER, "read") if case.type is not str]
    refused = [case for case in cases(FOLDER, "refused") if case.type is not str]
    name = f"json-repair {version('json_repair')} and check"
    readers = {"Kumeo": ours, name: repaired, "strict JSON": strict}
    rows = [_row(name, reader, read, refused, options) for name, reader in readers.items()]
    accepted, wrong = rows[0][1], rows[0][3]
    verdict = "met" if float(accepted) >= GOAL and not wrong else "missed"
    return Table(
        f"answers: {len(read)} malformed answers that say a value, {len(refused)} that say none",
        ("reader", "right %", "refused %", "wrong values", "median us"),
        rows,
        (f"goal: at least {GOAL:g} % right and no wrong value: {verdict}",),
    )


def _row(
    name: str,
    reader: Callable[[Case], Any],
    read: list[Case],
    refused: list[Case],
    options: Options,
) -> list[str | float]:
    found = [(reader(case), case.value) for case in read]
    right = sum(data is not NONE and data == value for data, value in found)
    kept = sum(reader(case) is NONE for case in refused)
    wrong = sum(data is not NONE and data != value for data, value in found)
    wrong += len(refused) - kept
    times = sorted(_time_us(reader, case, options) for case in read)
    percent = [100 * right / len(read), 100 * kept / len(refused)]
    return [name, *percent, wrong, times[len(times) // 2]]


def _time_us(reader: Callable[[Case], Any], case: Case, options: Options) -> float:
    best = float("inf")
    for _ in range(options.best_of):
        begun = time.perf_counter()
        reader(case)
        best = min(best, time.perf_counter() - begun)
    return best * 1e6
