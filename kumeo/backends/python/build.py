"""A whole package: the printed files and the model files that they need."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from kumeo.backends.python.code import Lines, literal, mapping
from kumeo.backends.python.errors import MissingArtifact, Unprintable
from kumeo.backends.python.plan import Artifact, Origin, PackagePlan, plan_package
from kumeo.backends.python.render import header, render
from kumeo.dialects.agent import InferOp

ReadFile = Callable[[str], bytes | None]


def build_python(
    module: ModuleOp,
    *,
    read_file: ReadFile,
    origin: Origin,
    workflow: str | None = None,
    schemas: Mapping[Attribute, str] | None = None,
) -> dict[str, str | bytes]:
    """Return the files of a package by path, text and bytes.

    The module is at the level `messaging`. `read_file` gives the bytes of a model file by the path
    that the workflow names; `schemas` are names of types. Raises: Unprintable.
    """
    plan = plan_package(module, workflow, origin, schemas)
    contents = {each.path: _content(each, read_file) for each in plan.artifacts}
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in contents.items()}
    if digests:
        listed = dict(sorted(digests.items()))
        plan = replace(plan, manifest={**plan.manifest, "artifacts": listed})
    result: dict[str, str | bytes] = {**render(plan)}
    for path, data in contents.items():
        result[f"{plan.package}/artifacts/{path}"] = data
    if digests:
        result[f"{plan.package}/digests.py"] = _digest_module(plan, digests)
    return dict(sorted(result.items()))


def _content(artifact: Artifact, read_file: ReadFile) -> bytes:
    if artifact.infer is not None:
        return _graph(artifact.infer, read_file)
    data = read_file(artifact.source)
    if data is None:
        raise Unprintable(MissingArtifact(None, artifact.source))
    if artifact.is_estimator:
        from kumeo.backends.python.estimators import estimator_as_onnx

        return estimator_as_onnx(artifact.source, data)
    return _network(artifact.source, data) if artifact.is_network else data


def _network(path: str, data: bytes) -> bytes:
    """Return a Bayesian network in the form of the runtime."""
    from kumeo.frontend.signatures.network import read_network

    found, diagnostics = read_network(data, path, None)
    if found is None:
        raise Unprintable(diagnostics[0])
    parts = {"variables": found.variables, "parents": found.parents, "tables": found.tables}
    return json.dumps(parts, ensure_ascii=False).encode()


def _graph(op: InferOp, read_file: ReadFile) -> bytes:
    """Return the graph of a numeric program."""
    from kumeo.backends.onnx.build import emit_infer
    from kumeo.backends.onnx.errors import Unemitted

    try:
        return emit_infer(op, read_file)
    except Unemitted as refused:
        raise Unprintable(refused.diagnostic) from None


def _digest_module(plan: PackagePlan, digests: Mapping[str, str]) -> str:
    lines = Lines()
    entries = mapping([(path, literal(digest)) for path, digest in sorted(digests.items())])
    lines.put("ARTIFACTS = ", entries)
    text = "\n".join(lines.lines)
    return f'{header(plan)}"""Files of this package with their SHA-256."""\n\n{text}\n'
