"""What the numbers were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe_machine() -> dict[str, str]:
    """Return the processor, its cores, the load, and the versions that matter, as text."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "system": platform.platform(),
        "load": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
        "versions": f"python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("xdsl", "kumeo")),
    }


def processor() -> str:
    """Return the name of the processor; the architecture where it is not told."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()
