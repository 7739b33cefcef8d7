"""A tool that leaves a mark for each run, where KUMEO_CRASH_TOOL says."""

import os
from pathlib import Path


def stock(n: int) -> int:
    """Return a number, and write down that it was asked for."""
    with Path(os.environ["KUMEO_CRASH_TOOL"]).open("a", encoding="utf-8") as file:
        file.write(f"{n}\n")
    return n * 2
