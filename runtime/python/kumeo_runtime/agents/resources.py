"""What agents may use of their surroundings: files of the package, files beside it, variables."""

import hashlib
import importlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class AgentError(Exception):
    """An agent cannot start: a code, what happened, what to do."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(f"{message}; {fix}")
        self.code = code
        self.message = message
        self.fix = fix


def library(name: str, extra: str = "models") -> Any:
    """Return a library that an extra of this package installs. Raises: AgentError."""
    try:
        return importlib.import_module(name)
    except ImportError:
        message = f"the Python package `{name}` is needed here"
        raise AgentError("library-missing", message, f"install `kumeo-runtime[{extra}]`") from None


@dataclass(frozen=True, slots=True)
class Secret:
    """The name of an environment variable that holds a secret; never the secret."""

    name: str


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How the models of a process run; see `Settings` for the meaning."""

    max_batch: int = 256
    max_wait_s: float = 0.0
    deadline_s: float = 30.0
    memory_max: int = 2 * 2**30


@dataclass(frozen=True)
class Resources:
    """Where agents find files and settings."""

    package: Path = field(default_factory=Path.cwd)
    """Folder of the generated package; `artifacts/` is in it."""
    artifacts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files of the package by path, with their SHA-256."""
    root: Path = field(default_factory=Path.cwd)
    """Folder that paths of knowledge bases and databases start from."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    models: ModelSettings = ModelSettings()

    def artifact(self, path: str) -> bytes:
        """Return a file of the package as it was when the package was made."""
        try:
            data = (self.package / "artifacts" / path).read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"the file `{path}` of this package cannot be read: {reason}"
            raise AgentError("artifact-missing", message, "build the package again") from None
        wanted = self.artifacts.get(path)
        if wanted is not None and hashlib.sha256(data).hexdigest() != wanted:
            message = f"the file `{path}` of this package is not the one that was built"
            raise AgentError("artifact-changed", message, "build the package again")
        return data

    def text_of(self, setting: str | Secret) -> str:
        """Return a setting with its `${env.NAME:-default}`, or the secret that it names.

        Raises: AgentError for a variable that is not set and has no default.
        """
        if isinstance(setting, str):
            return _REFERENCE.sub(self._variable, setting)
        found = self.environ.get(setting.name)
        if found is None:
            message = f"the secret `{setting.name}` is not set"
            raise AgentError("secret-missing", message, f"set the variable {setting.name}")
        return found

    def _variable(self, reference: re.Match[str]) -> str:
        """Return what stands for a reference to a variable. Raises: AgentError."""
        name, default = reference["name"], reference["default"]
        found = self.environ.get(name) or default
        if found is None:
            message = f"the variable `{name}` is not set"
            raise AgentError("secret-missing", message, f"set the variable {name}")
        return found


_REFERENCE = re.compile(r"\$\{env\.(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}", re.ASCII)
