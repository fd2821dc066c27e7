"""retentioneering: the transition matrix, and a funnel, which has no time window."""

from __future__ import annotations

import os

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # read when it is imported

from typing import Any

import pandas as pd
from retentioneering import Eventstream
from retentioneering.tools.transition_matrix import TransitionMatrix

from benchmarks.files import Files
from benchmarks.make_journeys import TOUCHPOINTS
from benchmarks.normal import Answer
from benchmarks.workloads import STEPS

PACKAGE = "retentioneering"
LARGEST = 1_000_000


def load(files: Files) -> Eventstream:
    columns = ["customer_id", "at", "touchpoint"]
    log = pd.concat([pd.read_parquet(path, columns=columns) for path in files.interactions])
    schema = {"path_cols": ["customer_id"], "event_col": "touchpoint", "timestamp_col": "at"}
    return Eventstream(log, schema)


def transition_counts(stream: Eventstream) -> Answer:
    matrix = TransitionMatrix(stream).fit("count")

    def normal() -> Any:
        inner = matrix.reindex(index=TOUCHPOINTS, columns=TOUCHPOINTS, fill_value=0).stack()
        return sorted((*pair, int(n)) for pair, n in inner.items() if n)

    return Answer(normal)


def funnel_without_window(stream: Eventstream) -> Answer:
    found = stream.funnel_data(list(STEPS))
    return Answer(lambda: [int(step["unique_paths"]) for step in found["steps"]])
