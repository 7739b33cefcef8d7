"""A build is made again when something that it was made from has changed, and only then."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kumeo.tools.running import package
from kumeo.tools.running.state import StateFolder

FLOW = """import "types.kumeo"
workflow Flow {
  source: NATS("in", schema: Order)
  target: NATS("out")
  agents: [emit source.id to target]
}
"""
Build = Callable[..., int]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that builds and tells how often the compiler was asked."""
    monkeypatch.chdir(tmp_path)
    Path("types.kumeo").write_text("schema Order { id: string }\n")
    Path("flow.kumeo").write_text(FLOW)
    made: list[str] = []
    make = package.make_package

    def counted(file: str, stdin: str, passes: str, name: str | None) -> object:
        made.append(file)
        return make(file, stdin, passes, name)

    monkeypatch.setattr(package, "make_package", counted)

    def run(passes: str = "O2") -> int:
        name, found = package.build_into(StateFolder(Path("s")), "flow.kumeo", "", passes, None)
        assert (name, found) == ("Flow", [])
        return len(made)

    return run


def test_build_of_the_same_file_is_not_made_again(build: Build) -> None:
    assert [build(), build()] == [1, 1]


def test_build_of_an_edited_file_is_made_again(build: Build) -> None:
    build()
    Path("flow.kumeo").write_text(FLOW.replace("source.id", "source"))
    assert build() == 2


def test_build_after_an_edited_import_is_made_again(build: Build) -> None:
    build()
    Path("types.kumeo").write_text("schema Order { id: string  more: int? }\n")
    assert build() == 2


def test_build_with_other_passes_is_made_again(build: Build) -> None:
    build()
    assert build("O0") == 2


def test_build_whose_files_were_changed_is_made_again(build: Build) -> None:
    build()
    Path("s/Flow/build/flow/endpoints.py").write_text("")
    assert build() == 2


def test_build_of_another_version_keeps_the_one_before(build: Build) -> None:
    build()
    Path("flow.kumeo").write_text(FLOW.replace("source.id", "source"))
    build()
    (kept,) = Path("s/Flow/builds").iterdir()
    assert (kept / "flow/workflow.py").is_file()
    assert kept.name in (kept / "manifest.json").read_text()
