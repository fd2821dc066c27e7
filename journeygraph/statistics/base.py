"""A statistic is a declaration, and its merge is data.

A *partial* is an Arrow table with integer keys (a path's key is its list of item codes) and int64
measures. Merging groups by the keys and combines each measure by its declared rule, so that
threads here, a `groupBy` on a cluster and an aggregate in a database merge alike, and two engines
are compared by table equality, without a tolerance: integers make merging exact, where seconds
as floats summed in another order differ. Whoever adds a statistic declares one
`MergeableStatistic`, whose partials come from blocks of whole customers: then distinct units add
up, too. Not every number is of this kind: medians come from histograms (see `quantiles`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["MergeRule", "MergeableStatistic", "merge", "n_threads", "over_blocks", "total"]

MergeRule = Literal["sum", "min", "max"]
_Part = TypeVar("_Part")


def _as_it_is(table: pa.Table) -> pa.Table:
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeableStatistic:
    """What is counted, by which keys, and how two parts of it become one.

    Attributes
    ----------
    name
        Plural noun, the same down the layers.
    keys
        Columns of integers, or of lists of integers, that say what a row is about.
    measures
        int64 column to the rule by which two rows of equal keys combine.
    partial
        `partial(block, **options)`: the table of one block; keys need not be distinct or sorted.
    finish
        From the merged table to rates, means and the like; floats begin here.
    """

    name: str
    keys: tuple[str, ...]
    measures: Mapping[str, MergeRule]
    partial: Callable[..., pa.Table]
    finish: Callable[..., pa.Table] = _as_it_is

    @property
    def columns(self) -> list[str]:
        """The columns of a partial, in order."""
        return [*self.keys, *self.measures]


def merge(statistic: MergeableStatistic, tables: Sequence[pa.Table]) -> pa.Table:
    """Make one table of the parts: distinct keys, sorted by them.

    Parameters
    ----------
    tables
        Partials or merged tables of this statistic, at least one, in any order.
    """
    import polars

    whole = pa.concat_tables([table.select(statistic.columns) for table in tables])
    frame = polars.DataFrame(whole)
    combined = [getattr(polars.col(name), rule)() for name, rule in statistic.measures.items()]
    grouped = frame.group_by(statistic.keys).agg(combined).sort(statistic.keys)
    return grouped.to_arrow().select(statistic.columns).cast(whole.schema).combine_chunks()


def n_threads() -> int:
    """How many threads the statistics use: the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def over_blocks(work: Callable[[Block], _Part], blocks: Sequence[Block]) -> list[_Part]:
    """What `work` gives for each block, in their order, on threads (kernels release the lock)."""
    if len(blocks) < 2:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(min(len(blocks), n_threads())) as pool:
        return list(pool.map(work, blocks))


def total(statistic: MergeableStatistic, journeys: Journeys, **options: Any) -> pa.Table:
    """The statistic of all journeys, merged: one partial per block of whole customers.

    Parameters
    ----------
    options
        Handed to the statistic's `partial`.
    """
    blocks = journeys.blocks(n_threads()) or [_block_of_nothing(journeys)]
    parts = over_blocks(lambda block: statistic.partial(block, **options), blocks)
    return merge(statistic, parts)


def _block_of_nothing(journeys: Journeys) -> Block:
    from journeygraph.journeys import Block

    return Block(journeys=journeys, journey_lo=0, journey_hi=0, unit_lo=0, unit_hi=0)
