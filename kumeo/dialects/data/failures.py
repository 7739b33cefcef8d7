"""`DataFailure`: what an operation raises when it has no value for its operands."""


class DataFailure(Exception):  # noqa: N818 - a failure is a value of the language
    """An operation failed on these values. `code` is a stable slug, `message` is for people.

    Codes: `overflow`, `division-by-zero`, `index-out-of-range`, `null-value`, `wrong-type`,
    `invalid-text`, `invalid-argument`, `not-finite`.
    """

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message
