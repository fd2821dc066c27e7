"""ChannelAttribution: Markov removal effects of a table of paths, by simulation in C++. GPL."""

from __future__ import annotations

import ChannelAttribution
import pandas as pd
import polars as pl

from benchmarks.conversions import prepared_paths
from benchmarks.files import Files
from benchmarks.normal import Answer
from benchmarks.threads import N_THREADS

PACKAGE = "ChannelAttribution"
LARGEST = 1_000_000
TOLERANCE = 0.1
"""It simulates until repetitions vary by less than 5 % (`conv_par`): no result of it is exact."""


def load(files: Files) -> pd.DataFrame:
    """Each path once, with how often it ends in the outcome and in nothing."""
    converts = pl.col("converts")
    counted = prepared_paths(files).group_by("path").agg(
        outcomes=converts.sum().cast(pl.Int64), nothings=(~converts).sum().cast(pl.Int64)
    )  # fmt: skip
    return counted.collect().to_pandas()


def removal_effects(paths: pd.DataFrame) -> Answer:
    found = ChannelAttribution.markov_model(
        paths, "path", "outcomes", var_null="nothings", order=1, out_more=True, sep=">",
        ncore=N_THREADS, verbose=False, flg_pro=False,
    )["removal_effects"]  # fmt: skip
    return Answer(
        lambda: sorted((str(name), float(effect)) for name, effect in found.itertuples(index=False))
    )
