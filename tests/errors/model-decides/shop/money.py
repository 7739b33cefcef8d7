def refund(order: str) -> bool:
    return bool(order)
