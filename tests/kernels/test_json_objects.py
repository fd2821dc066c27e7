"""JSON objects out of columns, held to Python's own JSON."""

import json

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.json_objects import add_sizes, close_objects, write_values


def written(columns, n_rows):
    """The JSON text of each row, empty where it has no value."""
    sizes = np.zeros(n_rows, np.int64)
    parts = []
    for name, texts in columns.items():
        encoded = [text.encode() for text in texts]
        offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
        offsets.flags.writeable = False
        data = np.frombuffer(b"".join(encoded), np.uint8)
        key = np.frombuffer(json.dumps(name).encode() + b":", np.uint8)
        add_sizes(offsets, data, len(key), sizes)
        parts.append((offsets, data, key))
    ends = np.cumsum(sizes)
    begins = ends - sizes
    cursors = begins.copy()
    out = np.zeros(int(ends[-1]) if n_rows else 0, np.uint8)
    for offsets, data, key in parts:
        write_values(offsets, data, key, begins, cursors, out)
    close_objects(begins, cursors, out)
    whole = out.tobytes()
    return [whole[begin:end].decode() for begin, end in zip(begins, ends, strict=True)]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
tables = st.integers(0, 6).flatmap(
    lambda n_rows: st.tuples(
        st.just(n_rows),
        st.dictionaries(texts, st.lists(texts, min_size=n_rows, max_size=n_rows), max_size=4),
    )
)


@given(tables)
@example((2, {'a"\\': ['q"\n', ""], "b": ["\x00\x1f\x7f", ""], "ü": ["😀", ""]}))
def test_objects_hold_what_is_not_empty(drawn):
    n_rows, columns = drawn
    for row, text in enumerate(written(columns, n_rows)):
        expected = {name: values[row] for name, values in columns.items() if values[row]}
        assert (json.loads(text) if text else {}) == expected
        assert list(json.loads(text) if text else {}) == list(expected)
