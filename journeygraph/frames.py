"""A graph as pandas frames, and frames as a graph, for people who work in notebooks.

Frames carry names and major units, as people read them; a graph made of the frames of a graph
equals it. What comes in goes through the recognition of names and the checks of loading, so that
a frame and a file with the same content give the same graph. A notebook has no quarantine:
there a row that cannot be taken is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from journeygraph.graph import (
    MISSING,
    MISSING_SCALE,
    TEXTS,
    WORDS,
    CodedColumn,
    IntArray,
    JourneyGraph,
)

__all__ = ["Frames", "from_pandas", "to_pandas"]

_SCALES = ("emotion", "expectation", "experience")
_MOST_EXACT = 10**15
"""Below this, an amount in minor units survives being a float in major units."""


class Frames(NamedTuple):
    """A graph as frames. Customers are numbered by the index of `customers`."""

    interactions: pd.DataFrame
    customers: pd.DataFrame
    referrals: pd.DataFrame
    touchpoints: pd.DataFrame
    channels: pd.DataFrame


def to_pandas(graph: JourneyGraph, columns: Sequence[str] | None = None) -> Frames:
    """The graph as pandas frames.

    Parameters
    ----------
    graph
        Any.
    columns
        Which further columns the interactions get; by default all in which anything is said.

    Returns
    -------
    frames
        `interactions` in the order of the graph: customer, at, touchpoint, channel, stage,
        value (major units; `Decimal` where floats would not be exact), then the further columns;
        `customers`: customer and attributes, by customer index; `referrals`: referrer, referred,
        at, medium; `touchpoints` and `channels`: name and number of interactions, by code.
    """
    ids = pd.Index(graph.customer_id(np.arange(graph.n_customers)), dtype="str")
    return Frames(
        interactions=_interactions(graph, ids, columns),
        customers=_customers(graph, ids),
        referrals=_referrals(graph, ids),
        touchpoints=_counted("touchpoint", graph.touchpoints, graph.touchpoint_codes),
        channels=_counted("channel", graph.channels, graph.channel_codes),
    )


def from_pandas(
    interactions: pd.DataFrame,
    customers: pd.DataFrame | None = None,
    referrals: pd.DataFrame | None = None,
    *,
    feedback: pd.DataFrame | None = None,
    feedback_steps: pd.DataFrame | None = None,
    columns: Mapping[str, str] | None = None,
    dictionary: Mapping[str, Mapping[str, str]] | Path | str | None = None,
    timezone: str = "UTC",
    time_unit: str | None = None,
    time_format: str | None = None,
    currency: str | None = None,
    exponent: int | None = None,
    round_values: bool = False,
    scales: Mapping[str, str] | None = None,
    key: Sequence[str] = (),
    properties: str | Sequence[str] = "all",
    allow_future: bool = False,
) -> JourneyGraph:
    """A graph of frames, without a store.

    Parameters
    ----------
    interactions
        One row for each; its columns are recognised as those of files are.
    customers
        One row for each; every further column is an attribute. Its order numbers the customers.
    referrals
        referrer, referred, at, medium.
    feedback, feedback_steps
        What was given, and what became of it (see docs/feedback.md).
    columns
        Our column to theirs, where the names do not tell: `{"customer": "uid"}`; an empty text
        leaves a column out although it would be recognised.
    dictionary
        What is known of each touchpoint where the rows do not say: a mapping, or a YAML file.
    timezone, time_unit, time_format
        Where times without an offset are from, what numbers count (s, ms, us, ns), and how times
        are written that are not ISO 8601.
    currency, exponent, round_values
        Of amounts: three letters, how many decimals are kept (2), and whether more are rounded.
    scales
        The scale of a rating, -1..1 unless said: `{"experience": "1..5"}`.
    key
        Columns that together are the id of a row.
    properties
        Which of the columns that nobody mapped are kept: "all", "none", or their names.
    allow_future
        Take times later than a day from now.

    Raises
    ------
    RefusedRowsError
        Naming the first rows that cannot be taken, their column and the reason.
    MissingColumnsError, AmbiguousColumnsError, MappedColumnError
        Where it is not clear which column is which.
    """
    from journeygraph.frame_tables import FrameTables
    from journeygraph.graph_store import graph_of_tables

    tables = FrameTables(
        columns=columns or {},
        timezone=timezone,
        time_unit=time_unit,
        time_format=time_format,
        currency=currency,
        exponent=exponent,
        round_values=round_values,
        allow_future=allow_future,
    )
    if customers is not None:
        tables.take("customers", customers)
    tables.take("interactions", interactions, scales=scales or {}, key=key, properties=properties)
    if referrals is not None:
        tables.take("referrals", referrals)
    if feedback is not None:
        tables.take("feedback", feedback)
    if feedback_steps is not None:
        tables.take("feedback_steps", feedback_steps)
    tables.check_columns()
    return graph_of_tables(tables, tables.entry(dictionary or {}))


def _interactions(
    graph: JourneyGraph, ids: pd.Index[Any], columns: Sequence[str] | None
) -> pd.DataFrame:
    frame = {
        "customer": pd.Categorical.from_codes(graph.interaction_customers, ids),
        "at": _times(graph.at_us),
        "touchpoint": _categories(graph.coded("touchpoint")),
        "channel": _categories(graph.coded("channel")),
        "stage": _categories(graph.coded("stage")),
        "value": _amounts(graph.value_minor, graph.exponent),
    }
    for name in graph.column_names if columns is None else columns:
        if name not in frame and name not in ("load", "file", "row"):
            column = _further(graph, name)
            if column is not None or columns is not None:
                frame[name] = column
    for name in graph.further.property_names() if columns is None else ():
        if name in _OWN:
            frame[f"property:{name}"] = _categories(graph.property(name))
    return pd.DataFrame(frame)


_OWN = {"customer", "at", "touchpoint", "channel", "value", "cost", "sequence", "load", "file",
        "row", *WORDS, *TEXTS, *_SCALES}  # fmt: skip


def _further(graph: JourneyGraph, name: str) -> Any:
    """A further column; None where no interaction says anything."""
    if name in _SCALES:
        ratings = graph.column(name)
        said = ratings != MISSING_SCALE
        return np.where(said, ratings / 1000, np.nan) if said.any() else None
    if name == "cost":
        costs = graph.column(name)
        return _amounts(costs, graph.exponent) if (costs != MISSING).any() else None
    if name == "sequence":
        sequence = graph.column(name)
        return sequence if sequence.any() else None
    coded = graph.coded(name)
    return _categories(coded) if (coded.codes >= 0).any() else None


def _customers(graph: JourneyGraph, ids: pd.Index[Any]) -> pd.DataFrame:
    attributes = graph.attributes
    if "customer" in attributes.columns:
        attributes = attributes.rename(columns={"customer": "attribute:customer"})
    frame = attributes.copy()
    frame.insert(0, "customer", ids.to_numpy())
    return frame.rename_axis(index=None)


def _referrals(graph: JourneyGraph, ids: pd.Index[Any]) -> pd.DataFrame:
    stored = graph.referrals
    return pd.DataFrame(
        {
            "referrer": pd.Categorical.from_codes(stored.referrers, ids),
            "referred": pd.Categorical.from_codes(stored.referred, ids),
            "at": _times(stored.at_us),
            "medium": pd.Categorical.from_codes(
                stored.medium_codes.astype(np.int64) - 1, pd.Index(graph.channels[1:], dtype="str")
            ),
        }
    )


def _counted(name: str, names: Sequence[str], codes: IntArray) -> pd.DataFrame:
    counts = np.bincount(codes, minlength=len(names))
    return pd.DataFrame({name: pd.Series(names, dtype="str"), "interactions": counts})


def _categories(column: CodedColumn) -> pd.Categorical:
    names = pd.Index(list(column.names), dtype="str")
    return pd.Categorical.from_codes(column.codes.astype(np.int64), names)


def _times(at_us: IntArray) -> pd.Series[Any]:
    times = pd.Series(at_us.view("datetime64[us]"))  # MISSING is how NumPy writes NaT
    return times.dt.tz_localize("UTC")


def _amounts(minor: IntArray, exponent: int) -> pd.Series[Any]:
    said = minor != MISSING
    if np.any(np.abs(minor[said]) > _MOST_EXACT):
        exact = [Decimal(int(amount)).scaleb(-exponent) if amount != MISSING else None
                 for amount in minor]  # fmt: skip
        return pd.Series(exact, dtype="object")
    return pd.Series(np.where(said, minor / 10**exponent, np.nan))
