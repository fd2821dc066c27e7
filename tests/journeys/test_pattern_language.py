"""Patterns of what was done: against `re`, against trying everything, and against themselves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from journeygraph import pattern_matching, threads
from journeygraph.errors import (
    InvalidOptionError,
    JourneyGraphError,
    PatternMatchesNothingError,
    TooLargePatternError,
    UnknownItemError,
    UnreadablePatternError,
)
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.pattern_automaton import Automaton
from tests.journeys.views import ask, cases, described
from tests.naive import pattern_language as naive
from tests.naive.journeys import InterleavedError, MatchesNothingError
from tests.naive.pattern_language import Node
from tests.strategies import DAY_US, World

LETTERS = "abcd"
_names = st.lists(st.sampled_from(LETTERS), max_size=2, unique=True)
_items = st.builds(lambda names, negated: ("item", names, negated), _names, st.booleans())
_counts = st.sampled_from([(0, None), (1, None), (0, 1), (2, 2), (0, 2), (1, 3), (2, None)])


def _larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(lambda parts: ("sequence", parts, []), st.lists(nodes, min_size=2, max_size=4)),
        st.builds(lambda options: ("choice", options), st.lists(nodes, min_size=2, max_size=3)),
        st.builds(lambda node, count: ("repeat", node, *count), nodes, _counts),
    )


plain_patterns = st.recursive(
    st.integers(0, 11).flatmap(
        lambda kind: st.just([("start",), ("end",)][kind]) if kind < 2 else _items
    ),
    _larger,
    max_leaves=7,
)
_small = st.recursive(_items, _larger, max_leaves=3)
_gaps: st.SearchStrategy[Node] = st.one_of(
    _small, st.builds(lambda item: ("repeat", item, 0, None), _items)
)
_limit = st.tuples(st.integers(1, 4), st.sampled_from(["<=", "<=", ">="]), st.integers(1, 6))
_free: st.SearchStrategy[Node] = st.builds(
    lambda parts, limits: ("sequence", parts, [one for one in limits if one[0] < len(parts)]),
    st.lists(st.one_of(_items, _gaps, st.just(("start",)), st.just(("end",))), min_size=2,
             max_size=5),
    st.lists(_limit, min_size=1, max_size=2, unique_by=lambda limit: limit[:2]),
)  # fmt: skip


@st.composite
def _in_turn(draw: st.DrawFn) -> Node:
    """Items with gaps between them, a limit of time or none for each gap."""
    parts: list[Node] = [draw(_items)]
    limits: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(1, 3))):
        first = len(parts)
        parts += draw(st.lists(_gaps.filter(naive.may_be_empty), max_size=2))
        if draw(st.integers(0, 3)):
            limits.append((draw(st.integers(first, len(parts))), *draw(_limit)[1:]))
        has_other_end = draw(st.booleans())
        if limits and has_other_end:  # the other end, which may be the same one again
            limits.append((limits[-1][0], *draw(_limit)[1:]))
        parts.append(draw(_items))
    return "sequence", parts, limits


_limited = st.one_of(_free, _in_turn(), _in_turn(), _in_turn())
_timed = st.one_of(_limited, st.builds(lambda node, us: ("within", node, us), _gaps, _limit.map(
    lambda limit: limit[2])))  # fmt: skip
timed_patterns = st.one_of(
    _limited,
    st.builds(
        lambda before, timed, after: ("sequence", [*before, timed, *after], []),
        st.lists(_small, max_size=2), _timed, st.lists(_small, max_size=2),
    ),
    st.builds(lambda node, count: ("repeat", node, *count), _timed, _counts),
    st.builds(lambda one, other: ("choice", [one, other]), _timed, _timed),
)  # fmt: skip

_journey = st.lists(st.tuples(st.sampled_from(LETTERS + "z"), st.integers(0, 3)), max_size=7)
all_journeys = st.lists(_journey, min_size=1, max_size=8)


def _graph(journeys: list[list[tuple[str, int]]]) -> JourneyGraph:
    """One customer for each journey, items at so many microseconds after each other."""
    rows: list[tuple[Any, ...]] = []
    for number, journey in enumerate([*journeys, [(letter, 1) for letter in LETTERS + "z"]]):
        at_us = 0
        for item, wait_us in journey:
            at_us += wait_us
            rows.append((str(number), at_us, item))
    return graph_from_rows(rows)


def _paths(view: Journeys) -> dict[str, tuple[list[str], list[int]]]:
    """Items and times by customer, of views with a journey for each."""
    found = {}
    for unit, first, last in zip(
        view.journey_units, view.journey_starts, view.journey_ends, strict=True
    ):
        rows = [row for row in range(first, last) if view.item_codes[row] < view.n_items]
        items = [view.items[view.item_codes[row]] for row in rows]
        found[view.customer_ids(np.array([unit]))[0]] = items, view.graph.at_us[rows].tolist()
    return found


def _who(graph: JourneyGraph, pattern: str, **options: Any) -> set[str]:
    view = graph.journeys(where={"did": pattern}, **options)
    return set(view.customer_ids(np.arange(view.n_units)))


def _usable(node: Node) -> tuple[Node, str]:
    """A pattern that means something, and its text; what means nothing is tested apart."""
    if naive.may_be_empty(node):
        node = "sequence", [node, ("item", ["b"], False)], []
    text = naive.written(node)
    try:
        _graph([]).journeys(where={"did": text})
    except UnreadablePatternError as error:
        assume("no journey can" not in error.problem)
        assume("limited already" not in error.problem)
        assume("on either side" not in error.problem)
        assume("no time is at least" not in error.problem)
        assume("a limit with both ends" not in error.problem)
        raise
    return node, text


@contextmanager
def _reading(how: str) -> Iterator[None]:
    """With the table of states, without, or by what reads times."""
    if how == "table":
        yield
        return
    with mock.patch.object(pattern_matching, "table_of", return_value=None):
        if how == "sets":
            yield
            return
        timed = property(lambda _automaton: True)
        with mock.patch.object(Automaton, "is_timed", timed):
            yield


@pytest.mark.parametrize("how", ["table", "sets", "time"])
@given(node=plain_patterns, journeys=all_journeys, collapse=st.booleans())
def test_without_times_it_is_what_regular_expressions_say(
    how: str, node: Node, journeys: list[list[tuple[str, int]]], collapse: bool
) -> None:
    (node, text), graph = _usable(node), _graph(journeys)
    rules = {"exclude": ["z"], "collapse": collapse}
    paths = _paths(graph.journeys(rules=rules))
    expected = {
        customer for customer, (items, _) in paths.items()
        if re.search(naive.regex(node), f"<{''.join(items)}>")
    }  # fmt: skip
    with _reading(how):
        assert _who(graph, text, rules=rules) == expected


@given(node=timed_patterns, journeys=all_journeys, collapse=st.booleans())
def test_with_times_it_is_what_trying_everything_says(
    node: Node, journeys: list[list[tuple[str, int]]], collapse: bool
) -> None:
    (node, text), graph = _usable(node), _graph(journeys)
    rules = {"exclude": ["z"], "collapse": collapse}
    paths = _paths(graph.journeys(rules=rules))
    expected = {who for who, (items, at_us) in paths.items() if naive.is_in(node, items, at_us)}
    assert _who(graph, text, rules=rules) == expected


@given(node=plain_patterns, journeys=all_journeys)
def test_the_twin_agrees_with_regular_expressions(
    node: Node, journeys: list[list[tuple[str, int]]]
) -> None:
    for journey in filter(None, journeys):
        items = [item for item, _ in journey]
        assert naive.is_in(node, items, [0] * len(items)) == bool(
            re.search(naive.regex(node), f"<{''.join(items)}>")
        )


@given(node=plain_patterns, least=st.booleans())
def test_what_may_match_nothing_is_refused(node: Node, least: bool) -> None:
    if not naive.may_be_empty(node):
        node = ("repeat", node, 0, 2) if least else ("choice", [node, ("repeat", node, 0, None)])
    with pytest.raises(UnreadablePatternError, match="may match nothing"):
        _graph([]).journeys(where={"did": naive.written(node)})


@pytest.mark.parametrize(
    ("pattern", "who"),
    [
        ("a .* <=2d b", "near twice"),
        ("a <=2d b", "near twice"),
        ("a <=5d b", "near twice far"),
        ("a [^c]* >=4d b", "twice far"),  # the first a counts for twice
        ("a [^c]* <=1d b", "near"),
        ("path_start .* >=4d path_end", "twice far"),
        ("(a .* b){<=2d} path_end", "near twice"),
        ("(path_start .* b){<=2d}", "near other"),
        ("a -> b", "near far twice"),
        ("path_start a+ b path_end", "near far twice"),
        ("a{2,}", "twice"),
        ("[a|b] c | c c", "other"),
        ("'a' \"b\"", "near far twice"),
    ],
)
def test_worked_examples(pattern: str, who: str) -> None:
    days = {
        "near": [("a", 0), ("b", 1)],
        "far": [("a", 0), ("b", 5)],
        "twice": [("a", 0), ("a", 3), ("b", 5)],
        "other": [("b", 0), ("c", 3)],
    }
    rows = [(name, day * DAY_US, item) for name, path in days.items() for item, day in path]
    assert _who(graph_from_rows(rows), pattern) == set(who.split())


def test_the_place_of_a_fault_is_told() -> None:
    graph = _graph([])
    for pattern, position, problem in [
        ("[a|b", 5, "']' or '|' is expected"),
        ("a ((b c", 8, "')' is expected"),
        ("a b)", 4, "')' stands where a name"),
        ("a |", 4, "the end stands where a name"),
        ("a**", 3, "repeated already"),
        ("* a", 1, "'*' stands where"),
        ("a{3,1}", 2, "the second count"),
        ("a{0}", 2, "at least 1"),
        ("a{x}", 3, "a whole number"),
        ("a{1", 4, "the end stands where '}'"),
        ("a{65}", 3, "at most 64"),
        ("a{99999999999}", 3, "at most 64"),
        ("a <2d b", 3, "written '<=2d'"),
        ("a <= b", 6, "'b' is not a length of time"),
        ("a <=2 b", 5, "'2' is not a length of time"),
        ("a <=2d", 7, "the end stands where"),
        ("a* <=2d b", 4, "needs an item on either side"),
        ("a <=2d b*", 3, "needs an item on either side"),
        ("a <=2d .* <=1d b", 11, "limited already"),
        ("a >=1d >=2d b", 8, "limited already"),
        ("a <=1d .* >=2d b", 11, "no time is at least the one and at most"),
        ("a >=1d .* [^b]* <=2d b", 3, "both ends spans one gap"),
        ("a >=1d (b c)* <=2d d", 3, "both ends spans one gap"),
        ("a >=1d b? <=2d d", 3, "both ends spans one gap"),
        ("a (b <=1d c)? <=2d d", 6, "within another one"),
        ("((a b){<=1d} c){<=2d}", 2, "within another one"),
        ("(a b){>=2d}", 7, "at most a time"),
        ("a{<=2d}", 3, "follows a group"),
        ('a "b', 3, "has no end"),
        ('a ""', 3, "a name is empty"),
        ("a = b", 3, "quote names"),
        ("a path_start", 1, "no journey can match it"),
        ("path_end a", 1, "no journey can match it"),
        ("a*", 1, "may match nothing"),
        ("  ", 1, "it is empty"),
        ("a " * 501, 1_001, "of at most 1000"),
        ("(" * 30 + "a" + ")" * 30, 21, "more than 20 deep"),
    ]:
        with pytest.raises(UnreadablePatternError) as caught:
            graph.journeys(where={"did": pattern})
        assert caught.value.position == position, pattern
        assert problem in caught.value.problem
        assert f"where.did cannot be read at character {position}: " in caught.value.problem


def test_names_that_are_not_there_are_told_with_their_place() -> None:
    rows = [("c", 0, "pricing page"), ("c", 1, "cart"), ("c", 2, "product a*b")]
    graph = graph_from_rows(rows)
    with pytest.raises(UnknownItemError, match=r"where\.did \(character 9\)='crat'") as e:
        graph.journeys(where={"did": "cart [^ crat]"})
    assert (e.value.code, e.value.remedy) == ("UNKNOWN_ITEM", "Did you mean 'cart'?")
    with pytest.raises(UnknownItemError, match=r"where\.notDid \(character 1\)='Cart'"):
        graph.journeys(where={"notDid": "Cart"})
    with pytest.raises(PatternMatchesNothingError, match=r"where\.did \(character 6\)='prod\*x'"):
        graph.journeys(where={"did": "cart 'prod*x'"})
    for pattern in ("'pric*'", '"pricing page" cart', "'product ?\\*b'", r'"product a\*b"'):
        assert _who(graph, pattern) == {"c"}
    with pytest.raises(TooLargePatternError, match="made of 80 items"):
        graph.journeys(where={"did": "cart{40} cart{40}"})
    with pytest.raises(TooLargePatternError):
        graph.journeys(where={"did": "((((cart{64}){64}){64}){64}){64}"})
    for given_, error in [([], InvalidOptionError), (["cart"] * 21, InvalidOptionError),
                          (3, InvalidOptionError), ("cart\ud800", InvalidOptionError)]:  # fmt: skip
        with pytest.raises(error):
            graph.journeys(where={"did": given_})


def test_channels_and_stages_are_named_in_any_spelling() -> None:
    graph = graph_from_rows([("c", 0, "x", "email", "inquiry"), ("d", 0, "x", "web", None)])
    assert _who(graph, "'E-Mail'", by="channel") == {"c"}
    assert _who(graph, "'x@email'", by="touchpoint_at_channel") == {"c"}
    assert _who(graph, "x@web", by="touchpoint_at_channel") == {"d"}
    assert _who(graph, "path_start unknown", by="stage") == {"d"}


@given(text=st.text("ab[]|^.*+?(){}<>=-,'\"\\ 0129dhpath_strend", max_size=30))
@example(text="(" * 200)
@example(text="a" + "?" * 100)
@example(text="a{,3}")
@example(text="a <=9999999999999999999999d b")
@example(text="a <=\u0663d b")
def test_whatever_is_typed_there_is_no_traceback(text: str) -> None:
    graph = _graph([[("a", 0), ("b", 1)], [("b", 0)]])
    with suppress(JourneyGraphError):
        assert 0 <= graph.journeys(where={"did": text}).n_units <= 3


@given(text=st.text(max_size=20))
def test_any_text_at_all(text: str) -> None:
    with pytest.raises(JourneyGraphError):
        graph_from_rows([("c", 0, "\x00 a name nobody types")]).journeys(
            where={"did": text + " no_such_item"}
        )


def _journeys_of(view: Journeys) -> list[list[str]]:
    codes = view.item_codes.tolist()
    return [
        [view.items[code] for code in codes[first:last] if code < view.n_items]
        for first, last in zip(view.journey_starts, view.journey_ends, strict=True)
    ]


@given(case=cases(), data=st.data())
def test_did_and_not_did_divide_a_view(case: tuple[World, dict[str, Any]], data: Any) -> None:
    """Whatever the options: those of the plain view, journeys and units taken whole."""
    world, options = case
    try:
        plain = ask(world.graph, options)
    except (JourneyGraphError, InterleavedError, MatchesNothingError):
        return
    assume(plain.items)
    first, second = (
        data.draw(st.sampled_from(plain.items)).replace("\\", "\\\\") for _ in range(2)
    )
    assume(not set("*?\"'") & set(first + second))
    pattern = f'"{first}" .* "{second}"'
    names = [one.replace("\\\\", "\\") for one in (first, second)]
    hits = [_has(path, *names) for path in _journeys_of(plain)]
    units = {int(unit) for unit, hit in zip(plain.journey_units, hits, strict=True) if hit}
    for key, wanted in (("did", units), ("not_did", set(range(plain.n_units)) - units)):
        asked = {**options, "where": {**(options.get("where") or {}), key: [pattern]}}
        with (
            mock.patch.object(threads, "_LEAST_SIZE", 2),
            mock.patch.dict(os.environ, JOURNEYGRAPH_THREADS="4"),
        ):
            view = ask(world.graph, asked)
        kept = np.array(sorted(wanted), np.int64)
        stays = np.isin(plain.journey_units, kept)
        assert view.journey_starts.tolist() == plain.journey_starts[stays].tolist()
        assert view.journey_ends.tolist() == plain.journey_ends[stays].tolist()
        assert kept[view.journey_units].tolist() == plain.journey_units[stays].tolist()
        for name in ("unit_customers", "unit_starts", "unit_ends", "unit_value_minor",
                     "unit_first_outcome", "unit_last_outcome"):  # fmt: skip
            assert getattr(view, name).tolist() == getattr(plain, name)[kept].tolist(), name
        assert view.as_of_us == plain.as_of_us
        assert len(described(view)) == len(wanted)


def _has(path: list[str], first: str, second: str) -> bool:
    return first in path and second in path[path.index(first) + 1 :]


def test_each_pattern_asks_the_unit_and_not_one_journey() -> None:
    """A customer may do one thing in one journey and another in the next."""
    rows = [("c", 0, "a"), ("c", 9 * DAY_US, "b"), ("d", 0, "a")]
    graph = graph_from_rows(rows)
    split = {"inactivity": "1d"}
    assert _who(graph, "a b") == {"c"}
    assert _who(graph, "a b", split=split) == set()
    both = graph.journeys(where={"did": ["a", "b"]}, split=split)
    assert (both.n_units, both.n_journeys) == (1, 2)
    one = graph.journeys(where={"did": "b"}, split=split, unit="journey")
    assert (one.n_units, one.n_journeys, _journeys_of(one)) == (1, 1, [["b"]])
    neither = graph.journeys(where={"did": "a", "notDid": ["b"]}, split=split)
    assert neither.customer_ids(np.arange(neither.n_units)) == ["d"]


def test_no_customer_and_no_interaction() -> None:
    assert graph_from_rows([]).journeys(where={"did": ". ."}).n_units == 0
    assert graph_from_rows([("a", 0, "x")]).journeys(where={"did": "x x"}).n_units == 0


@pytest.mark.parametrize("n_touchpoints", [3, 300, 70_000])
def test_codes_of_every_width(n_touchpoints: int) -> None:
    names = [f"page {number}" for number in range(n_touchpoints)]
    rows = [("reader", at, name) for at, name in enumerate(names)]
    rows += [("a", 0, names[-1]), ("a", 5, names[0]), ("b", 0, names[0]), ("b", 5, names[-1])]
    graph = graph_from_rows(rows)
    last = names[-1]
    assert _who(graph, f"'{last}' 'page 0'") == {"a"}
    assert _who(graph, f"'{last}' .* <=5us 'page 0'") == {"a"}
    assert _who(graph, f"'{last}' .* >=6us 'page 0' | 'page 1'") == {"reader"}
    with _reading("sets"):
        assert _who(graph, f"path_start [^'page 0'] .{{0,20}} 'page 0' | '{last}' 'page 0'") == {
            "a"
        }


def test_a_pattern_that_no_table_holds_is_read_by_sets() -> None:
    """Which of the last twenty were an `a` would need a million states."""
    rng = np.random.default_rng(7)
    paths = ["".join(rng.choice(list("ab"), 60)) for _ in range(200)]
    rows = [(str(number), at, item) for number, path in enumerate(paths)
            for at, item in enumerate(path)]  # fmt: skip
    expected = {str(n) for n, path in enumerate(paths) if re.search("a.{20}b{3}.*a{5}", path)}
    assert 0 < len(expected) < 200
    assert _who(graph_from_rows(rows), "a .{20} b{3} .* a{5}") == expected
