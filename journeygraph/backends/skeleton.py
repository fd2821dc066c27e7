"""A graph of names alone, which is asked what options mean where the rows are elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from journeygraph.graph import CodedColumn, IntArray, JourneyGraph, code_type
from journeygraph.graph_columns import MemoryColumns
from journeygraph.texts import Texts

__all__ = ["skeleton_of"]


def skeleton_of(
    *,
    touchpoints: Sequence[str],
    channels: Sequence[str],
    as_of_us: int,
    version: int | None = None,
    currency: str | None = None,
    exponent: int = 2,
    properties: Sequence[str] = (),
    pairs: IntArray | None = None,
) -> JourneyGraph:
    """A graph of names without customers, interactions or referrals.

    Parameters
    ----------
    touchpoints, channels
        By code, as the local graph of the same data has them; `channels` begin with "unknown".
    as_of_us
        The latest interaction there is; 0 where there is none.
    properties
        The columns beyond the known ones.
    pairs
        Which touchpoints occur at which channels, as `JourneyGraph.pairs` has them.
    """
    nothing = np.zeros(0, np.int64)
    none = CodedColumn(np.zeros(0, np.int32), ())
    return JourneyGraph(
        version=version,
        as_of_us=as_of_us,
        customer_starts=np.zeros(1, np.int64),
        at_us=nothing,
        touchpoint_codes=nothing.astype(code_type(len(touchpoints))),
        channel_codes=nothing.astype(code_type(len(channels))),
        stage_codes=nothing.astype(np.uint8),
        value_minor=nothing,
        touchpoints=tuple(touchpoints),
        channels=tuple(channels),
        currency=currency,
        exponent=exponent,
        pairs=pairs,
        further=MemoryColumns(
            customer_ids=Texts.of([]).indexed(),
            n_interactions=0,
            properties=dict.fromkeys(properties, none),
        ),
    )
