"""Patterns over logs that nobody here wrote, against `re` and against plain loops over times."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import journeygraph
from journeygraph.graph import JourneyGraph

pytestmark = pytest.mark.realdata

SHOP = "simple_onlineshop"
History = tuple[str, list[pd.Timestamp]]


@cache
def _frame(name: str) -> pd.DataFrame:
    frame = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / f"{name}.parquet")
    key = "case_id" if name in ("sepsis", "traffic_fines") else "customer_id"
    frame = frame.assign(customer=frame[key].astype(str))
    return frame[["customer", "timestamp", "touchpoint", "event_index"]]


@cache
def _graph(name: str) -> JourneyGraph:
    return journeygraph.from_pandas(_frame(name), columns={"sequence": "event_index"})


def _who(graph: JourneyGraph, pattern: str, **options: Any) -> set[str]:
    view = graph.journeys(where={"did": pattern}, **options)
    return set(view.customer_ids(np.arange(view.n_units)))


@cache
def _histories(name: str) -> dict[str, History]:
    frame, letters = _frame(name), _letters(name)
    ordered = frame.sort_values(["customer", "timestamp", "event_index"], kind="stable")
    return {
        str(customer): ("".join(letters[name] for name in rows.touchpoint), list(rows.timestamp))
        for customer, rows in ordered.groupby("customer", sort=False)
    }


def _letters(name: str) -> dict[str, str]:
    names = sorted(_frame(name).touchpoint.unique())
    return {name: chr(ord("A") + number) for number, name in enumerate(names)}


_SHOP = (
    ("cart [^payment_done]* path_end", "cart[^payment_done]*$"),
    ("catalog cart", "catalogcart"),
    ("catalog .* cart", "catalog.*cart"),
    ("path_start catalog .* cart", "^catalog.*cart"),
    ("path_start catalog [^'product*']* cart", "^catalog[^product1product2]*cart"),
    ("(catalog 'product*'){3,} .* cart", "(?:catalog[product1product2]){3,}.*cart"),
    ("main{2} [^main|lost]{1,3} lost | payment_card", "main{2}[^mainlost]{1,3}lost|payment_card"),
)


@pytest.mark.parametrize(("pattern", "expression"), _SHOP)
def test_the_shop_by_regular_expressions(pattern: str, expression: str) -> None:
    letters = _letters(SHOP)
    for name in sorted(letters, key=len, reverse=True):
        expression = expression.replace(name, letters[name])
    expected = {
        customer for customer, (path, _) in _histories(SHOP).items()
        if re.search(expression, path)
    }  # fmt: skip
    assert 0 < len(expected) < 3_751
    assert _who(_graph(SHOP), pattern) == expected


def test_gaps_are_the_funnel_of_an_independent_tool() -> None:
    folder = Path(os.environ["JOURNEYGRAPH_DATA"]) / "truth"
    steps = json.loads((folder / "funnel_simple_onlineshop.json").read_text())["steps"]
    graph, names = _graph(SHOP), list(steps)
    for length in range(1, len(names) + 1):
        assert len(_who(graph, " .* ".join(names[:length]))) == steps[names[length - 1]]


@pytest.mark.parametrize("limit", ["10s", "40s", "2m", "1h"])
def test_the_shop_in_time(limit: str) -> None:
    letters, within = _letters(SHOP), pd.Timedelta(limit)
    cart, paid, catalog = (letters[name] for name in ("cart", "payment_done", "catalog"))
    soon, late, whole = set(), set(), set()
    for customer, (path, at) in _histories(SHOP).items():
        pairs = [
            (first, last)
            for first in range(len(path)) for last in range(first + 1, len(path))
            if path[last] == paid
        ]  # fmt: skip
        for first, last in pairs:
            took = at[last] - at[first]
            if path[first] == cart and catalog not in path[first:last]:
                soon |= {customer} if took <= within else set()
                late |= {customer} if took >= within else set()
            if path[first] == catalog and cart in path[first:last] and took <= within:
                whole.add(customer)
    graph = _graph(SHOP)
    assert _who(graph, f"cart [^catalog]* <={limit} payment_done") == soon
    assert _who(graph, f"cart [^catalog]* >={limit} payment_done") == late
    assert _who(graph, f"(catalog .* cart .* payment_done){{<={limit}}}") == whole


def test_a_greedy_match_is_wrong_with_restricted_gaps() -> None:
    """From the first leucocytes on there is a release; from a later one none is in between."""
    letters = _letters("sepsis")
    one, other, end = (letters[name] for name in ("Leucocytes", "CRP", "Release A"))
    histories = _histories("sepsis")
    exact, greedy = set(), set()
    for customer, (path, _) in histories.items():
        if re.search(f"{one}[^{other}]*{end}", path):
            exact.add(customer)
        if one in path and re.match(f"[^{other}]*{end}", path[path.index(one) + 1 :]):
            greedy.add(customer)
    assert greedy < exact
    assert _who(_graph("sepsis"), 'Leucocytes [^CRP]* "Release A"') == exact
