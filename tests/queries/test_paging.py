"""Pages of any list, and of customers, give every node once, and refuse what is no page."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError
from journeygraph.graph_build import graph_from_rows
from queries.customer_lists import CustomerList, customers_of_units
from queries.paging import MAX_FIRST, cursor_of, page, position_of


@given(n=st.integers(0, 12), first=st.integers(1, 5))
def test_pages_give_every_node_once(n: int, first: int) -> None:
    found: list[int] = []
    after, more = None, True
    while more:
        got = page(range(n), first, after)
        assert len(got.nodes) <= first
        found += got.nodes
        after, more = got.page_info.end_cursor, got.page_info.has_next_page
    assert found == list(range(n))


@given(chosen=st.sets(st.integers(0, 9)), first=st.integers(1, 4))
def test_pages_of_customers_give_everybody_once(chosen: set[int], first: int) -> None:
    view = graph_from_rows([(f"c{number}", 0, "x") for number in range(10)]).journeys()
    customers = CustomerList(view, lambda: customers_of_units(view, np.array(sorted(chosen), int)))
    found: list[str] = []
    after, more = None, True
    while more:
        got = customers.page(first, after)
        found += got.ids
        after, more = got.end_cursor, got.has_next_page
    assert found == [f"c{number}" for number in sorted(chosen)]
    assert customers.count == len(chosen)


def test_customers_are_looked_for_once_and_only_when_asked() -> None:
    view = graph_from_rows([("a", 0, "x"), ("b", 0, "x")]).journeys()
    asked = []

    def find() -> npt.NDArray[np.int64]:
        asked.append(True)
        return np.array([1], np.int64)

    customers = CustomerList(view, find)
    assert not asked
    assert (customers.count, customers.page(5).ids, len(asked)) == (1, ("b",), 1)


def test_several_journeys_of_a_customer_are_one_customer() -> None:
    rows = [("a", 0, "x"), ("a", 10**12, "x"), ("b", 0, "x")]
    view = graph_from_rows(rows).journeys(split={"inactivity": "1d"}, unit="journey")
    assert customers_of_units(view, np.arange(view.n_units)).tolist() == [0, 1]


def test_nothing_of_a_list_says_that_there_is_more() -> None:
    got = page("abc", 0)
    assert (got.nodes, got.page_info.has_next_page, got.page_info.end_cursor) == ((), True, None)
    assert page("abc", 2, cursor_of(99)).nodes == ()


@given(position=st.integers(0, 2**63 - 1))
def test_a_cursor_reads_as_it_was_written(position: int) -> None:
    assert position_of(cursor_of(position)) == position


@pytest.mark.parametrize("first", [-1, MAX_FIRST + 1])
def test_a_page_is_bounded(first: int) -> None:
    with pytest.raises(InvalidOptionError, match="0 to 1000"):
        page("abc", first)


@pytest.mark.parametrize(
    "cursor", ["", "3", "abc", "ä", "MTI=", "YWZ0ZXI6LTE=", "YWZ0ZXI6eA==", cursor_of(2**63)]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidOptionError, match="endCursor"):
        page("abc", 1, cursor)
