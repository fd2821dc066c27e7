"""pm4py on pandas: the directly-follows graph, and variants. AGPL: only ever compared with."""

from __future__ import annotations

import pandas as pd
import pm4py
from pm4py.algo.discovery.dfg.adapters.pandas.df_statistics import get_dfg_graph

from benchmarks.files import Files
from benchmarks.normal import Answer, top

PACKAGE = "pm4py"
LARGEST = 1_000_000


def load(files: Files) -> pd.DataFrame:
    columns = ["customer_id", "at", "touchpoint"]
    log = pd.concat([pd.read_parquet(path, columns=columns) for path in files.interactions])
    log["customer_id"] = log["customer_id"].astype(str)
    return pm4py.format_dataframe(
        log, case_id="customer_id", activity_key="touchpoint", timestamp_key="at"
    )


def transitions(log: pd.DataFrame) -> Answer:
    counts, means = get_dfg_graph(
        log,
        measure="both",
        perf_aggregation_key="mean",
        sort_caseid_required=True,
        sort_timestamp_along_case_id=True,
    )
    return Answer(lambda: sorted((*pair, int(n), float(means[pair])) for pair, n in counts.items()))


def transition_counts(log: pd.DataFrame) -> Answer:
    counts, _, _ = pm4py.discover_dfg(log)
    return Answer(lambda: sorted((*pair, int(n)) for pair, n in counts.items()))


def whole_paths(log: pd.DataFrame) -> Answer:
    variants = pm4py.get_variants(log)
    return Answer(lambda: (len(variants), top((n, path) for path, n in variants.items())))
