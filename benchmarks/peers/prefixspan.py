"""PrefixSpan as most Python users have it: patterns with gaps, of lists of codes. MIT."""

from __future__ import annotations

import math

import polars as pl
from prefixspan import PrefixSpan

from benchmarks.files import Files
from benchmarks.make_journeys import TOUCHPOINTS
from benchmarks.normal import Answer
from benchmarks.workloads import LONGEST_PATTERN, SMALLEST_SUPPORT

PACKAGE = "prefixspan"
LARGEST = 1_000_000
"""Interactions; ten times as many take minutes a round."""


def load(files: Files) -> list[list[int]]:
    code = pl.col("touchpoint").cast(pl.Enum(TOUCHPOINTS)).to_physical()
    paths = (
        pl.scan_parquet(files.interactions)
        .sort("customer_id", "at")
        .group_by("customer_id", maintain_order=True)
        .agg(code)
    )
    return paths.collect()["touchpoint"].to_list()


def patterns(paths: list[list[int]]) -> Answer:
    span = PrefixSpan(paths)
    span.maxlen = LONGEST_PATTERN
    found = span.frequent(math.ceil(SMALLEST_SUPPORT * len(paths)))
    return Answer(
        lambda: sorted((n, tuple(TOUCHPOINTS[code] for code in codes)) for n, codes in found)
    )
