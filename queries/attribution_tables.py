"""Attribution of paths that somebody else has counted: a table of paths, outcomes and nulls.

What an export of a web analytics tool or the data of a package for attribution looks like. The
same kernels and the same methods answer it; customers, times and the rules of journeys are
nothing that such a table knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownColumnError
from journeygraph.graph import code_type
from journeygraph.statistics.attribution import ITEMS_MET
from journeygraph.statistics.path_orders import OrderFit
from journeygraph.statistics.paths_to_outcomes import DIRECT, NOTHING, Paths, total_of
from journeygraph.vocabulary import normalise_channel
from queries.attribution import WORDING, chosen_order, credits_of_parts
from queries.attribution_credit import AttributionMethod
from queries.attribution_intervals import bootstrap, draws_of_paths
from queries.attribution_nodes import ItemCredit, Met, nodes_of
from queries.attribution_recipe import Attribution, highest_of, recipe_of
from queries.attribution_warnings import credit_warnings
from queries.paging import PageInfo

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["PathColumns", "PathTableAnswer", "attribution_of_paths"]

_OF_JOURNEYS = ("by", "paths", "with_outcome_item", "open_as_null", "half_life")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathColumns:
    """Where a table of paths has what.

    Attributes
    ----------
    path
        The items: a list of names, or a text of names with `separator` between them.
    conversions, nulls
        How often the path led to an outcome, and to nothing. A table without nulls has none.
    value
        What its conversions brought together, in major units, rounded to `exponent` decimals.
    """

    path: str = "path"
    conversions: str = "conversions"
    value: str = "value"
    nulls: str = "nulls"
    separator: str = ">"
    exponent: int = 2


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PathTableAnswer:
    """What the outcomes of a table are credited to; see `queries.attribution.AttributionAnswer`.

    A node's `units` are rows of the table.
    """

    method: AttributionMethod
    order: int | None
    orders: tuple[OrderFit, ...]
    outcomes: int
    total: int
    without_path: int
    credited: float
    adds_up: bool
    value_minor: int
    null_paths: int
    outcome_rate: float | None
    error_bound: float | None
    nodes: tuple[ItemCredit, ...]
    page_info: PageInfo
    wording: str = WORDING
    warnings: tuple[str, ...]


def attribution_of_paths(
    question: Attribution,
    table: pd.DataFrame | pa.Table | Iterable[Mapping[str, Any]],
    columns: PathColumns | None = None,
    confidence: float = 0.95,
) -> PathTableAnswer:
    """Answer the question about a table of paths, most credit first, ties by name.

    Parameters
    ----------
    table
        A pandas frame, an Arrow table, or rows as mappings.

    Raises
    ------
    UnknownColumnError
        Where the table has no column of paths or of conversions.
    InvalidOptionError, ConflictingOptionsError
        Where a number cannot be used, or an option is one of journeys.
    """
    _refuse_what_is_of_journeys(question)
    items, paths, n_outcomes, n_nulls = _read(_rows_of(table), columns or PathColumns())
    recipe = recipe_of(question, len(items), confidence)
    highest = highest_of(question, len(items))
    orders: Sequence[OrderFit] = ()
    if highest is not None:
        order, orders = chosen_order([paths], recipe, highest, lambda part: part.units)
        recipe = replace(recipe, order=order)
    met = Met.of(total_of(ITEMS_MET, [paths]), len(items))
    given = credits_of_parts(recipe, [paths])
    intervals = None
    if question.replicates:
        draws = draws_of_paths(paths, question.replicates, question.seed)
        intervals = bootstrap(draws, partial(credits_of_parts, recipe), confidence)
    nodes, info = nodes_of(question, items, met, given, intervals, None)
    return PathTableAnswer(
        method=recipe.method,
        order=recipe.order if recipe.method is AttributionMethod.MARKOV else None,
        orders=tuple(orders),
        outcomes=n_outcomes,
        total=met.total,
        without_path=n_outcomes - met.total,
        credited=math.fsum(given.credit),
        adds_up=recipe.method is not AttributionMethod.PARTICIPATION,
        value_minor=met.value_minor,
        null_paths=n_nulls,
        outcome_rate=met.total / (met.total + n_nulls) if met.total + n_nulls else None,
        error_bound=given.bound,
        nodes=nodes,
        page_info=info,
        warnings=tuple(credit_warnings(recipe, items, met, given, n_nulls)),
    )


def _refuse_what_is_of_journeys(question: Attribution) -> None:
    defaults = {field.name: field.default for field in fields(Attribution)}
    for option in _OF_JOURNEYS:
        if getattr(question, option) != defaults[option]:
            raise ConflictingOptionsError(option, "a table of paths")
    if AttributionMethod(question.method) is AttributionMethod.TIME_DECAY:
        raise ConflictingOptionsError("method TIME_DECAY", "a table of paths, which has no times")


def _rows_of(table: Any) -> list[Mapping[str, Any]]:
    if hasattr(table, "to_pylist"):
        return list(table.to_pylist())
    if hasattr(table, "to_dict"):
        return list(table.to_dict("records"))
    return list(table)


def _read(
    rows: list[Mapping[str, Any]], columns: PathColumns
) -> tuple[tuple[str, ...], Paths, int, int]:
    """Items, paths, outcomes and nulls; a row is a path that converts, one that does not, or both.

    A path without an item leads nowhere: its outcomes count, its nulls do not.
    """
    known = list(rows[0]) if rows else [columns.path, columns.conversions]
    for name in (columns.path, columns.conversions):
        if name not in known:
            raise UnknownColumnError("columns", name, known)
    codes: dict[str, int] = {}
    steps = [_steps(row, number, columns, codes) for number, row in enumerate(rows)]
    counts = [
        (_whole(row, number, columns.conversions), _whole(row, number, columns.nulls))
        for number, row in enumerate(rows)
    ]
    values = [_value(row, number, columns) for number, row in enumerate(rows)]
    ends = np.cumsum([len(path) for path in steps], dtype=np.int64)
    lengths = np.array([len(path) for path in steps], np.int64)
    units = np.repeat(np.arange(len(rows)), 2)
    weights = np.array(counts, np.int64).reshape(-1)
    kept = (weights > 0) & (lengths[units] > 0)
    items = tuple(codes)
    flat: npt.NDArray[np.integer[Any]] = np.array(
        [code for path in steps for code in path], code_type(len(items))
    )
    flat.flags.writeable = False
    direct = [normalise_channel(name) == DIRECT for name in items]
    paths = Paths(
        item_codes=flat,
        n_items=len(items),
        starts=(ends - lengths)[units],
        ends=ends[units],
        converts=np.tile([True, False], len(rows)),
        weights=weights,
        values=np.array([(value, 0) for value in values], np.int64).reshape(-1),
        units=units,
        at_us=NOTHING,
        is_direct=np.array(direct, np.bool_)[flat],
    ).only(kept)
    nulls = int(weights[1::2][lengths > 0].sum())
    return items, paths, int(weights[::2].sum()), nulls


def _steps(
    row: Mapping[str, Any], number: int, columns: PathColumns, codes: dict[str, int]
) -> list[int]:
    path = row[columns.path]
    if isinstance(path, str):
        path = [name.strip() for name in path.split(columns.separator.strip() or columns.separator)]
        path = [] if path == [""] else path
    if not isinstance(path, Iterable) or not all(isinstance(name, str) and name for name in path):
        raise InvalidOptionError(f"{columns.path} (row {number + 1})", path, "names of items")
    return [codes.setdefault(name, len(codes)) for name in path]


def _number(row: Mapping[str, Any], number: int, column: str, expected: str) -> Decimal:
    given = row.get(column, 0)
    try:
        found = Decimal(str(given).strip())
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or found.adjusted() > 15:
        raise InvalidOptionError(f"{column} (row {number + 1})", given, expected)
    return found


def _whole(row: Mapping[str, Any], number: int, column: str) -> int:
    expected = "a whole number, 0 or more"
    found = _number(row, number, column, expected)
    if found < 0 or found != int(found):
        raise InvalidOptionError(f"{column} (row {number + 1})", row.get(column), expected)
    return int(found)


def _value(row: Mapping[str, Any], number: int, columns: PathColumns) -> int:
    found = _number(row, number, columns.value, "an amount").scaleb(columns.exponent)
    if found and not _whole(row, number, columns.conversions):
        argument = f"{columns.value} (row {number + 1})"
        raise InvalidOptionError(argument, row.get(columns.value), "0 where nothing converts")
    return int(found.to_integral_value(ROUND_HALF_EVEN))
