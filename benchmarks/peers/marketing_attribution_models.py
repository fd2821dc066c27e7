"""marketing-attribution-models: Markov removal effects of a table of paths. Apache licence."""

from __future__ import annotations

import polars as pl
from mam import MAM

from benchmarks.conversions import prepared_paths
from benchmarks.files import Files
from benchmarks.normal import Answer

PACKAGE = "marketing-attribution-models"
LARGEST = 1_000_000


def load(files: Files) -> pl.DataFrame:
    """Each path and outcome once, with its number."""
    return prepared_paths(files).group_by("path", "converts").agg(occurrences=pl.len()).collect()


def removal_effects(paths: pl.DataFrame) -> Answer:
    model = MAM(
        paths,
        format_type="grouped_journey",
        channels_colname="path",
        journey_with_conv_colname="converts",
        occurrences_colname="occurrences",
        path_separator=" > ",
    )
    found = model.run_markov().metadata["removal_effect"]

    def normal() -> list[tuple[str, float]]:
        table = found if isinstance(found, pl.DataFrame) else pl.from_pandas(found.reset_index())
        names = next(column for column in table if column.dtype == pl.String)
        effects = next(column for column in table if column.dtype.is_float())
        return sorted(zip(names.to_list(), effects.to_list(), strict=True))

    return Answer(normal)
