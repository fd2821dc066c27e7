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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from journeygraph.statistics.elsewhere import JourneysElsewhere
from journeygraph.statistics.grouping import MergeRule, group_rows
from journeygraph.statistics.refresh import Refresh, refreshed
from journeygraph.statistics.remembering import LazyOption, remembered
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["MergeRule", "MergeableStatistic", "blocks_or_nothing", "merge", "total"]


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
    refresh
        How the merged table of an older version is brought up to date; None where it is not, and
        the newer one is counted anew.
    """

    name: str
    keys: tuple[str, ...]
    measures: Mapping[str, MergeRule]
    partial: Callable[..., pa.Table]
    finish: Callable[..., pa.Table] = _as_it_is
    refresh: Refresh | None = None

    def __post_init__(self) -> None:
        if self.refresh is not None and set(self.measures.values()) != {"sum"}:
            raise ValueError(f"{self.name}: what is no sum cannot be taken out again")

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
    whole = pa.concat_tables([table.select(statistic.columns) for table in tables])
    del tables  # what nobody else holds is freed as it is merged
    schema = whole.schema
    if any(pa.types.is_nested(whole.schema.field(key).type) for key in statistic.keys):
        grouped = _grouped_by_lists(statistic, whole)
    else:
        columns = dict(zip(statistic.columns, whole.columns, strict=True))
        del whole
        grouped = group_rows(columns, statistic.keys, statistic.measures)
    return grouped.select(statistic.columns).cast(schema).combine_chunks()


def _grouped_by_lists(statistic: MergeableStatistic, whole: pa.Table) -> pa.Table:
    import polars  # takes a while to import, and only lists need it

    combined = [getattr(polars.col(name), rule)() for name, rule in statistic.measures.items()]
    frame = polars.DataFrame(whole).group_by(statistic.keys).agg(combined)
    return frame.sort(statistic.keys).to_arrow()


def total(statistic: MergeableStatistic, journeys: Journeys, **options: Any) -> pa.Table:
    """The statistic of all journeys, merged: one partial per block of whole customers.

    Where the journeys remember (`remembering.StatisticsCache`), it is counted once, and after a
    load brought up to date if it can be. Where another engine has them, it counts.

    Parameters
    ----------
    options
        Handed to the statistic's `partial`.
    """
    if isinstance(journeys, JourneysElsewhere):
        return journeys.total(statistic, options)
    return remembered(
        journeys,
        statistic.name,
        options,
        lambda: _counted(statistic, journeys, options),
        lambda known, older: refreshed(statistic, known, older, journeys, options),
    )


def _counted(
    statistic: MergeableStatistic, journeys: Journeys, options: Mapping[str, Any]
) -> pa.Table:
    for option in options.values():
        if isinstance(option, LazyOption):
            option.prepare()
    blocks = blocks_or_nothing(journeys)
    return merge(statistic, on_threads(lambda block: statistic.partial(block, **options), blocks))


def blocks_or_nothing(journeys: Journeys, at_most: int | None = None) -> list[Block]:
    """The blocks of the journeys, or where there are none, one block of nothing."""
    from journeygraph.journeys import Block

    nothing = Block(journeys=journeys, journey_lo=0, journey_hi=0, unit_lo=0, unit_hi=0)
    return journeys.blocks(at_most) or [nothing]
