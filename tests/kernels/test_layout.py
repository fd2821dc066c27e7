from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InconsistentGraphError
from journeygraph.graph_layout import Arrivals, arrange
from journeygraph.kernels.layout import is_in_order

ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-3, 3), st.integers(0, 2)), max_size=400
)  # fmt: skip


def arrivals_of(rows: list[tuple[int, int, int]], *, with_sequence: bool) -> Arrivals:
    customers, at_us, sequence = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    n = len(rows)
    return Arrivals(
        customers=customers,
        at_us=at_us,
        touchpoints=np.arange(n) % 2,
        channels=np.zeros(n, np.uint8),
        stages=np.zeros(n, np.uint8),
        value_minor=np.arange(n) * 10,
        sequence=sequence if with_sequence else None,
    )


@given(rows=ROWS, with_sequence=st.booleans(), sort_first=st.booleans())
def test_the_order_is_that_of_a_plain_sort(
    rows: list[tuple[int, int, int]], with_sequence: bool, sort_first: bool
) -> None:
    if sort_first:
        rows = sorted(rows)
    arranged = arrange(
        arrivals_of(rows, with_sequence=with_sequence),
        n_customers=4, touchpoints=["x", "y"], channels=["unknown"], dictionary={},
    )  # fmt: skip
    expected = sorted(
        range(len(rows)),
        key=lambda row: (*rows[row][: 3 if with_sequence else 2], row),
    )
    assert arranged.order.tolist() == expected
    assert arranged.at_us.tolist() == [rows[row][1] for row in expected]
    assert arranged.value_minor.tolist() == [row * 10 for row in expected]
    counts = [sum(row[0] == customer for row in rows) for customer in range(4)]
    assert np.diff(arranged.customer_starts).tolist() == counts


@pytest.mark.parametrize("n", [24, 25, 48, 49, 1000, 1025])
def test_one_customer_with_everything_is_sorted(n: int) -> None:
    generator = np.random.default_rng(n)
    rows = [(0, int(at), int(sequence)) for at, sequence in generator.integers(0, n // 4, (n, 2))]
    arranged = arrange(
        arrivals_of(rows, with_sequence=True),
        n_customers=1, touchpoints=["x", "y"], channels=["unknown"], dictionary={},
    )  # fmt: skip
    assert arranged.order.tolist() == sorted(range(n), key=lambda row: (*rows[row], row))


@given(rows=ROWS)
def test_order_is_recognised(rows: list[tuple[int, int, int]]) -> None:
    customers, at_us, sequence = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    assert is_in_order(customers, at_us, sequence) == (rows == sorted(rows))


@pytest.mark.parametrize(
    ("field", "codes"),
    [("customers", [0, 4]), ("customers", [-1, 0]), ("touchpoints", [0, 2]),
     ("touchpoints", [0, -1]), ("channels", [1, 0]), ("stages", [5, 0])],
)  # fmt: skip
def test_codes_are_checked_before_a_kernel_sees_them(field: str, codes: list[int]) -> None:
    given_ = arrivals_of([(0, 1, 0), (1, 2, 0)], with_sequence=False)
    fields = {name: getattr(given_, name) for name in given_.__dataclass_fields__}
    with pytest.raises(InconsistentGraphError, match=field):
        arrange(
            Arrivals(**{**fields, field: np.array(codes)}),
            n_customers=4, touchpoints=["x", "y"], channels=["unknown"], dictionary={},
        )  # fmt: skip
