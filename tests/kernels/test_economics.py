"""Sums of value and cost against adding them up one customer after the other."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.graph import MISSING
from journeygraph.kernels.economics import LIMB_BITS, N_SUMS, sum_amounts
from journeygraph.kernels.tiny import read_only

AMOUNTS = st.one_of(st.none(), st.integers(-9, 9), st.integers(-(2**55), 2**55))
JOURNEYS = st.lists(  # (new customer, new unit, outcomes, [(group, value, cost)])
    st.tuples(
        st.booleans(), st.booleans(), st.integers(0, 2),
        st.lists(st.tuples(st.integers(0, 2), AMOUNTS, AMOUNTS), max_size=3),
    ),
    max_size=6,
)  # fmt: skip


def numbered(journeys):
    """(customer, unit) of each journey, ascending."""
    customer = unit = 0
    for new_customer, new_unit, _outcomes, _rows in journeys:
        customer += new_customer
        unit += new_unit or new_customer
        yield customer, unit


def summed(journeys):
    whose = list(numbered(journeys))
    rows = [(place, row) for place, journey in enumerate(journeys) for row in journey[3]]
    said = [[MISSING if row[part] is None else row[part] for _, row in rows] for part in (1, 2)]
    return sum_amounts(
        read_only([row[0] for _, row in rows]), read_only(said[0]), read_only(said[1]),
        read_only([place for place, _ in rows]), read_only([unit for _, unit in whose]),
        read_only([customer for customer, _ in whose]),
        read_only([journey[2] for journey in journeys]), 3,
    )  # fmt: skip


def square(parts):
    return sum(int(part) << (LIMB_BITS * place) for place, part in enumerate(parts))


@settings(max_examples=15)
@given(journeys=JOURNEYS)
def test_sums_are_those_of_each_customer(journeys):
    found = summed(journeys)
    assert found.shape == (3, N_SUMS)
    for group in range(3):
        in_group, units, outcomes = [], defaultdict(set), {}
        totals = defaultdict(lambda: [0, 0])
        for place, ((customer, unit), journey) in enumerate(
            zip(numbered(journeys), journeys, strict=True)
        ):
            for row in (row for row in journey[3] if row[0] == group):
                in_group.append((unit, *row[1:]))
                units[customer].add(unit)
                outcomes[place] = (unit, journey[2])
                for part in (0, 1):
                    totals[customer][part] += row[1 + part] or 0
        said = [[(unit, row[part]) for unit, *row in in_group if row[part] is not None]
                for part in (0, 1)]  # fmt: skip
        n = {customer: len(of) for customer, of in units.items()}
        assert found[group, :12].tolist() == [
            len(in_group), len(outcomes), sum(n.values()), len(n),
            sum(of for _unit, of in outcomes.values()),
            len({unit for unit, of in outcomes.values() if of}),
            *(number for amounts in said for number in (
                len(amounts), len({unit for unit, _ in amounts}),
                sum(amount for _, amount in amounts),
            )),
        ]  # fmt: skip
        assert found[group, 12:15].tolist() == [
            sum(of * of for of in n.values()),
            *(sum(totals[one][part] * n[one] for one in n) for part in (0, 1)),
        ]
        for place, signs in ((15, (1, 0)), (19, (0, 1)), (23, (1, -1))):
            sums = [value * signs[0] + cost * signs[1] for value, cost in totals.values()]
            assert square(found[group, place : place + 4]) == sum(one * one for one in sums)


@settings(max_examples=15)
@given(journeys=JOURNEYS, others=JOURNEYS)
def test_sums_of_some_customers_and_of_others_add_up(journeys, others):
    apart = [
        (True, *journey[1:]) if place == 0 else journey for place, journey in enumerate(others)
    ]
    assert np.array_equal(summed(journeys) + summed(apart), summed([*journeys, *apart]))
