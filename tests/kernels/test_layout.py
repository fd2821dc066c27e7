from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph import graph_layout
from journeygraph.errors import InconsistentGraphError
from journeygraph.graph_layout import Arrivals, arrange, plain, rows_of_customers
from journeygraph.kernels.layout import find_insertions, insert_rows

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


@given(sizes=st.lists(st.integers(0, 3), max_size=9), data=st.data())
def test_the_rows_of_some_customers(sizes: list[int], data: st.DataObject) -> None:
    chosen = [customer for customer in range(len(sizes)) if data.draw(st.booleans())]
    owners = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.flatnonzero(np.isin(owners, chosen))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    customers = np.array(chosen, np.int64)
    own_starts = np.append(0, np.cumsum(np.diff(starts)[customers]))
    for before in (np.arange(len(owners)).astype(kind) for kind in ("u1", "u2", "u4", "i8")):
        after = rows_of_customers(starts[customers], own_starts, before)
        assert after.dtype == before.dtype
        assert after.tolist() == before[rows].tolist()


@pytest.mark.parametrize("threads", ["1", "2", "3", "9"])
@given(rows=ROWS)
def test_the_order_is_the_same_on_any_number_of_threads(
    rows: list[tuple[int, int, int]], threads: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_layout, "_CHUNK", 5)
        patch.setenv("JOURNEYGRAPH_THREADS", threads)
        arranged = arrange(
            arrivals_of(rows, with_sequence=True),
            n_customers=4, touchpoints=["x", "y"], channels=["unknown"],
            dictionary={"x": {"stage": "support"}},
        )  # fmt: skip
    expected = sorted(range(len(rows)), key=lambda row: (*rows[row], row))
    assert arranged.order.tolist() == expected
    assert arranged.stage_codes.tolist() == [4 * (row % 2 == 0) for row in expected]


@pytest.mark.parametrize("n", [24, 25, 48, 49, 1000, 1025])
def test_one_customer_with_everything_is_sorted(n: int) -> None:
    generator = np.random.default_rng(n)
    rows = [(0, int(at), int(sequence)) for at, sequence in generator.integers(0, n // 4, (n, 2))]
    arranged = arrange(
        arrivals_of(rows, with_sequence=True),
        n_customers=1, touchpoints=["x", "y"], channels=["unknown"], dictionary={},
    )  # fmt: skip
    assert arranged.order.tolist() == sorted(range(n), key=lambda row: (*rows[row], row))


@given(rows=ROWS, later=ROWS, with_sequence=st.tuples(st.booleans(), st.booleans()))
def test_later_rows_go_where_a_sort_of_all_puts_them(
    rows: list[tuple[int, int, int]],
    later: list[tuple[int, int, int]],
    with_sequence: tuple[bool, bool],
) -> None:
    old, new = (
        sorted((customer, at, sequence * said) for customer, at, sequence in part)
        for part, said in zip((rows, later), with_sequence, strict=True)
    )
    new = [(customer + 1, at, sequence) for customer, at, sequence in new]  # one of them is new
    arrays = [np.array(part, np.int64).reshape(-1, 3).T.copy() for part in (old, new)]
    (customers, at_us, sequence), (new_customers, new_at_us, new_sequence) = arrays
    starts = np.searchsorted(customers, np.arange(4)).astype(np.int64)
    before = np.zeros(len(new), np.int64)
    find_insertions(
        plain(starts), plain(at_us), plain(sequence if with_sequence[0] else []),
        plain(new_customers), plain(new_at_us), plain(new_sequence if with_sequence[1] else []),
        before,
    )  # fmt: skip
    expected = sorted([*old, *new])
    for column, old_column, new_column in zip(range(3), *arrays, strict=True):
        merged = np.zeros(len(expected), np.int64)
        insert_rows(
            plain(old_column).view(np.uint8), plain(new_column).view(np.uint8), plain(before), 8,
            merged.view(np.uint8),
        )  # fmt: skip
        assert merged.tolist() == [row[column] for row in expected]


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
