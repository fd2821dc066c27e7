"""The same journeys, their items named by something else: channels in a view of touchpoints.

Which interactions are items, where journeys begin and end, who is counted and what was cleaned
stays as the view has it; only what an item is called changes. Rules are about the names of the
view, so they do not touch the other names: a touchpoint that was excluded stays away, one that
was renamed is met under the channel that it was met by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from journeygraph.conditions import Conditions, in_pieces
from journeygraph.labelling import By, label, skipped_code
from journeygraph.rules import Rules

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["named_by"]


def named_by(journeys: Journeys, by: By | str | None) -> Journeys:
    """The journeys with items of another kind; themselves where `by` is theirs or None.

    Raises
    ------
    InvalidOptionError
        Where `by` is no kind of item.
    """
    by = journeys.by if by is None else By(by)
    if by is journeys.by:
        return journeys
    graph = journeys.graph
    labels = label(graph, by, Rules(), Conditions(), None)
    codes = labels.codes
    if not _every_row_is_item(journeys):
        kept = np.full(graph.n_interactions, skipped_code(codes.dtype), codes.dtype)

        def of(piece: slice) -> None:
            is_item = journeys.item_codes[piece] < journeys.n_items
            np.copyto(kept[piece], codes[piece], where=is_item)

        in_pieces(of, graph.n_interactions)
        codes = kept
    other = replace(
        journeys, by=by, items=labels.items, item_codes=codes, selection=None, view_options=None
    )
    for name in _JUDGED_ON_ROWS:
        if name in vars(journeys):  # what was found out of the rows is true of them by any name
            vars(other)[name] = vars(journeys)[name]
    return other


_JUDGED_ON_ROWS = (
    "outcome_rows", "unit_first_outcome", "unit_last_outcome", "journey_has_outcome",
    "unit_last_at_us", "unit_value_minor",
)  # fmt: skip


def _every_row_is_item(journeys: Journeys) -> bool:
    codes = journeys.item_codes
    return not len(codes) or int(codes.max()) < journeys.n_items
