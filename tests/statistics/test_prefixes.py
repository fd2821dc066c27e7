"""Prefixes, against writing every one out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics import prefixes as module
from journeygraph.statistics.occasions import occasions_of
from journeygraph.statistics.prefixes import UNKNOWN_PREFIX, Prefixes

LONGEST = 3

walks = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), min_size=1, max_size=5)


@pytest.fixture(params=[np.int32, np.int64], ids=["32 bits", "64 bits"])
def row_type(request, monkeypatch):
    monkeypatch.setattr(module, "type_of_rows", lambda _n: request.param)
    return request.param


def test_rows_of_either_width(row_type):
    check([["a", "b", "a", "b"], ["b"], ["a", "b", "c"]])
    assert Prefixes(occasions([["a"]]), 1).level(1).order.dtype == row_type


@settings(max_examples=20)
@given(drawn=walks)
def test_the_occasions_of_every_prefix(drawn):
    check(drawn)


def occasions(drawn):
    rows = [
        (f"c{customer}", moment, name)
        for customer, walk in enumerate(drawn)
        for moment, name in enumerate(walk)
    ]
    return occasions_of(graph_from_rows(rows).journeys(), 1)


def check(drawn):
    listed = occasions(drawn)
    names, prefixes = listed.journeys.items, Prefixes(listed, LONGEST)
    written = [
        tuple(walk[max(0, place + 1 - LONGEST) : place + 1])
        for walk in drawn
        for place in range(len(walk))
    ]
    for length in range(1, LONGEST + 1):
        known = {last[-length:] for last in written if len(last) >= length}
        level = prefixes.level(length)
        assert len(level.keys) == len(known)
        assert (np.diff(level.keys) > 0).all()
        for prefix in sorted(known):
            number = prefixes.find([names.index(name) for name in prefix])
            there = [place for place, last in enumerate(written) if last[-length:] == prefix]
            assert level.occasions(number).tolist() == there
            assert (level.of_occasions[there] == number).all()
        shorter = [place for place, last in enumerate(written) if len(last) < length]
        assert (level.of_occasions[shorter] == UNKNOWN_PREFIX).all()
    unknown = [code for code in range(len(names)) if ("a", names[code]) not in
               {last[-2:] for last in written}]  # fmt: skip
    if "a" in names:
        found = [prefixes.find([names.index("a"), code]) for code in unknown]
        assert found == [UNKNOWN_PREFIX] * len(unknown)
