"""`kumeo fake-models`: commands that ask it, what it tells, and what it refuses."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from kumeo_runtime.testing.fake_models import read_script

from kumeo.tools.commands.fake_models import command

ASK = """
import os, sys, httpx
body = {"model": "llama3", "messages": [{"role": "user", "content": sys.argv[2]}], "stream": False}
path = "/api/chat" if "OLLAMA" in sys.argv[1] else "/chat/completions"
print(httpx.post(os.environ[sys.argv[1]] + path, json=body).text, file=open("said", "a"))
"""
RULES = {"rules": [{"prompt": "bill", "answers": ["one", "two"]}, {"model": "x", "answers": ["3"]}]}
MANUAL = Path(__file__).parents[4] / "docs" / "kumeo.md"


@pytest.fixture
def ask(kumeo: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    (folder / "ask.py").write_text(ASK)
    (folder / "answers.json").write_text(json.dumps(RULES))

    def run(*arguments: str, options: tuple[str, ...] = ()) -> Any:
        program = ("--", sys.executable, "ask.py", *arguments)
        return kumeo("fake-models", "answers.json", *options, *program)

    return run


@pytest.mark.parametrize("name", ["KUMEO_OLLAMA_URL", "KUMEO_OPENAI_URL"])
def test_command_asks_the_server_in_its_environment(ask: Any, folder: Path, name: str) -> None:
    assert ask(name, "my bill").code == 0
    assert '"content":"one"' in (folder / "said").read_text()


def test_provider_gets_a_variable_of_its_own(ask: Any, folder: Path) -> None:
    ask("KUMEO_MY_AI_URL", "my bill", options=("--provider", "my-ai"))
    assert '"content":"one"' in (folder / "said").read_text()


def test_requests_and_unused_rules_are_told(ask: Any) -> None:
    told = ask("KUMEO_OLLAMA_URL", "my \n bill").err.splitlines()
    assert re.fullmatch(r"llama3: rule 0, 200, \d+ ms: my bill", told[0])
    assert told[1:] == ["rule 1 has answered nothing"]


def test_quiet_tells_nothing(ask: Any) -> None:
    assert ask("KUMEO_OLLAMA_URL", "my bill", options=("-q",)).err == ""


def test_question_without_a_rule_is_refused(ask: Any, folder: Path) -> None:
    assert "llama3: no rule, 400, " in ask("KUMEO_OLLAMA_URL", "else").err
    assert "no rule of the script fits" in (folder / "said").read_text()


def test_server_without_a_command_runs_until_it_is_interrupted(folder: Path) -> None:
    (folder / "answers.json").write_text('{"rules": [{"answers": ["Hi."]}]}')
    tool = (sys.executable, "-c", "from kumeo.tools.kumeo import main; main()")
    with subprocess.Popen(
        [*tool, "fake-models", "answers.json", "-q"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(2)]
        urls = dict(line.removeprefix("export ").split("=") for line in lines)
        found = httpx.get(f"{urls['KUMEO_OPENAI_URL']}/models").json()
        tags = httpx.get(f"{urls['KUMEO_OLLAMA_URL']}/api/tags").json()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert (found["object"], len(tags["models"])) == ("list", 1)


def test_exit_code_is_that_of_the_command(kumeo: Callable[..., Any], folder: Path) -> None:
    program = (sys.executable, "-c", "raise SystemExit(7)")
    assert kumeo("fake-models", "-", "--", *program, stdin="{}").code == 7


def test_command_that_does_not_exist_is_wrong_usage(kumeo: Callable[..., Any]) -> None:
    result = kumeo("fake-models", "-", "--", "no-such-program", stdin="{}")
    assert (result.code, "`no-such-program` cannot be run" in result.err) == (2, True)


def test_file_that_does_not_exist_is_wrong_usage(kumeo: Callable[..., Any], folder: Path) -> None:
    result = kumeo("fake-models", "nothing.json")
    assert (result.code, "error[cannot-read]" in result.err) == (2, True)


def test_port_of_another_program_is_refused(kumeo: Callable[..., Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = kumeo("fake-models", "-", "--port", str(port), stdin="{}")
    assert (result.code, "error[port-in-use]" in result.err) == (1, True)


def test_malformed_answers_are_shown_with_their_line(
    kumeo: Callable[..., Any],
) -> None:
    result = kumeo("fake-models", "-", stdin='{\n  "rules": [}\n}')
    assert "--> <stdin>:2:13" in result.err


def test_script_in_the_help_is_a_script() -> None:
    text = re.search(r"\n  \{.*?\n  \}\n", command.help or "", re.DOTALL)
    assert text is not None
    assert len(read_script(text[0].encode()).rules) == 3


def test_script_in_the_manual_is_a_script() -> None:
    text = re.search(r"```json answers.json\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    assert text is not None
    assert read_script(text[1].encode()).otherwise == "guess"
