"""Graphs made by hand: plain rows in, a graph out, for tests, docs and small experiments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.graph import (
    NUMBERS,
    TEXTS,
    WORDS,
    CodedColumn,
    IntArray,
    JourneyGraph,
    Referrals,
    code_type,
)
from journeygraph.graph_columns import MemoryColumns, empty_number
from journeygraph.graph_layout import (
    Arranged,
    Arrivals,
    Dictionary,
    arrange,
    fill_not_said,
    graph_channels,
    words_of_touchpoints,
)
from journeygraph.json_columns import text_of
from journeygraph.texts import Texts
from journeygraph.vocabulary import code_of, normalise_channel

__all__ = ["code_texts", "graph_from_rows"]

Row = tuple[Any, ...]


def graph_from_rows(
    rows: Sequence[Row],
    *,
    referrals: Sequence[Row] = (),
    customers: Iterable[str] = (),
    attributes: Mapping[str, Mapping[str, Any]] | None = None,
    touchpoints: Iterable[str] = (),
    dictionary: Dictionary | None = None,
    currency: str | None = None,
    exponent: int = 2,
    version: int | None = None,
    **columns: Sequence[Any],
) -> JourneyGraph:
    """A graph of interactions given as rows, in the order of arrival.

    Parameters
    ----------
    rows
        (customer, at_us, touchpoint, channel, stage, value_minor); what is missing at the end
        or None is not said.
    referrals
        (referrer or None, referred, at_us or None, medium or None), in the order of arrival.
    customers
        Further customers, without an interaction.
    attributes
        By customer: {"c1": {"country": "DE"}}; these too become customers.
    touchpoints
        Names that get the first codes, in use or not.
    dictionary
        What is known of each touchpoint where the rows do not say.
    columns
        Further columns, one entry for each row: `sequence=[…]`, `session=[…]`,
        `initiator=["customer", None, …]`, `emotion=[900, None, …]` (thousandths), `cost=[…]`
        (minor units); any other name becomes a property.
    """
    given = dictionary or {}
    who, at, where, by, stages, values = _columns(rows, 6)
    referrers, referred, referred_at, media = _columns(referrals, 4)
    ids = _index([*who, *customers, *(attributes or {}), *filter(None, referrers), *referred])
    places = _index([*touchpoints, *where])
    by, media = ([normalise_channel(text or "") for text in texts] for texts in (by, media))
    channels = graph_channels([text for text in [*by, *media] if text], given, list(places))
    channel_of = {**_index(channels), "": 0}
    sequence = columns.get("sequence")
    arranged = arrange(
        Arrivals(
            customers=_codes(who, ids),
            at_us=np.array(at, np.int64),
            touchpoints=_codes(where, places),
            channels=_codes(by, channel_of),
            stages=_word_codes("stage", stages),
            value_minor=_numbers("cost", values),
            sequence=None if sequence is None else _numbers("sequence", sequence),
        ),
        n_customers=len(ids),
        touchpoints=list(places),
        channels=channels,
        dictionary=given,
    )
    return JourneyGraph(
        version=version,
        as_of_us=max(at, default=0),
        customer_starts=arranged.customer_starts,
        at_us=arranged.at_us,
        touchpoint_codes=arranged.touchpoint_codes,
        channel_codes=arranged.channel_codes,
        stage_codes=arranged.stage_codes,
        value_minor=arranged.value_minor,
        touchpoints=tuple(places),
        channels=channels,
        currency=currency,
        exponent=exponent,
        referrals=Referrals(
            referrers=_codes(referrers, {**ids, None: -1}),
            referred=_codes(referred, ids),
            at_us=_numbers("cost", referred_at),
            medium_codes=_codes(media, channel_of).astype(code_type(len(channels))),
        ),
        further=MemoryColumns(
            customer_ids=Texts.of(ids).indexed(),
            n_interactions=len(rows),
            customer_attributes=_attributes(ids, attributes or {}),
            **_further(columns, arranged, list(places), given),
        ),
    )


def code_texts(texts: Iterable[Any]) -> CodedColumn:
    """Codes by first appearance, -1 for None and for the empty text."""
    said = [None if text is None or text == "" else str(text) for text in texts]
    names = _index([text for text in said if text is not None])
    return CodedColumn(_codes(said, {**names, None: -1}).astype(np.int32), tuple(names))


def _columns(rows: Sequence[Row], width: int) -> list[list[Any]]:
    padded = [(*row, *(None,) * (width - len(row))) for row in rows]
    return [[row[place] for row in padded] for place in range(width)]


def _index(names: Iterable[Any]) -> dict[Any, int]:
    return {name: code for code, name in enumerate(dict.fromkeys(names))}


def _codes(names: Iterable[Any], codes: Mapping[Any, int]) -> npt.NDArray[np.int64]:
    return np.array([codes[name] for name in names], np.int64)


def _word_codes(column: str, texts: Iterable[str | None]) -> IntArray:
    codes = {text: code_of(text or "", WORDS[column]) for text in set(texts)}
    for text, code in codes.items():
        if code is None:
            raise InvalidOptionError(column, text, " or ".join(WORDS[column]))
    return np.array([codes[text] for text in texts], np.uint8)


def _numbers(column: str, numbers: Sequence[Any]) -> npt.NDArray[Any]:
    """Numbers with None replaced by what stands for none in this column."""
    none = empty_number(column, 1)
    return np.array([none[0] if number is None else number for number in numbers], none.dtype)


def _further(
    columns: Mapping[str, Sequence[Any]],
    arranged: Arranged,
    touchpoints: Sequence[str],
    dictionary: Dictionary,
) -> dict[str, Any]:
    n = len(arranged.order)
    numbers: dict[str, IntArray] = {"row": arranged.order.astype(np.int64)}
    texts: dict[str, CodedColumn] = {}
    properties: dict[str, CodedColumn] = {}
    for name, values in columns.items():
        if name in NUMBERS:
            numbers[name] = _numbers(name, values)[arranged.order]
        elif name not in WORDS:
            coded = code_texts(values)
            there = CodedColumn(coded.codes[arranged.order], coded.names)
            if name in TEXTS or coded.names:
                (texts if name in TEXTS else properties)[name] = there
    for name in WORDS:
        codes = _word_codes(name, columns.get(name, [None] * n))[arranged.order]
        words = words_of_touchpoints(touchpoints, dictionary, name)
        numbers[name] = fill_not_said(codes, arranged.touchpoint_codes, words)
    return {"numbers": numbers, "texts": texts, "properties": properties}


def _attributes(
    ids: Mapping[str, int], attributes: Mapping[str, Mapping[str, Any]]
) -> dict[str, CodedColumn]:
    names = dict.fromkeys(name for row in attributes.values() for name in row)
    return {
        name: code_texts(text_of(attributes.get(customer, {}).get(name)) for customer in ids)
        for name in names
    }
