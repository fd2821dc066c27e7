"""Who has which attributes, of a customers table that only Spark has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.backends.spark_failures import Reporting, telling
from journeygraph.backends.spark_tables import ARRIVAL
from journeygraph.backends.spark_tasks import whole_customers
from journeygraph.errors import UnknownColumnError, UnknownValueError
from journeygraph.json_columns import columns_of

if TYPE_CHECKING:
    from journeygraph.backends.spark import SparkEngine

__all__ = ["keys_with_attributes"]

_ARGUMENT = "where.customers.attributes"


def keys_with_attributes(
    engine: SparkEngine, wanted: Mapping[str, tuple[str, ...]]
) -> npt.NDArray[np.int64]:
    """Keys of the customers who have one of the values of each attribute.

    Raises
    ------
    UnknownColumnError, UnknownValueError
        Where nobody has such an attribute or such a value.
    """
    table = engine.source.table("customers").select("customer", "properties", *ARRIVAL)
    rows = engine.by_customer(table).sortWithinPartitions("customer", *ARRIVAL)
    latest = rows.mapInArrow(
        Reporting(_LatestAttributes()), "customer bigint, name string, value string"
    )
    latest = latest.persist()
    try:
        known = telling(engine.name, latest.select("name", "value").distinct().collect)
        _check(wanted, [(row.name, row.value) for row in known])
        keys: npt.NDArray[np.int64] | None = None
        for name, values in wanted.items():
            meant = latest.where(latest["name"] == name).where(latest["value"].isin(list(values)))
            found = meant.select("customer").toArrow()["customer"].to_numpy()
            keys = found if keys is None else np.intersect1d(keys, found)
        return np.asarray(keys, np.int64)
    finally:
        latest.unpersist()


def _check(wanted: Mapping[str, tuple[str, ...]], known: list[tuple[str, str]]) -> None:
    names = {name for name, _value in known}
    for name, values in wanted.items():
        if name not in names:
            raise UnknownColumnError(_ARGUMENT, name, sorted(names))
        there = {value for one, value in known if one == name}
        missing = [value for value in values if value not in there]
        if missing:
            raise UnknownValueError(f"{_ARGUMENT}.{name}", missing[0], sorted(there))


@dataclass(frozen=True, slots=True)
class _LatestAttributes:
    """By customer and attribute the value that the last of the customer's rows says."""

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for rows in whole_customers(batches):
            customers = rows["customer"].to_numpy()
            texts = pa.chunked_array(rows["properties"]).combine_chunks()
            for name, (codes, values) in columns_of([texts], len(rows)).items():
                said = np.flatnonzero(codes >= 0)
                is_last = np.append(customers[said][1:] != customers[said][:-1], True)
                chosen = said[is_last]
                yield pa.record_batch(
                    {
                        "customer": customers[chosen],
                        "name": pa.array([name] * len(chosen), "string"),
                        "value": pa.array([values[code] for code in codes[chosen]], "string"),
                    }
                )
