"""Code of the case."""


def score(line) -> float:
    return line.price
