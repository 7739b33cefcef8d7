"""What the readers of model files raise, and the diagnostics that become of it."""

from kumeo.diagnostics import Diagnostic, Place
from kumeo.frontend.errors.files import CorruptModel, ModelNotCompiled, UnsafeModel


class BadModelError(Exception):
    """A model file cannot be used. Never leaves `kumeo.models`.

    `is_unsafe` says that using it would be dangerous, not that it is damaged; `is_unknown` that it
    is a good file of a kind that the compiler has no rule for. `fix` is an edit that helps.
    """

    def __init__(
        self, reason: str, *, fix: str | None = None, is_unsafe: bool = False, unknown: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.is_unsafe = is_unsafe
        self.is_unknown = unknown

    def diagnostic(self, name: str, place: Place | None = None) -> Diagnostic:
        """Return the message about the file `name`."""
        if self.is_unknown:
            return ModelNotCompiled(place, name, self.reason, self.fix)
        kind = UnsafeModel if self.is_unsafe else CorruptModel
        return kind(place, name, self.reason, self.fix)
