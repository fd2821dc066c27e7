"""One chain as a tree, against the naive twin: who is in it, and who stands below whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, UnknownCustomerError
from journeygraph.graph_build import graph_from_rows
from queries.referrals import CreditRule, Referrals, ReferralsAnswer, referrals
from tests.naive.referrals import grow
from tests.strategies import World, worlds

LINE = [("a", "b", 1), ("b", "c", 2), ("a", "d", None), ("x", "y", 3)]


def of_line(**options: Any) -> ReferralsAnswer:
    graph = graph_from_rows([], referrals=[(*row, None) for row in LINE], customers=["lonely"])
    return referrals(Referrals(**options), graph.journeys())


@given(world=worlds())
def test_a_tree_is_that_of_the_naive_twin(world: World) -> None:
    forest = grow([row[:3] for row in world.referrals], "first")
    answer = referrals(Referrals(), world.graph.journeys())
    for customer in world.all_customers():
        tree = answer.tree(of=customer)
        assert tree is not None
        root = forest.root(customer)
        assert (tree.root, tree.others) == (root, 0)
        assert set(tree.ids) == {root} | forest.descendants(root)
        assert tree.size == len(tree.ids)
        depths = [forest.depth(one) for one in tree.ids]
        assert depths == sorted(depths)
        assert tree.depth == depths[-1]
        above = [None if place < 0 else tree.ids[place] for place in tree.referrers]
        assert above == [forest.parent(one) for one in tree.ids]
        at = [None if one == root else forest.edges[one].at for one in tree.ids]
        assert list(tree.referred_at_us) == at


def test_without_a_customer_it_is_the_first_chain() -> None:
    tree = of_line().tree()
    assert tree is not None
    assert (tree.root, tree.size, tree.depth) == ("a", 4, 2)
    assert tree.ids == ("a", "b", "d", "c")
    assert tree.referrers == (-1, 0, 0, 1)
    assert tree.referred_at_us == (None, 1, None, 2)


def test_members_beyond_the_most_are_counted() -> None:
    tree = of_line().tree(most=2)
    assert tree is not None
    assert (tree.ids, tree.referrers, tree.others) == (("a", "b"), (-1, 0), 2)
    assert (tree.size, tree.depth) == (4, 2)


def test_who_is_in_no_chain_stands_alone() -> None:
    tree = of_line().tree(of="lonely")
    assert tree is not None
    assert (tree.ids, tree.size, tree.depth) == (("lonely",), 1, 0)


def test_there_may_be_none() -> None:
    graph = graph_from_rows([("a", 0, "home", "web", None, None)])
    assert referrals(Referrals(), graph.journeys()).tree() is None


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match="from 1 to 50000"):
        of_line().tree(most=0)
    with pytest.raises(UnknownCustomerError):
        of_line().tree(of="nobody")
    with pytest.raises(ConflictingOptionsError):
        of_line(credit=CreditRule.SPLIT).tree()
