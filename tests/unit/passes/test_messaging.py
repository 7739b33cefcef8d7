"""Programs do the same at the level of messages: they are turned back into stages and compared."""

from io import StringIO
from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, Region
from xdsl.rewriter import InsertPoint, Rewriter

from kumeo.analysis.levels import set_level
from kumeo.analysis.messaging import MessagingGraph, answers_of, messaging_graphs
from kumeo.analysis.verify import verify_module
from kumeo.dialects.agent import INLINE, StageOp
from kumeo.dialects.facts import own_facts
from kumeo.dialects.messaging import HandlerOp, JournalOp, PermissionOp, ServiceOp
from kumeo.dialects.registry import make_context
from kumeo.dialects.syntax import symbol_array
from kumeo.interp.oracle import compare
from kumeo.passes.pipelines import LOWERINGS
from kumeo.passes.registry import load_pass
from kumeo.testing.generator import random_module
from kumeo.testing.programs import kumeo_opt

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.kumeo"))
SEEDS = range(10)
LEVELS = ("O0", "O2")


def lowered(module: ModuleOp, level: str) -> ModuleOp:
    after = module.clone()
    for name in LOWERINGS["messaging"][level]:
        load_pass(name)().apply(make_context(), after)
    return after


def back_to_stages(module: ModuleOp) -> ModuleOp:
    """Return stages that go the ways of services; each service has its own copies of steps."""
    after = module.clone()
    for journal in [op for op in after.walk() if isinstance(op, JournalOp)]:
        agent, end = journal.body.block.ops
        end.detach()
        agent.detach()
        Rewriter.replace_op(journal, agent)
    for graph in messaging_graphs(after):
        stages = [stage for service in graph.services for stage in stages_of(service, graph)]
        Rewriter.insert_op(stages, InsertPoint.at_end(graph.workflow.body.block))
        for op in (*graph.services, *graph.streams, *graph.edges.values()):
            op.detach()
    set_level(after, "stages")
    return after


def stages_of(service: ServiceOp, graph: MessagingGraph) -> list[StageOp]:
    home = service.service_name.data
    found: list[StageOp] = []
    for body in (*service.handlers, *service.steps.values()):
        end = body.end
        end.targets = symbol_array(
            [
                f"{home}/{e.target}" if e.mode == INLINE else str(e.target)
                for e in end.edges
                if e.target is not None
            ]
        )
        found.append(stage_of(body, home, graph))
    return found


def stage_of(body: Operation, home: str, graph: MessagingGraph) -> StageOp:
    region = Region()
    body.regions[0].clone_into(region)
    if not isinstance(body, HandlerOp):
        return StageOp(f"{home}/{body.properties['sym_name'].data}", region)  # pyright: ignore
    edge = graph.edge_of(body)
    if edge is not None:
        return StageOp(edge.symbol, region)
    return StageOp(f"entry {body.handler_name.data}", region, body.read_names, body.on_error_name)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_lowering_random_module_keeps_the_meaning(seed: int, level: str) -> None:
    before = random_module(seed=500 + seed, size=18)
    after = lowered(before, level)
    assert verify_module(after) == []
    assert compare(before, back_to_stages(after), events=5, seed=seed) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_lowering_random_module_records_what_is_not_deterministic(seed: int) -> None:
    after = lowered(random_module(seed=500 + seed, size=18), "O2")
    brought = {agent for graph in messaging_graphs(after) for agent in answers_of(graph)}
    for op in after.walk():
        if "site" in op.properties and "id" in op.properties and not own_facts(op).deterministic:
            assert (op in brought) != isinstance(op.parent_op(), JournalOp)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_lowering_example_verifies(file: Path, level: str) -> None:
    errors = StringIO()
    arguments = [str(file), f"-{level}", "--level", "messaging", "-o", "/dev/null"]
    code = kumeo_opt(arguments, "", StringIO(), errors)
    assert (code, errors.getvalue()) == (0, "")


def test_services_of_one_workflow_do_not_share_an_inbox() -> None:
    after = lowered(random_module(seed=503, size=18), "O0")
    found = [
        inbox
        for op in after.walk()
        if isinstance(op, PermissionOp)
        for inbox in op.texts("subscribe")
    ]
    assert len(found) == len(set(found)) > 1
