from __future__ import annotations

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.json_columns import codes_of, names_in, text_of
from journeygraph.texts import Texts

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=12)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "x", "é\"'"]))
OBJECTS = st.lists(
    st.one_of(st.none(), st.dictionaries(st.sampled_from(["a", "b.c", "", "'\"\\", "[0]"]), VALUES))
)


@given(texts=TEXTS, start=st.integers(-3, 12))
def test_texts_are_what_they_were(texts: list[str], start: int) -> None:
    held = Texts.of(texts)
    assert (len(held), list(held), held[start:]) == (len(texts), texts, texts[start:])
    assert list(Texts.from_arrow(pa.array(texts, pa.string()))) == texts
    parts = [pa.array(texts[:2], pa.string()), pa.array(texts[2:], pa.large_string())]
    assert list(Texts.from_arrow(*parts)) == texts
    assert list(Texts.from_arrow()) == []
    places = np.arange(len(texts))[::-2]
    assert list(held.select(places)) == [texts[place] for place in places]
    assert list(Texts.from_arrow(pa.array(["zz", *texts], pa.string()).slice(1))) == texts
    assert held.to_arrow().to_pylist() == texts
    assert [held[place] for place in range(len(texts))] == texts


@given(texts=TEXTS, wanted=st.lists(st.text(max_size=3), max_size=5))
def test_texts_are_found_where_they_are(texts: list[str], wanted: list[str]) -> None:
    distinct = list(dict.fromkeys(texts))
    asked = [*wanted, *distinct[::2]]
    found = Texts.of(distinct).find(asked)
    assert found.tolist() == [distinct.index(t) if t in distinct else -1 for t in asked]


def test_a_place_beyond_the_end_is_an_error() -> None:
    for place in (2, -3):
        with pytest.raises(IndexError):
            Texts.of(["a", "b"])[place]


@given(objects=OBJECTS, cut=st.integers(0, 5))
def test_columns_of_objects(objects: list[dict[str, object] | None], cut: int) -> None:
    texts = [None if row is None else orjson.dumps(row).decode() for row in objects]
    batches = [pa.array(texts[:cut], pa.string()), pa.array(texts[cut:], pa.string())]
    rows = [row or {} for row in objects]
    said = [{name: value for name, value in row.items() if value not in (None, "")} for row in rows]
    assert names_in(batches) == list(dict.fromkeys(name for row in said for name in row))
    for name in ("a", "b.c", "", "'\"\\", "[0]", "nowhere"):
        codes, names = codes_of(batches, name)
        there = [names[code] if code >= 0 else None for code in codes.tolist()]
        assert there == [text_of(row.get(name)) for row in said]


def test_values_read_as_json_writes_them() -> None:
    assert [text_of(value) for value in (True, 1.5, "1.50", 3, [1, "x"], None, "")] == [
        "true", "1.5", "1.50", "3", '[1,"x"]', None, None
    ]  # fmt: skip
    assert codes_of([pa.array([], pa.string())], "a")[0].dtype == np.int32
