"""Code of a user for the tests, and calls of it in a process of its own."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from kumeo_runtime.agents import Resources, UserCode
from kumeo_runtime.testing.calls import MemoryCall

CODE = """
import asyncio, ctypes, os, subprocess, sys, time
from pathlib import Path
from kumeo_runtime.agents import BaseAgent
from kumeo_runtime.values import Failure

def double(amount): return amount * 2
async def later(amount):
    await asyncio.sleep(0.01)
    return amount
def pid(amount): return os.getpid()
def parts(order):
    return {"name": type(order).__name__, "sku": order.lines[0].sku, "when": order.when,
            "lasts": order.lasts, "body": order.body, "none": order.none}
def inner(amount): raise ValueError(f"no {amount}")
def broken(amount):
    return inner(amount)
def silent(amount): raise KeyError
def refused(amount): return Failure("too-small", "it is too small")
def gone(amount): os._exit(7)
def left(amount): sys.exit(3)
def closed(amount): raise GeneratorExit
async def gives_up(amount):
    task = asyncio.ensure_future(asyncio.sleep(60)); task.cancel()
    return await task
def fallen(amount): ctypes.string_at(0)
def hang(amount):
    while True: pass
async def deaf(amount):
    while True:
        try: await asyncio.sleep(60)
        except asyncio.CancelledError: pass
async def naps(amount):
    if amount > 1: await asyncio.sleep(60)
    return os.getpid()
def big_output(amount):
    for _ in range(20000): print("x" * 100)
    sys.stdout.write("y" * 3_000_000)
    return amount
def says(amount):
    print("hello"); print("oh", file=sys.stderr)
    return amount
def big_result(amount): return "x" * (70 * 2**20)
def large_result(amount): return "x" * (8 * 2**20)
def nothing(amount): return object()
def function(amount): return lambda: 1
def itself(amount):
    found = []; found.append(found); return found
def huge(amount): return 2 ** 70
def greedy(amount): return len(bytearray(800 * 2**20))
def environment(amount): return dict(os.environ)
def lies(amount):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try: fd < 3 or os.write(fd, b"\\xff" * 64)
        except OSError: pass
    time.sleep(60)
def child(amount):
    return subprocess.Popen(["sleep", "60"]).pid
def slow_then_pid(amount):
    time.sleep(0.2)
    return os.getpid()
class Counter(BaseAgent):
    async def on_start(self, resources): self.count = 100; self.root = resources.root
    async def on_event(self, amount): self.count += 1; return self.count
    async def on_stop(self): (self.root / "stopped").write_text("yes")
class NoStart(BaseAgent):
    async def on_start(self, resources): raise RuntimeError("no file")
class NoAgent: pass
"""


Steps = Callable[[UserCode[Any]], Awaitable[Any]]


def use(
    root: Path,
    name: str,
    result: Any,
    steps: Steps,
    environ: Mapping[str, str] | None = None,
    **options: Any,
) -> Any:
    """Start an agent in a process of its own, do the steps, stop it."""
    target = name if ":" in name else f"own_rules:{name}"
    agent: UserCode[Any] = UserCode(site="u", target=target, result=result, isolate=True, **options)
    given = os.environ if environ is None else environ

    async def run() -> Any:
        await agent.start(Resources(root=root, environ=given))
        try:
            return await steps(agent)
        finally:
            await agent.stop()

    return asyncio.run(run())


def call(root: Path, name: str, result: Any, value: Any = 1.5, **options: Any) -> Any:
    """Make one call."""
    return use(root, name, result, lambda agent: agent(MemoryCall(), amount=value), **options)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def ended(pid: int) -> bool:
    """Wait until a process has ended."""
    for _ in range(500):
        if not is_alive(pid):
            return True
        await asyncio.sleep(0.01)
    return False
