"""Knowledge bases that rank by meaning: a real model file, a real tokenizer."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import tokenizers
from kumeo_runtime.agents import AgentError, KnowledgeBase, Resources
from kumeo_runtime.testing.calls import MemoryCall
from kumeo_runtime.values import Record
from onnx import TensorProto, helper, numpy_helper

WORDS = ("[PAD]", "[UNK]", "car", "auto", "engine", "cake", "bread", "the")
MEANING = [[0, 0], [0, 0], [1, 0], [0.9, 0.1], [0.8, 0], [0, 1], [0.1, 0.9], [0.01, 0.01]]


class Passage(Record):
    text: str
    source: str
    score: float


def model(*, per_token: bool = True, name: str = "input_ids") -> bytes:
    """Return an encoder that looks up a vector for each word."""
    ids = helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "n"])
    shape = ["b", "n", 2] if per_token else ["b", 2]
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)
    table = numpy_helper.from_array(np.array(MEANING, np.float32), "table")
    nodes = [helper.make_node("Gather", ["table", name], ["found" if not per_token else "out"])]
    if not per_token:
        axis = numpy_helper.from_array(np.array([1], np.int64), "axis")
        nodes.append(helper.make_node("ReduceSum", ["found", "axis"], ["out"], keepdims=0))
        graph = helper.make_graph(nodes, "g", [ids], [out], [table, axis])
    else:
        graph = helper.make_graph(nodes, "g", [ids], [out], [table])
    opset = [helper.make_opsetid("", 17)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=9)
    checker: Any = onnx.checker
    checker.check_model(made)
    return made.SerializeToString()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    words = {word: place for place, word in enumerate(WORDS)}
    tokens = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokens.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokens.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "encoder.onnx").write_bytes(model())
    (tmp_path / "a.md").write_text("the cake\n\nthe auto engine")
    return tmp_path


def ask(root: Path, query: str, **settings: Any) -> list[Passage]:
    agent: KnowledgeBase[Any] = KnowledgeBase(
        site="k",
        path="*.md",
        result=list[Passage],
        settings={"embedder": "encoder.onnx", "chunk": 16, **settings},
    )

    async def run() -> Any:
        await agent.start(Resources(root=root))
        return await agent(MemoryCall(), query=query)

    return asyncio.run(run())


def test_query_finds_the_nearest_meaning_without_a_common_word(root: Path) -> None:
    found = ask(root, "car")
    assert [p.text for p in found] == ["the auto engine", "the cake"]
    assert found[0].source == "a.md"
    assert found[0].score == pytest.approx(0.998, abs=0.01)


def test_scores_are_cosines_so_padding_of_shorter_texts_does_not_count(root: Path) -> None:
    (root / "a.md").write_text("car\n\n" + "car " * 8)
    assert [round(p.score, 5) for p in ask(root, "car", chunk=10)][:2] == [1.0, 1.0]


def test_a_model_with_one_vector_for_a_text_works(root: Path) -> None:
    (root / "encoder.onnx").write_bytes(model(per_token=False))
    assert ask(root, "car", top=1)[0].text == "the auto engine"


def test_vectors_are_kept_and_belong_to_the_texts(root: Path) -> None:
    ask(root, "car")
    (kept,) = (root / ".kumeo" / "embeddings").iterdir()
    np.save(kept, np.array([[1, 0], [0, 1]], np.float32))
    assert ask(root, "car")[0].text == "the cake"
    (root / "a.md").write_text("the bread\n\nthe auto engine")
    assert ask(root, "car")[0].text == "the auto engine"


@pytest.mark.parametrize("missing", ["encoder.onnx", "tokenizer.json"])
def test_a_missing_file_is_told_with_its_name(root: Path, missing: str) -> None:
    (root / missing).unlink()
    with pytest.raises(AgentError, match=missing) as error:
        ask(root, "car")
    assert error.value.code == "files-missing"


def test_a_broken_tokenizer_is_told(root: Path) -> None:
    (root / "tokenizer.json").write_text("{}")
    with pytest.raises(AgentError, match="the tokenizer beside"):
        ask(root, "car")


def test_a_model_of_another_kind_is_refused(root: Path) -> None:
    (root / "encoder.onnx").write_bytes(model(name="pixels"))
    with pytest.raises(AgentError, match="input `pixels`"):
        ask(root, "car")


def test_folder_that_cannot_be_written_is_no_fault(root: Path) -> None:
    (root / ".kumeo").write_text("a file where the folder would be")
    assert ask(root, "car", top=1)[0].text == "the auto engine"
