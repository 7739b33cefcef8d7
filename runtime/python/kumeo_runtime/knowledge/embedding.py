"""Ranks texts by meaning: an ONNX model turns texts into vectors, the nearest ones fit best.

The model is a sentence encoder with a `tokenizer.json` beside it. Its output is one vector for each
token, whose mean stands for the text, or one vector for the text. Scores are cosines. Vectors of
passages are kept in `.kumeo/embeddings`, by the hash of the model and the texts, so the next start
need not make them again.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kumeo_runtime.agents.infer_session import InferSession
from kumeo_runtime.agents.resources import AgentError, library

log = logging.getLogger("kumeo.knowledge")
BATCH, TOKENS_MAX = 32, 256
"""Texts that run together, and the tokens of a text that count."""


class Embedder:
    """A sentence encoder. Raises: AgentError when a file is missing or does not fit."""

    def __init__(self, path: Path) -> None:
        self.digest = ""
        model = _read(path)
        words = _read(path.with_name("tokenizer.json"))
        self.digest = hashlib.sha256(model + words).hexdigest()
        self._numpy = library("numpy", "embedder")
        kind = library("tokenizers", "embedder").Tokenizer
        try:
            self._tokens = kind.from_buffer(words)
        except ValueError as error:
            message = f"the tokenizer beside {path} cannot be read: {error}"
            raise AgentError("model-failed", message, "save it as `tokenizer.json`") from None
        self._tokens.enable_truncation(TOKENS_MAX)
        self._tokens.enable_padding()
        self._session = InferSession(model, path.name)

    def vectors(self, texts: Sequence[str]) -> Any:
        """Return a matrix of float32, one row of length 1 for each text."""
        numpy = self._numpy
        parts = [self._batch(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        found = numpy.concatenate(parts)
        return found / numpy.maximum(numpy.linalg.norm(found, axis=1, keepdims=True), 1e-12)

    def _batch(self, texts: Sequence[str]) -> Any:
        numpy = self._numpy
        encoded = self._tokens.encode_batch(list(texts))
        given = {
            "input_ids": [each.ids for each in encoded],
            "attention_mask": [each.attention_mask for each in encoded],
            "token_type_ids": [each.type_ids for each in encoded],
        }
        wanted = {name: numpy.asarray(given[name], numpy.int64) for name in self._inputs()}
        out = self._session.run(wanted)[0].astype(numpy.float32)
        if out.ndim == 2:
            return out
        mask = numpy.asarray(given["attention_mask"], numpy.float32)[:, :, None]
        return (out * mask).sum(axis=1) / numpy.maximum(mask.sum(axis=1), 1.0)

    def _inputs(self) -> Iterable[str]:
        names = self._session.inputs
        strange = sorted({*names} - {"input_ids", "attention_mask", "token_type_ids"})
        if strange:
            message = f"the embedder has an input `{strange[0]}`"
            raise AgentError("model-failed", message, "use a sentence encoder")
        return names


class Embedded:
    """Texts by their vectors."""

    def __init__(self, embedder: Embedder, texts: Sequence[str], root: Path) -> None:
        self._embedder = embedder
        self._numpy = library("numpy", "embedder")
        self._vectors = self._kept(texts, root / ".kumeo" / "embeddings") if texts else None

    def _kept(self, texts: Sequence[str], folder: Path) -> Any:
        """Return the vectors of the texts, read from a file if they were made before."""
        numpy = self._numpy
        content = hashlib.sha256(self._embedder.digest.encode())
        for text in texts:
            content.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        file = folder / f"{content.hexdigest()[:32]}.npy"
        if file.is_file():
            return numpy.load(file, allow_pickle=False)
        made = self._embedder.vectors(texts)
        try:
            self._keep(made, file)
        except OSError as error:
            log.warning("the vectors are not kept in %s: %s", folder, error.strerror)
        return made

    def _keep(self, made: Any, file: Path) -> None:
        """Write vectors into a file, at once. Raises: OSError, as in a folder for reading."""
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{id(self):x}.tmp")
        with scratch.open("wb") as opened:
            self._numpy.save(opened, made, allow_pickle=False)
        scratch.replace(file)

    def best(self, query: str, top: int) -> list[tuple[int, float]]:
        """Return places and cosines of the nearest texts, nearest first."""
        if self._vectors is None or top < 1:
            return []
        scores = self._vectors @ self._embedder.vectors([query])[0]
        order = self._numpy.argsort(-scores, kind="stable")[:top]
        return [(int(place), float(scores[place])) for place in order]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"the embedder needs the file {path}: {error.strerror or error}"
        raise AgentError(
            "files-missing", message, "put it there, or leave out `embedder`"
        ) from None
