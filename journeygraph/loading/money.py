"""The one currency of a store, and how many decimals it keeps: set once, then held to."""

from __future__ import annotations

from dataclasses import dataclass

from journeygraph.loading.errors import CurrencyMismatchError
from journeygraph.loading.known import Known, LoadedFile
from journeygraph.loading.options import DEFAULT_EXPONENT, LoadOptions
from journeygraph.schema import TABLES, Kind

__all__ = ["Money", "money_of"]


@dataclass(slots=True)
class Money:
    """The currency and exponent of a load; the first row that names a currency may set it."""

    currency: str | None
    exponent: int


def money_of(known: Known, options: LoadOptions) -> Money:
    """The currency and decimals of the load.

    Raises
    ------
    CurrencyMismatchError
        Where the user asks for others than those of the store's amounts.
    """
    base = known.base
    currency = None if base is None else base.currency
    if currency is not None and options.currency not in {None, currency}:
        raise CurrencyMismatchError("currency", options.currency, currency)
    if base is None or not any(_has_money(file) for file in known.files):
        exponent = DEFAULT_EXPONENT if options.exponent is None else options.exponent
    elif options.exponent in {None, base.exponent}:
        exponent = base.exponent
    else:
        raise CurrencyMismatchError("exponent", options.exponent, base.exponent)
    return Money(currency or options.currency, exponent)


def _has_money(file: LoadedFile) -> bool:
    mapped = file.kept.get("columns", {})
    return any(
        column.kind is Kind.MONEY and column.name in mapped for column in TABLES[file.table].columns
    )
