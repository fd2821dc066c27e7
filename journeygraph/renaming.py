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

from journeygraph.conditions import BoolArray, Conditions, in_pieces
from journeygraph.item_sets import ItemSets, in_sets
from journeygraph.labelling import By, Labels, label, repeated_code, skipped_code
from journeygraph.rules import Rules
from journeygraph.splitting import Ranges, collapse

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["apart", "named_by"]


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
            np.copyto(kept[piece], codes[piece], where=_are_items(journeys, piece))

        in_pieces(of, graph.n_interactions)
        labels = Labels(items=labels.items, codes=kept, own=False)
    sets = None
    if journeys.sets is not None:
        labels, sets = _in_the_same_sets(journeys, labels, journeys.sets)
    other = replace(
        journeys,
        by=by,
        items=labels.items,
        item_codes=labels.codes,
        sets=sets,
        selection=None,
        view_options=None,
    )
    for name in _JUDGED_ON_ROWS:
        if name in vars(journeys):  # what was found out of the rows is true of them by any name
            vars(other)[name] = vars(journeys)[name]
    return other


def apart(journeys: Journeys) -> Journeys:
    """The same journeys without a tolerance, for what does not ask for an order.

    Themselves where there is no tolerance.
    """
    sets = journeys.sets
    if sets is None:
        return journeys
    names, codes = tuple(sets.names), sets.name_codes
    if sets.are_collapsed:
        codes = codes.copy()
        collapse(_ranges(journeys), Labels(items=names, codes=codes, own=False))
    return replace(journeys, items=names, item_codes=codes, sets=None, selection=None)


_JUDGED_ON_ROWS = (
    "outcome_rows", "unit_first_outcome", "unit_last_outcome", "journey_has_outcome",
    "unit_last_at_us", "unit_value_minor",
)  # fmt: skip


def _in_the_same_sets(
    journeys: Journeys, labels: Labels, given: ItemSets
) -> tuple[Labels, ItemSets]:
    """Sets of the other names, of the same interactions; what was collapsed stays so."""
    labels, sets = in_sets(_ranges(journeys), labels, journeys.graph.at_us, given.tolerance_us)
    if given.are_collapsed:
        repeated = repeated_code(labels.codes.dtype)

        def of(piece: slice) -> None:
            extends = journeys.item_codes[piece] == journeys.repeated_code
            np.copyto(labels.codes[piece], repeated, where=extends)

        in_pieces(of, len(labels.codes))
    return labels, replace(sets, are_collapsed=given.are_collapsed)


def _ranges(journeys: Journeys) -> Ranges:
    return Ranges(
        journeys.journey_starts,
        journeys.journey_ends,
        journeys.unit_customers[journeys.journey_units],
    )


def _are_items(journeys: Journeys, piece: slice) -> BoolArray:
    if journeys.sets is not None:
        return journeys.sets.are_names(piece)
    return np.asarray(journeys.item_codes[piece] < journeys.n_items)


def _every_row_is_item(journeys: Journeys) -> bool:
    if journeys.sets is not None:
        codes, n_items = journeys.sets.name_codes, len(journeys.sets.names)
    else:
        codes, n_items = journeys.item_codes, journeys.n_items
    return not len(codes) or int(codes.max()) < n_items
