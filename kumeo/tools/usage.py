"""A wrong command line of `kumeo`, with what to write instead."""

import click


class UsageError(click.UsageError):
    """The command line is wrong, and here is what would be right."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message, click.get_current_context(silent=True))
        self.fix = fix
