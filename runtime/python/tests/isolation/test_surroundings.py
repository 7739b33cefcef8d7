"""What isolated code prints, sees and leaves: output, environment, the end of the worker."""

import asyncio
import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from kumeo_runtime.agents import AgentError
from kumeo_runtime.values import Json

from .own_code import call, ended


def test_isolated_output_is_logged(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "kumeo.code"):
        assert call(root, "says", float) == 1.5
    said = {(record.levelname, record.getMessage()) for record in caplog.records}
    assert ("INFO", "u: stdout: hello") in said
    assert ("WARNING", "u: stderr: oh") in said


def test_isolated_big_output_is_bounded(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "kumeo.code"):
        assert call(root, "big_output", float) == 1.5
    lines = [record.getMessage() for record in caplog.records if record.name == "kumeo.code"]
    assert len(lines) == 1001
    assert lines[-1] == "u: stdout: 19001 more lines are left out"


def test_isolated_code_does_not_get_secrets(root: Path) -> None:
    environ = {**os.environ, "SHOP_KEY": "s3cret", "KUMEO_NATS_TOKEN": "t0ken"}
    found = call(root, "environment", Json, environ=environ)
    assert "s3cret" not in found.values()
    assert "t0ken" not in found.values()


@pytest.mark.parametrize("by", ["option", "variable"])
def test_isolated_code_gets_variables_that_are_named(root: Path, by: str) -> None:
    environ = {**os.environ, "SHOP_KEY": "s3cret", "OTHER_KEY": "0ther"}
    options: dict[str, Any] = {}
    if by == "option":
        options["variables"] = ("SHOP_KEY",)
    else:
        environ["KUMEO_CODE_VARIABLES"] = "SHOP_KEY, ABSENT"
    found = call(root, "environment", Json, environ=environ, **options)
    assert found["SHOP_KEY"] == "s3cret"
    assert "OTHER_KEY" not in found


def test_isolated_code_that_is_absent_stops_the_start(root: Path) -> None:
    with pytest.raises(AgentError, match="there is no `no_such_module_here`"):
        call(root, "no_such_module_here:f", float)


def test_isolated_memory_limit_that_is_no_number_stops_the_start(root: Path) -> None:
    with pytest.raises(AgentError, match="is no number of megabytes"):
        call(root, "double", float, environ={"KUMEO_CODE_MEMORY_MB": "much"})


def test_isolated_process_ends_when_the_worker_is_killed(root: Path) -> None:
    script = """
        import asyncio, sys
        from pathlib import Path
        from kumeo_runtime.agents import Resources, UserCode
        from kumeo_runtime.testing.calls import MemoryCall

        async def main():
            agent = UserCode(site="u", target="own_rules:hang", result=float, isolate=True)
            await agent.start(Resources(root=Path(sys.argv[1])))
            asyncio.ensure_future(agent(MemoryCall(), amount=1.0))
            while agent.process.pid is None:
                await asyncio.sleep(0.01)
            print(agent.process.pid, flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        worker.kill()
    assert asyncio.run(ended(pid))
