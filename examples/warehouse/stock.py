"""The stock of the warehouse, for the example `order_processing.kumeo`."""

from dataclasses import dataclass

PLACES = {"A-1": "shelf 4", "A-2": "shelf 9"}


@dataclass
class Reservation:
    """Whether there is enough, and where it lies."""

    ok: bool
    place: str


def reserve(sku: str, quantity: int) -> Reservation:
    """Return where the articles lie; a warehouse of your own would write the reservation down."""
    place = PLACES.get(sku)
    return Reservation(ok=place is not None and quantity > 0, place=place or "nowhere")
