def score(line) -> float:
    return line.price
