"""Code of the case."""

from typing import Any


def refund(order: Any) -> bool:
    return bool(order)
