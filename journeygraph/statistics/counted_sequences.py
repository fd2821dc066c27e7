"""All whole paths, all runs of n items: counted once for a view that remembers.

What `paths` and `ngrams` count, remembered, and after a load brought up to date.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from journeygraph.statistics.changed_sequences import (
    ChangedCounts,
    Count,
    changed_found,
    changed_packed,
)
from journeygraph.statistics.elsewhere import JourneysElsewhere
from journeygraph.statistics.ngrams import count_ngrams
from journeygraph.statistics.paths import count_paths
from journeygraph.statistics.refresh import shared_change
from journeygraph.statistics.remembering import remembered
from journeygraph.statistics.sequence_places import PlacedCounts
from journeygraph.statistics.sequences import (
    PackedCounts,
    SequenceCounts,
    Sequences,
    read_only,
)

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ngrams_of", "paths_of"]


def paths_of(journeys: Journeys) -> Sequences:
    """Every distinct whole path, its units and its journeys."""
    if isinstance(journeys, JourneysElsewhere):
        return journeys.sequences(None)
    return _counted("all paths", journeys, None, count_paths)


def ngrams_of(journeys: Journeys, length: int) -> Sequences:
    """Every run of `length` items within a journey, its units and its occurrences."""
    if isinstance(journeys, JourneysElsewhere):
        return journeys.sequences(length)
    return _counted("all runs", journeys, length, lambda view, _: count_ngrams(view, length))


def _counted(name: str, journeys: Journeys, length: int | None, count: Count) -> SequenceCounts:
    def renew(known: SequenceCounts, older: Journeys) -> SequenceCounts | None:
        change = shared_change(older, journeys, None)
        if change is None:
            return None
        if isinstance(known, PackedCounts):
            packed = changed_packed(known, change, count)
            return None if packed is None else _sealed(packed)
        placed = cast(PlacedCounts | ChangedCounts, known)
        return changed_found(placed, older, change, count)

    if journeys.memory is None:
        return count(journeys, None)
    options = {"length": length}
    return remembered(journeys, name, options, lambda: _sealed(count(journeys, None)), renew)


def _sealed(counts: SequenceCounts) -> SequenceCounts:
    """The same counts, whose arrays nobody can write to."""
    arrays: dict[str, Any] = {
        field.name: read_only(value)
        for field in fields(cast(Any, counts))
        if isinstance(value := getattr(counts, field.name), np.ndarray)
    }
    sealed: SequenceCounts = replace(cast(Any, counts), **arrays)
    return sealed
