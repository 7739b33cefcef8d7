"""What a trained model is made of: an ONNX graph, or a scikit-learn model in a skops file.

Nothing in the file is executed: the graph is counted, and a scikit-learn model is read as the
plain data that the compiler would use.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kumeo.backends.explain.view import Explanation, Section, Value, count_of
from kumeo.backends.python.errors import Unprintable
from kumeo.backends.python.estimators import estimator_as_onnx
from kumeo.diagnostics import Diagnostic
from kumeo.frontend.elaborate.display import display
from kumeo.frontend.errors.files import FileDiagnostic
from kumeo.frontend.signatures import ModelSignature, TensorSpec
from kumeo.models.importing import ImportedModel, import_model
from kumeo.models.recipe import Affine, Branches, Check, Linear, Recipe, Step, Trees

if TYPE_CHECKING:
    import onnx

Facts = tuple[tuple[str, Value], ...]
FEATURES_MAX = 40
_STEP_WORDS = {
    "Clip": "keep every number between two bounds",
    "Pick": "keep some columns",
    "Impute": "fill in missing numbers",
    "Encode": "turn categories into numbers",
    "Check": "refuse rows with unusual numbers",
}
_LINKS = {
    "value": "the raw number",
    "exp": "e to the power of the raw number",
    "sign": "the second class where the raw number is above zero",
    "argmax": "the class with the largest raw number",
    "logistic": "p = 1 / (1 + e^-raw)",
    "ovr": "p = 1 / (1 + e^-raw) for each class, divided by their sum",
    "softmax": "softmax of the raw numbers",
    "huber": "p = (clip(raw, -1, 1) + 1) / 2",
    "mean": "the mean of the trees' probabilities",
    "isolation": "score = offset - 2^-raw; an outlier where it is below zero",
}


def explain_sklearn(signature: ModelSignature, data: bytes, title: str) -> Explanation:
    """Return the explanation of a scikit-learn model."""
    found = import_model(data, "sklearn", title)
    recipe = None if isinstance(found, Diagnostic) else found.content
    facts: Facts = (
        ("size", f"{len(data):,} bytes"),
        *_shared_facts(signature),
        ("at -O2", _conversion_fault(found, data, title) or _verdict(found)),
    )
    if not isinstance(recipe, Recipe):
        return Explanation(title, "scikit-learn model", facts, _ends(signature))
    facts = (*facts, *_head_facts(recipe))
    sections = [*_ends(signature), _steps(recipe)]
    if all(isinstance(step, Affine | Check) for step in recipe.steps):
        sections.append(_features(signature, recipe))
    return Explanation(title, "scikit-learn model", facts, tuple(sections))


def _conversion_fault(found: ImportedModel | Diagnostic, data: bytes, title: str) -> str | None:
    """Return why a model that the compiler does not take cannot run by itself either, or None."""
    if not isinstance(found, Diagnostic):
        return None
    try:
        estimator_as_onnx(title, data)
    except Unprintable as refused:
        reason = refused.diagnostic
        assert isinstance(reason, FileDiagnostic), "the conversion tells of its file"
        return f"cannot be built: {reason.reason}"
    return None


def _verdict(found: ImportedModel | Diagnostic) -> str:
    """Return how the compiler takes a model, or why it does not."""
    if isinstance(found, FileDiagnostic):
        return f"runs by itself: {found.reason}"
    if isinstance(found, Diagnostic):
        return f"runs by itself: {found.headline}"
    return "one op of a graph, as it is" if found.is_opaque else "compiled to ops of a graph"


def _shared_facts(signature: ModelSignature) -> Iterator[tuple[str, Value]]:
    yield "result", display(signature.result)
    if signature.features is not None:
        yield "features", signature.features
    if signature.classes:
        yield "classes", ", ".join(str(name) for name in signature.classes)


def _ends(signature: ModelSignature) -> tuple[Section, ...]:
    columns = ("name", "element", "shape")
    inputs = tuple(_tensor(spec) for spec in signature.inputs)
    outputs = tuple(_tensor(spec) for spec in signature.outputs)
    return (
        Section("inputs", "inputs", columns, inputs),
        Section("outputs", "outputs", columns, outputs),
    )


def _tensor(spec: TensorSpec) -> tuple[str, str, str]:
    if spec.shape is None:
        return spec.name, spec.element, "unknown"
    sizes = ", ".join("?" if size is None else str(size) for size in spec.shape)
    return spec.name, spec.element, f"[{sizes}]"


def _head_facts(recipe: Recipe) -> Iterator[tuple[str, Value]]:
    head = recipe.head
    if isinstance(head, Linear):
        yield "form", "linear"
        yield "weights", int(head.weights.size)
        return
    forest = head.forest
    leaves = int(np.count_nonzero(forest.yes < 0))
    yield "form", "trees"
    yield "trees", len(forest.roots)
    yield "nodes", f"{len(forest.yes):,}, of them {leaves:,} leaves"
    yield "features read", f"{len(forest.features_read)} of {recipe.features}"
    yield "compares in", "float32" if head.is_narrow else "float64"


def _steps(recipe: Recipe) -> Section:
    is_trees = isinstance(recipe.head, Trees)
    rows = [(i, _step_text(step)) for i, step in enumerate(recipe.steps, 1)]
    head = "sum of trees" if is_trees else "linear: x times weights plus bias"
    rows += [(len(rows) + 1, head), (len(rows) + 2, _LINKS[recipe.link])]
    is_scaled = any(isinstance(step, Affine) for step in recipe.steps)
    where = "thresholds" if is_trees else "weights"
    notes = (f"-O2 folds the scaling into the {where} where that is exact",) if is_scaled else ()
    return Section("steps", "what it computes", ("no", "step"), tuple(rows), notes)


def _step_text(step: Step) -> str:
    if isinstance(step, Affine):
        words = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide"}
        return f"scale: {words[step.op]}, column by column"
    if isinstance(step, Branches):
        return f"{count_of(len(step.parts), 'branch', 'branches')} side by side"
    return _STEP_WORDS[type(step).__name__]


def _features(signature: ModelSignature, recipe: Recipe) -> Section:
    names = signature.feature_names or tuple(str(i) for i in range(recipe.features))
    head = recipe.head
    if isinstance(head, Linear):
        columns = ("feature", "largest weight")
        weights = [float(row[np.argmax(np.abs(row))]) for row in head.weights]
        pairs = sorted(zip(names, weights, strict=True), key=lambda pair: -abs(pair[1]))
        note = "weights of the scaled features, the most important first"
    else:
        columns = ("feature", "nodes that compare it")
        inner = head.forest.feature[head.forest.yes >= 0]
        counts = np.bincount(inner, minlength=recipe.features).tolist()
        pairs = sorted(zip(names, counts, strict=True), key=lambda pair: -pair[1])
        note = "how often trees ask for it; a feature that none asks for need not be computed"
    notes = [note]
    if len(pairs) > FEATURES_MAX:
        notes.append(f"the first {FEATURES_MAX} of {len(pairs)}")
    return Section("features", "features", columns, tuple(pairs[:FEATURES_MAX]), tuple(notes))


def explain_onnx(signature: ModelSignature, data: bytes, title: str) -> Explanation:
    """Return the explanation of an ONNX model that could be read."""
    import onnx

    model = onnx.load_model_from_string(data)
    nodes = list(_nodes(model.graph))
    opsets = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
    weights = sum(int(np.prod(t.dims)) for t in model.graph.initializer)
    facts: Facts = (
        ("size", f"{len(data):,} bytes"),
        *_shared_facts(signature),
        ("at -O2", _verdict(import_model(data, "onnx", title))),
        ("nodes", len(nodes)),
        ("numbers in weights", weights),
        *_tree_facts(nodes),
        ("opsets", opsets),
        ("made by", f"{model.producer_name} {model.producer_version}".strip() or "not told"),
    )
    return Explanation(title, "ONNX model", facts, (*_ends(signature), _ops(nodes)))


def _nodes(graph: "onnx.GraphProto") -> Iterator["onnx.NodeProto"]:
    """Yield the nodes of a graph and of the graphs inside it."""
    pending = [graph]
    while pending:
        for node in pending.pop().node:
            yield node
            pending += [a.g for a in node.attribute if a.HasField("g")]


def _ops(nodes: "Sequence[onnx.NodeProto]") -> Section:
    names = Counter(f"{n.domain}.{n.op_type}" if n.domain else n.op_type for n in nodes)
    rows = tuple(sorted(names.items(), key=lambda pair: (-pair[1], pair[0])))
    return Section("ops", "ops", ("op", "nodes"), rows)


def _tree_facts(nodes: "Sequence[onnx.NodeProto]") -> Iterator[tuple[str, Value]]:
    """Yield the counts of tree ensembles: trees, leaves and features that are compared."""
    trees = leaves = 0
    read: set[int] = set()
    for node in nodes:
        values = {a.name: a for a in node.attribute}
        if "nodes_treeids" not in values or "nodes_modes" not in values:
            continue
        modes = [mode == b"LEAF" for mode in values["nodes_modes"].strings]
        trees += len(set(values["nodes_treeids"].ints))
        leaves += sum(modes)
        features = zip(values["nodes_featureids"].ints, modes, strict=False)
        read.update(feature for feature, is_leaf in features if not is_leaf)
    if trees:
        yield "trees", f"{trees:,} with {leaves:,} leaves"
        yield "features read", len(read)
