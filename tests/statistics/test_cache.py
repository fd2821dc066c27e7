"""What is kept is what was made, once, within the bound; what fails is not kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.cache import _PER_ENTRY, RecentValues


@dataclass(frozen=True)
class Value:
    """Something of a size."""

    name: object
    nbytes: int = 0


def values_of(n_entries: int) -> RecentValues:
    return RecentValues(n_entries * _PER_ENTRY)


def test_many_who_ask_at_once_wait_for_one_making() -> None:
    values = values_of(4)
    begin, made = threading.Barrier(8), []

    def make() -> Value:
        made.append(1)
        return Value("made")

    def get(_number: int) -> Value:
        begin.wait()
        return values.get("key", make)

    with ThreadPoolExecutor(8) as threads:
        assert len({id(value) for value in threads.map(get, range(8))}) == 1
    assert made == [1]
    assert (values.use.hits, values.use.misses, values.use.entries) == (7, 1, 1)


def test_an_error_is_told_and_not_kept() -> None:
    values = values_of(4)

    def fail() -> Value:
        raise InvalidOptionError("x", 1, "2")

    for _again in range(2):
        with pytest.raises(InvalidOptionError):
            values.get("key", fail)
    assert values.use.entries == values.use.bytes == 0
    assert values.get("key", lambda: Value(3)) == Value(3)


def test_an_interruption_concerns_only_whom_it_meets() -> None:
    values = values_of(4)
    begun, interrupt = threading.Event(), threading.Event()

    def interrupted() -> Value:
        begun.set()
        interrupt.wait()
        raise KeyboardInterrupt

    def first() -> str:
        with pytest.raises(KeyboardInterrupt):
            values.get("key", interrupted)
        return "interrupted"

    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first)
        begun.wait()
        other = threads.submit(values.get, "key", lambda: Value("other"))
        interrupt.set()
        assert one.result() == "interrupted"
        assert other.result() == Value("other")


def test_what_was_used_least_recently_goes_first() -> None:
    values = values_of(2)
    made = []

    def get(key: str) -> Value:
        def make() -> Value:
            made.append(key)
            return Value(key)

        return values.get(key, make)

    for key in "abacab":
        assert get(key) == Value(key)
    assert made == ["a", "b", "c", "b"]
    assert values.use.evicted == 2


@given(
    bound=st.integers(0, 20_000),
    asked=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9_000)), max_size=40),
)
def test_no_more_is_held_than_the_bound(bound: int, asked: list[tuple[int, int]]) -> None:
    values = RecentValues(bound)
    for key, size in asked:
        kept = values.get(key, lambda key=key, size=size: Value(key, size))  # type: ignore[misc]
        assert kept.name == key
        held = [values.known(other) for other in range(10)]
        sizes = [value.nbytes + _PER_ENTRY for value in held if value is not None]
        assert (sum(sizes), len(sizes)) == (values.use.bytes, values.use.entries)
        assert values.use.bytes <= bound


def test_what_is_being_made_is_not_known_yet() -> None:
    values = values_of(4)

    def make() -> Value:
        assert values.known("key") is None
        values.clear()
        return Value("late")

    assert values.get("key", make) == Value("late")
    assert values.known("key") is None  # everything was forgotten meanwhile
    assert values.use.bytes == 0


def test_what_was_made_elsewhere_can_be_put() -> None:
    values = values_of(4)
    values.put("key", Value("first"))
    values.put("key", Value("second"))
    assert values.known("key") == Value("first")
    assert (values.use.hits, values.use.misses, values.use.entries) == (0, 0, 1)


@pytest.mark.parametrize("bound", [-1, True])
def test_the_bound_is_a_number_of_bytes(bound: int) -> None:
    with pytest.raises(InvalidOptionError, match="a number of bytes, 0 or more"):
        RecentValues(bound)
