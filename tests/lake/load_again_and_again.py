"""Loads into the store given as argument until it is killed; run by `test_crash`."""

from __future__ import annotations

import sys

from journeygraph.lake import writer
from journeygraph.lake.store import Store
from tests.lake.rows import load


def customers_of(number: int) -> list[str]:
    return [f"customer {number}.{customer}" for customer in range(number % 3)]


def values_of_load(number: int) -> list[int]:
    return list(range(number * 1000, number * 1000 + number % 50))


def main() -> None:
    writer._CHECKPOINT_EVERY = 7
    store = Store.create_or_open(sys.argv[1])
    while True:
        last = store.latest()
        number = 1 if last is None else last.next_load
        load(store, values_of_load(number), customers_of(number))


if __name__ == "__main__":
    main()
