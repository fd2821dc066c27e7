"""The three ways to match journeys agree with `re`, and with fingers where time counts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.item_names import ItemNames
from journeygraph.kernels import pattern_matches as compiled
from journeygraph.kernels.tiny import read_only
from journeygraph.pattern_automaton import Automaton, compile_pattern
from journeygraph.pattern_states import table_of
from tests.kernels.widths import CODE_TYPES

pattern_matches: Any = compiled
ITEMS = ("a", "b", "c")
PATTERNS = {
    "a .* b": "a.*b",
    "a [^c]* b path_end": "a[^c]*b$",
    "path_start (a b | c)+ a": "^(ab|c)+a",
    "a{2,3} b? c": "a{2,3}b?c",
    "path_start . . path_end": "^..$",
    "[^a] a{61} [b|c]": "[^a]a{61}[bc]",  # 63 places
    "path_start .{62} path_end": "^.{62}$",  # 64 places
}
journeys = st.lists(st.text("abcz", min_size=1, max_size=6), min_size=1, max_size=6)
LONG = ["b" + "a" * 61 + "c", "b" + "a" * 60 + "c", "abc" * 20 + "ab", "abc" * 21]


def _arrays(paths: list[str], dtype: Any) -> tuple[Any, ...]:
    """Codes of the items, z the largest of its type; rows of each journey; room for matches."""
    codes = {**{item: code for code, item in enumerate(ITEMS)}, "z": int(np.iinfo(dtype).max)}
    bounds = np.cumsum([0, *map(len, paths)])
    rows = read_only([codes[item] for path in paths for item in path], dtype)
    return (rows, len(ITEMS), read_only(bounds[:-1]), read_only(bounds[1:])), np.zeros(
        len(paths), np.bool_
    )


def _ways(automaton: Automaton) -> Any:
    return read_only(
        [automaton.first, automaton.last, automaton.start_places, automaton.end_places,
         automaton.clocked_least, automaton.queued], np.uint64,
    )  # fmt: skip


def _in_time(automaton: Automaton, paths: list[str], at_us: list[int]) -> list[bool]:
    given_rows, matches = _arrays(paths, np.uint32)
    edges = [(edge.source, edge.target, edge.measure, edge.update) for edge in automaton.edges]
    limits = [(edge.least_us, edge.most_us) for edge in automaton.edges]
    pattern_matches.match_in_time(
        *given_rows, read_only(at_us), read_only(automaton.item_places, np.uint64),
        _ways(automaton), read_only(edges).reshape(-1, 4), read_only(limits).reshape(-1, 2),
        matches,
    )  # fmt: skip
    return matches.tolist()


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=20)  # interpreted, the long ones take a while
@given(paths=journeys)
def test_without_time_all_agree_with_re(pattern: str, paths: list[str]) -> None:
    paths = [*paths, *LONG]
    automaton = compile_pattern(pattern, "did", ItemNames(items=ITEMS, same=str))
    expected = [bool(re.search(PATTERNS[pattern], path.replace("z", ""))) for path in paths]
    table = table_of(automaton)
    assert table is not None
    for dtype in CODE_TYPES:
        given_rows, matches = _arrays(paths, dtype)
        pattern_matches.match_by_table(
            *given_rows, table.kind_of, table.next_states, table.n_kinds, table.accepts_at_end,
            table.start, matches,
        )  # fmt: skip
        nothing = [not path.replace("z", "") for path in paths]  # which is no journey
        assert [m and not n for m, n in zip(matches, nothing, strict=True)] == [
            e and not n for e, n in zip(expected, nothing, strict=True)
        ]
    given_rows, matches = _arrays(paths, np.uint32)
    pattern_matches.match_by_sets(
        *given_rows, read_only(automaton.item_places, np.uint64),
        read_only(automaton.follow(), np.uint64), _ways(automaton), matches,
    )  # fmt: skip
    assert matches.tolist() == expected
    assert _in_time(automaton, paths, [0] * sum(map(len, paths))) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a .* <=2us b", [True, False, True]),
        ("a .* >=3us b", [False, True, True]),
        ("a <=1us b", [False, False, False]),
        ("path_start .* <=3us b", [True, True, False]),
        ("(a .* b){<=2us}", [True, False, True]),
        ("a >=2us path_end", [False, False, False]),
        ("a >=2us .* <=3us b", [True, True, True]),
        ("a >=3us .* <=3us b", [False, True, False]),
        ("a >=3us <=4us [^a]* b", [False, True, False]),
        ("a >=1us <=2us b", [False, False, True]),
        ("path_start >=4us .* <=5us b", [False, False, True]),
        ("c{0,64} b", None),
    ],
)
def test_with_time(pattern: str, expected: list[bool] | None) -> None:
    """a0 c1 b2; a0 b3; a0 a2 b4."""
    if expected is None:
        with pytest.raises(Exception, match="65 items"):
            compile_pattern(pattern, "did", ItemNames(items=ITEMS, same=str))
        return
    automaton = compile_pattern(pattern, "did", ItemNames(items=ITEMS, same=str))
    assert _in_time(automaton, ["azcb", "ab", "aab"], [0, 1, 1, 2, 0, 3, 0, 2, 4]) == expected
