"""Simulates card payments with fraud, after a published method.

    python examples/card_fraud/simulate.py OUT [--customers N] [--days N] [--seed N]

Writes `OUT/payments.jsonl` (what a workflow gets) and `OUT/labels.csv` (what only the judge knows).

Source of the method: Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi, "Reproducible Machine
Learning for Credit Card Fraud Detection - Practical Handbook" (2022), chapter "Transaction data
simulator". The code here is our own.

Customers and terminals stand on a map of 100 x 100. A customer pays at the terminals nearby, some
times a day around noon, amounts around a mean of their own. Then fraud is laid over it:

1. every payment above 220 is fraud: the simplest thing to learn;
2. two terminals a day are taken over: all payments there in the next 28 days are fraud;
3. three customers a day lose their card data: in the next 14 days a third of their payments is
   five times as high, and fraud.

One addition: frauds become known when their victims report them, `REPORT_DELAY_DAYS` later. A
payment carries how many frauds of the last 28 days were reported at its terminal. It is what an
acquirer would know at that time, and it is the only way to see scenario 2.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY_S = 86_400
RADIUS = 5.0
REPORT_DELAY_DAYS = 7
REPORT_WINDOW_DAYS = 28
CUSTOMERS_PER_TERMINAL = 0.5


@dataclass(frozen=True)
class Payments:
    """Payments in the order of time, one array item each.

    Units: `second` since START, `amount` in euro. `scenario` is 0 for honest payments.
    """

    second: NDArray[np.int64]
    customer: NDArray[np.int64]
    terminal: NDArray[np.int64]
    amount: NDArray[np.float64]
    scenario: NDArray[np.int64]
    reports: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of payments."""
        return len(self.second)


def simulate(customers: int, days: int, seed: int) -> Payments:
    """Return the payments of so many customers and days; equal arguments give equal payments."""
    rng = np.random.default_rng(seed)
    terminals = round(customers / CUSTOMERS_PER_TERMINAL)
    nearby = terminals_nearby(rng, customers, terminals)
    mean_amount = rng.uniform(5, 100, customers)
    mean_per_day = rng.uniform(0, 4, customers)
    parts = [
        payments_of(rng, each, days, nearby[each], mean_amount[each], mean_per_day[each])
        for each in range(customers)
        if len(nearby[each])
    ]
    second, customer, terminal, amount = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    order = np.argsort(second, kind="stable")
    second, customer, terminal = second[order], customer[order], terminal[order]
    amount, scenario = add_fraud(rng, second // DAY_S, customer, terminal, amount[order])
    reports = known_reports(second, terminal, scenario > 0)
    return Payments(second, customer, terminal, amount, scenario, reports)


def terminals_nearby(
    rng: np.random.Generator, customers: int, terminals: int
) -> list[NDArray[np.int64]]:
    """Return the terminals that each customer can reach."""
    homes, places = rng.uniform(0, 100, (customers, 2)), rng.uniform(0, 100, (terminals, 2))
    return [np.flatnonzero(np.linalg.norm(places - home, axis=1) < RADIUS) for home in homes]


def payments_of(
    rng: np.random.Generator,
    customer: int,
    days: int,
    nearby: NDArray[np.int64],
    mean_amount: float,
    mean_per_day: float,
) -> tuple[NDArray[np.int64], ...]:
    """Return second, customer, terminal and amount of the payments of one customer."""
    counts = rng.poisson(mean_per_day, days)
    day = np.repeat(np.arange(days), counts)
    at = rng.normal(DAY_S / 2, 20_000, len(day))
    amount = rng.normal(mean_amount, mean_amount / 2, len(day))
    amount = np.where(amount < 0, rng.uniform(0, 2 * mean_amount, len(day)), amount)
    terminal = rng.choice(nearby, len(day))
    inside = (at > 0) & (at < DAY_S)
    second = (day * DAY_S + at).astype(np.int64)
    who = np.full(len(day), customer)
    return second[inside], who[inside], terminal[inside], np.round(amount, 2)[inside]


def add_fraud(
    rng: np.random.Generator,
    day: NDArray[np.int64],
    customer: NDArray[np.int64],
    terminal: NDArray[np.int64],
    amount: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the amounts with fraud, and for each payment its scenario."""
    scenario = np.where(amount > 220, 1, 0)
    amount = amount.copy()
    by_terminal, by_customer = groups_of(terminal), groups_of(customer)
    for start in range(int(day.max()) + 1):
        for taken in rng.choice(len(by_terminal), 2, replace=False):
            rows = by_terminal[taken]
            scenario[rows[(day[rows] >= start) & (day[rows] < start + 28)]] = 2
        for robbed in rng.choice(len(by_customer), 3, replace=False):
            rows = by_customer[robbed]
            open_rows = rows[(day[rows] >= start) & (day[rows] < start + 14)]
            chosen = rng.choice(open_rows, len(open_rows) // 3, replace=False)
            amount[chosen] = np.round(amount[chosen] * 5, 2)
            scenario[chosen] = 3
    return amount, scenario


def groups_of(keys: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return for each key that occurs the rows that have it, in order."""
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def known_reports(
    second: NDArray[np.int64], terminal: NDArray[np.int64], is_fraud: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return how many frauds at its terminal each payment could know of."""
    newest = second - REPORT_DELAY_DAYS * DAY_S
    oldest = newest - REPORT_WINDOW_DAYS * DAY_S
    reports = np.zeros(len(second), dtype=np.int64)
    for rows in groups_of(terminal):
        frauds = second[rows[is_fraud[rows]]]
        until = np.searchsorted(frauds, newest[rows], side="right")
        reports[rows] = until - np.searchsorted(frauds, oldest[rows], side="right")
    return reports


def as_events(payments: Payments) -> Iterator[str]:
    """Yield each payment as a line of JSON."""
    columns = zip(
        payments.second.tolist(),
        payments.customer.tolist(),
        payments.terminal.tolist(),
        payments.amount.tolist(),
        payments.reports.tolist(),
        strict=True,
    )
    for number, (second, customer, terminal, amount, reports) in enumerate(columns):
        at = (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield (
            f'{{"tx_id":"t{number}","customer":"c{customer}","terminal":"p{terminal}",'
            f'"amount":{amount},"at":"{at}","terminal_reports":{reports}}}'
        )


def write(payments: Payments, folder: Path) -> None:
    """Write the events and the labels."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "payments.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in as_events(payments))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["tx_id", "scenario"])
        rows.writerows([f"t{number}", each] for number, each in enumerate(payments.scenario))


def main() -> None:
    """Simulate and say how much fraud there is."""
    parser = argparse.ArgumentParser(description="Simulate card payments with fraud.")
    parser.add_argument("out", type=Path, help="folder for payments.jsonl and labels.csv")
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    payments = simulate(chosen.customers, chosen.days, chosen.seed)
    write(payments, chosen.out)
    counts = np.bincount(payments.scenario, minlength=4)
    print(f"{len(payments):,} payments, {counts[1:].sum():,} of them fraud")
    print(f"  above 220: {counts[1]:,}; terminal taken over: {counts[2]:,}; card: {counts[3]:,}")


if __name__ == "__main__":
    main()
