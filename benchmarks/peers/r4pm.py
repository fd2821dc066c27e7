"""r4pm, process mining in Rust: the directly-follows graph without times, and variants."""

from __future__ import annotations

import polars as pl
import r4pm
from r4pm.bindings.core.event_data.case_centric.utils import activity_projection
from r4pm.bindings.discovery.case_centric import dfg

from benchmarks.files import Files
from benchmarks.normal import Answer, top

PACKAGE = "r4pm"
LARGEST = 1_000_000

_MANY = 1_000  # surely all that are as frequent as the hundredth


def load(files: Files) -> str:
    log = (
        pl.scan_parquet(files.interactions)
        .sort("customer_id", "at")
        .select(
            pl.col("customer_id").cast(pl.String).alias("case:concept:name"),
            pl.col("touchpoint").alias("concept:name"),
            pl.col("at").dt.replace_time_zone("UTC").alias("time:timestamp"),
        )
        .collect()
    )
    return r4pm.import_item_from_df("EventLog", log, None)


def transition_counts(log: str) -> Answer:
    found = dfg.discover_dfg(log)["directly_follows_relations"]
    return Answer(lambda: sorted((*pair, int(n)) for pair, n in found))


def whole_paths(log: str) -> Answer:
    projection = activity_projection.log_to_activity_projection(log)
    distinct = activity_projection.get_num_variants(projection)
    best = activity_projection.get_top_n_variants(projection, _MANY)
    return Answer(
        lambda: (distinct, top((row["count"], tuple(row["activities"])) for row in best)),
        lambda: r4pm.remove_item(projection),
    )
