"""`kumeo-opt`: passes and output forms get modules of the levels at which they work."""

from collections.abc import Callable
from typing import Any

import pytest

from kumeo.passes.levels import levels_read
from kumeo.passes.registry import PASSES

Opt = Callable[..., Any]

BODY = "workflow.on @s (%x: f64) { workflow.return }"
STAGE = "agent.stage @on.s (%x: f64) entry [@s] { agent.done }"
TEXT = """builtin.module attributes {{kumeo.level = "{level}"}} {{
  workflow.workflow @W {{
    workflow.source @s nats("a") : f64
    {body}
  }}
}}
"""
MODULES = {
    "workflow": TEXT.format(level="workflow", body=BODY),
    "stages": TEXT.format(level="stages", body=STAGE),
}
OPTIONS = {"cascade-llm": '{cheap="a/b" dear="c/d"}'}
CASES = [
    (level, name)
    for level in MODULES
    for name in sorted(PASSES)
    if levels_read(PASSES[name]()) and level not in levels_read(PASSES[name]())
]


@pytest.mark.parametrize(("level", "name"), CASES)
def test_pass_at_another_level_is_refused(opt: Opt, level: str, name: str) -> None:
    ran = opt("-p", name + OPTIONS.get(name, ""), stdin=MODULES[level])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error[wrong-level]: pass `{name}` works at the level")
    assert f"the module is at the level `{level}`" in ran.err


def test_passes_of_each_level_are_refused_at_the_other() -> None:
    assert {"push-guards", "split-stages", "check-cost"} <= {n for at, n in CASES if at == "stages"}
    refused = {n for at, n in CASES if at == "workflow"}
    assert {"agent-fuse", "place-services", "convert-to-messaging", "size-streams"} <= refused
    assert not {"cse", "split-stages"} & refused


def test_anchored_pass_at_another_level_is_refused(opt: Opt) -> None:
    ran = opt("-p", "workflow.workflow(push-guards)", stdin=MODULES["stages"])
    assert ran.code == 1
    assert ran.err.startswith("error[wrong-level]: pass `push-guards`")


def test_pipeline_of_the_wrong_level_is_refused_before_it_runs(opt: Opt) -> None:
    pipeline = "split-stages,check-cost"
    ran = opt("-p", pipeline, "--print-ir-after-all", stdin=MODULES["workflow"])
    assert ran.err.startswith("error[wrong-level]: pass `check-cost`")
    assert "help: run it before `split-stages`" in ran.err


def test_module_that_names_no_level_shows_it_by_its_ops(opt: Opt) -> None:
    text = MODULES["stages"].replace(' attributes {kumeo.level = "stages"}', "")
    assert opt("-p", "check-joins", stdin=text).err.startswith("error[wrong-level]")


@pytest.mark.usefixtures("good_plugin")
def test_target_that_reads_stages_refuses_a_workflow(opt: Opt) -> None:
    ran = opt("-t", "toy-services", stdin=MODULES["workflow"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error[wrong-level]: target `toy-services` works at the level `stag")
    assert "help: run `split-stages` before it" in ran.err


@pytest.mark.usefixtures("good_plugin")
def test_target_that_reads_stages_gets_them(opt: Opt) -> None:
    ran = opt("-p", "split-stages", "-t", "toy-services", stdin=MODULES["workflow"])
    assert (ran.code, ran.out) == (0, "1 ops\n")


@pytest.mark.usefixtures("good_plugin")
def test_target_behind_a_pass_that_hides_a_change_of_level_refuses(opt: Opt) -> None:
    text = 'builtin.module attributes {kumeo.level = "stages"} {}'
    ran = opt("-p", "toy-raise", "-t", "toy-services", stdin=text)
    assert ran.err.startswith("error[wrong-level]: target `toy-services`")


@pytest.mark.parametrize("target", ["dot", "json"])
@pytest.mark.parametrize("level", sorted(MODULES))
def test_general_target_writes_every_level(opt: Opt, target: str, level: str) -> None:
    assert opt("-t", target, stdin=MODULES[level]).code == 0


def test_unknown_level_in_a_pipeline_names_the_nearest(opt: Opt) -> None:
    ran = opt("-p", "verify-level{level=stagez}", stdin="builtin.module {}")
    assert "there is no such level, write `stages`" in ran.err
