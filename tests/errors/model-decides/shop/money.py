"""Code of the case."""


def refund(order: str) -> bool:
    return bool(order)
