#!/usr/bin/env python3
"""Writes the example tables of this folder. The same seed gives the same bytes: run it again only to change them."""

import csv
import random
from datetime import date, timedelta
from decimal import Decimal

REGIONS = ["North", "South", "East", "West"]
CUSTOMERS = [
    "Acme", "Smith, Jones & Co", 'The "Blue" Door', "Müller GmbH", "O'Hara", "Ñandú S.A.",
    "Lindgren\nand Sons", "Kowalski; Partners", "Tanaka 商店", "Baker | Baker",
]
PRODUCTS = {"Anvil": "119.90", "Bolt, M8": "0.35", "Cable 5 m": "12.49", "Drill": "249.00", 'Screen 24"': "189.95"}


def amount_text(rng, amount):
    """Most amounts are plain; some are written as people write them."""
    form = rng.random()
    if form < 0.90:
        return str(amount)
    if form < 0.95:
        return f"{amount:,}"
    if form < 0.97:
        return f" {amount} "
    if form < 0.99:
        return f"${amount:,}"
    return ""


def rows(seed, first, days, count):
    rng = random.Random(seed)
    for _ in range(count):
        product = rng.choice(list(PRODUCTS))
        quantity = rng.randint(1, 40)
        amount = Decimal(PRODUCTS[product]) * quantity
        if rng.random() < 0.03:
            quantity, amount = -quantity, -amount
        text = amount_text(rng, abs(amount))
        if text and amount < 0:
            text = f"({text.strip()})" if rng.random() < 0.5 else f"-{text.strip()}"
        yield [
            (first + timedelta(days=rng.randrange(days))).isoformat(),
            rng.choice(REGIONS), rng.choice(CUSTOMERS), product, quantity, text,
        ]


def write(name, header, table, **how):
    with open(name, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, **how)
        writer.writerow(header)
        writer.writerows(table)


HEADER = ["date", "region", "customer", "product", "quantity", "amount"]
write("sales.csv", HEADER, rows(1, date(2026, 1, 1), 59, 3000), lineterminator="\n")
write("march.csv", HEADER, rows(2, date(2026, 3, 1), 31, 1200), lineterminator="\n")
returns = [[r[0], r[2], r[3], r[5] or "0"] for r in rows(3, date(2026, 1, 1), 90, 150)]
write("returns.csv", ["date", "customer", "product", "amount returned"], returns, delimiter=";", lineterminator="\r\n")
broken = list(rows(4, date(2026, 4, 1), 30, 12))
broken[6][5] = "to be confirmed"
write("broken.csv", HEADER, broken, lineterminator="\n")
open("empty.csv", "w").close()
